"""Numbers that the words before them make somebody's: papers, customers, patients, students, bookings."""

from __future__ import annotations

import pytest

from sharelm.anonymise.detectors import id_number

HITS = [
    ("My passport number is LQ2051745 and", ["LQ2051745"]),
    ("My passport number is X4RTBPFW4.", ["X4RTBPFW4"]),
    ("my driver's license number is a56319335", ["a56319335"]),
    ("driving licence no. LH329609T", ["LH329609T"]),
    ("My MRN is 35305558.", ["35305558"]),
    ("policy number: POL-26424417", ["POL-26424417"]),
    ("tax ID is 62-0547028 and", ["62-0547028"]),
    ("account number is 6107156451", ["6107156451"]),
    ("employee ID is EMP-667255", ["EMP-667255"]),
    ("student id: S1234567A, please", ["S1234567A"]),
    ("claim #445566", ["445566"]),
    ("order number 112-3456789-1234567", ["112-3456789-1234567"]),
    ("Case number 2023-CV-01234", ["2023-CV-01234"]),
    ("My RFC: GODE561231", ["GODE561231"]),
    ("Kundennummer: 123-456-7", ["123-456-7"]),
    ("Personalausweis L01X00T47", ["L01X00T47"]),
    ("meine Matrikelnummer ist 4711815", ["4711815"]),
    ("numéro de passeport : 12AB34567", ["12AB34567"]),
    ("n° client 8827364", ["8827364"]),
    ("mi número de cuenta es 12345678", ["12345678"]),
    ("pasaporte n.º AAB123456", ["AAB123456"]),
    ("numero di passaporto YA1234567", ["YA1234567"]),
    ("número do passaporte FB123456", ["FB123456"]),
    ("paspoortnummer NX1234567", ["NX1234567"]),
    ("dowodu osobistego ABC 123456", ["ABC 123456"]),
    ("confirmation number is HM4XK2PQ", ["HM4XK2PQ"]),
    ("numer konta 61109010140000071219812874", ["61109010140000071219812874"]),
    ("booking reference: 88AB1234", ["88AB1234"]),
    ("my license is LA4430002.", ["LA4430002"]),
    ("carta d'identità n. 418052862", ["418052862"]),
    ("sobre o contrato KFF7384612.", ["KFF7384612"]),
    ("to collect my parcel. ID AF4593813.", ["AF4593813"]),
    ("car and licence NK2048714", ["NK2048714"]),
    ("Pass BN2679801, bitte", ["BN2679801"]),
]

NEAR_MISSES = [
    "pass ABC to it, id abc",
    "order 5555 of the",
    "the account 12345",
    "id=12345",
    "in case 12345 happens",
    "passport is required by 2024",
    "The driver's license exam has 40 questions in 2024.",
    "RFC 7230 and (RFC-3659)",
    "run 12345 steps",
    "My account balance is 5000 dollars",
    "user 12345 clicked on item 6789",
    "invoice of 12000 €",
    "account number",
    "policy number 12",
    "the license is MIT2024",
    "my license is valid until 2031",
    "contract 12345678 of the law",
    "ticket 1234 was closed",
    "patient since 12/05/2020",
    "customer number is 1111",
    "https://example.org/?customer=12345",
]


@pytest.mark.parametrize(("text", "expected"), HITS)
def test_it_finds_numbers_of_ids(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_it_leaves_what_only_looks_like_the_number_of_an_id(text: str) -> None:
    assert found(text) == []


def test_it_looks_only_before_numbers_and_finds_all_of_a_long_text() -> None:
    assert found("no number here. " * 50 + "My MRN is 35305558. " + "nor here. " * 50 + "policy number: POL-26424417") == ["35305558", "POL-26424417"]


def found(text: str) -> list[str]:
    spans = list(id_number.find(text))
    assert {span.entity_type for span in spans} <= {"ID_NUMBER"}
    return [text[span.start : span.end] for span in spans]
