"""Phone numbers: international, by their form, by the words around them; and everything else that is made of digits."""

from __future__ import annotations

import pytest

from sharelm.anonymise.detectors import phone_number

HITS = [
    ("555-123-4567", ["555-123-4567"]),
    ("(11) 91234-5678", ["(11) 91234-5678"]),
    ("mi número es 778.010.0220.", ["778.010.0220"]),
    ("Mój numer to 720 402 899", ["720 402 899"]),
    ("Du erreichst mich unter 055 589 93 40", ["055 589 93 40"]),
    ("my number is 1727666220, text me", ["1727666220"]),
    ("T: 044 668 18 00", ["044 668 18 00"]),
    ("ligue para 11 91234-5678", ["11 91234-5678"]),
    ("phone: 4494898", ["4494898"]),
    ("+49 170 1234567", ["+49 170 1234567"]),
    ("my number: +1-202-555-0143.", ["+1-202-555-0143"]),
    ("+44 20 7946 0958, +33 1 99 00 12 34", ["+44 20 7946 0958", "+33 1 99 00 12 34"]),
    ("+49 (0)30 901820", ["+49 (0)30 901820"]),
    ("0049 170 1234567", ["0049 170 1234567"]),
    ("+49 170 1234567 2024 was better", ["+49 170 1234567"]),
    ("(tel:+4915112345678)", ["+4915112345678"]),
    ("ask at (303) 555-7090 x12 today", ["(303) 555-7090 x12"]),
    ("303-555-7090", ["303-555-7090"]),
    ("303.555.7090 24 hours a day", ["303.555.7090"]),
    ("1-303-555-7090", ["1-303-555-7090"]),
    ("(0117) 4960478", ["(0117) 4960478"]),
    ("06 58 95 46 94", ["06 58 95 46 94"]),
    ("My phone is 3792695468.", ["3792695468"]),
    ("Telefon: 030/1234567", ["030/1234567"]),
    ("call me at 449 4898", ["449 4898"]),
    ("Call Ian on 32 5903-0331 or 83 4381-9792", ["32 5903-0331", "83 4381-9792"]),
    ("+49 170 1234567 oder 0821 123456", ["+49 170 1234567", "0821 123456"]),
    ("92 34 70-Office", ["92 34 70"]),
    ("mi móvil: 612 345 678", ["612 345 678"]),
    ("my new number is 0171 1234567", ["0171 1234567"]),
    ("rae@example.org, 15 8786-1465", ["15 8786-1465"]),
    ("1,Rae Stone,rae@example.org,5787200977", ["5787200977"]),
    ("052-941 30 78 | rae@example.org", ["052-941 30 78"]),
    ("Contact Rae at rae@example.org or 799 226 380.", ["799 226 380"]),
    ("Rae Stone (0757 114 837) is the contact person.", ["0757 114 837"]),
    ("My phone number is 08-718 71 32. My wife's is 049-507 65 04.", ["08-718 71 32", "049-507 65 04"]),
    ("puhelinnumeroni 0859661417", ["0859661417"]),
    ("Rae Stone\nSandlid 880\nHolten\n061 2526061", ["061 2526061"]),
    ("Ich bin bitte nicht zu stören, sonst 0170 1234567 und fertig", ["0170 1234567"]),
    ("My old number was 055-3971791, the new one is 0386-066892.", ["055-3971791", "0386-066892"]),
    ("What's Rae's number? It's 35143565027.", ["35143565027"]),
    ("Send a fax to 21589904 please", ["21589904"]),
    ("Leave a message at 136-618-8528.", ["136-618-8528"]),
    ("Contatto: 018760756", ["018760756"]),
    ("recovery number 0746 116 724", ["0746 116 724"]),
    ("RSVP 03.9816.4494", ["03.9816.4494"]),
    ("| Name | Phone |\n|---|---|\n| Rae Stone | 0262 010 595 |", ["0262 010 595"]),
    ("so (02917) 10089 897 now", ["(02917) 10089 897"]),
]

NEAR_MISSES = [
    "| Name | Sum |\n|---|---|\n| Rae Stone | 0262 010 595 |",
    "mobile revenue grew to 12500000",
    "1500000 users on mobile, 2000000 on web",
    "contact form id 12345678",
    "the call centre handled 1 250 000 calls",
    "2024-01-31 12:30:59",
    "call on 31.01.2024",
    "call me on 12/25/2024",
    "from 1995-2005",
    "call at 20240131",
    "ISBN 978-3-16-148410-0",
    "contact: 978-3-16-148410-0",
    "the phone costs $1200000",
    "phone: 1200000 €",
    "1234567.89",
    "call 1.2.3.4",
    "version 2.31.0",
    "timestamp 1700000000",
    "call at 1700000000",
    "order 123456789012345678",
    "my phone 1234 5678 9012 3456 7890",
    "id 4492-8841-2231",
    "123-456-7890",
    "+0100",
    "UTC+05:30",
    "x = +12345678901",
    "1,234,567,890",
    "3.14159265358979",
    "call me at 10:30 - 11:45",
    "6 12 24 48 96 192 384 768 1536 3072",
    "row 12 34 56 78 90",
    "+999 123 4567",
    "0012345678",
    "0170 1234567",
    "call 12345",
    "call it 7 times",
    "192.168.178.21",
    "deadbeef 0123456789abcdef",
    "89 370 400",
    "a1b2c3 4567890",
    "port 8080 and 9090",
    "rae@example.org, 2024-01-31 12:30",
    "rae@example.org, 1234567",
    "the value (0123456) is octal",
    "f (0123456789)x",
    "Her salary is 049-507 65 04.",
    "The first prize\nThe second prize\n061 2526061",
    "Rows 12\nSum\n12500000000",
]


@pytest.mark.parametrize(("text", "expected"), HITS)
def test_it_finds_phone_numbers(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_it_leaves_what_only_looks_like_a_phone_number(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("value", ["+49 (0)170/12 34 567", "0049 170 1234567", "+491701234567"])
def test_it_compares_spellings_of_one_number(value: str) -> None:
    assert phone_number.normalise(value) == "+491701234567"


def found(text: str) -> list[str]:
    spans = list(phone_number.find(text))
    assert {span.entity_type for span in spans} <= {"PHONE_NUMBER"}
    return [text[span.start : span.end] for span in sorted(spans, key=lambda span: span.start)]
