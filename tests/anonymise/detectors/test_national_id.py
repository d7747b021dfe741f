"""National numbers: one valid number of every country that is looked for, with a digit changed, and with no word before it."""

from __future__ import annotations

import pytest

from sharelm.anonymise.detectors import national_id

# Valid by their check digits, and invented; the word is said where chance alone could produce the check digits.
BY_FORM = [
    ("AR", "20-05536168-2"),
    ("BE", "85.07.30-033.28"),
    ("BR", "390.533.447-05"),
    ("CH", "756.9217.0769.85"),
    ("CL", "12.531.909-2"),
    ("CN", "360426199101010071"),
    ("CZ", "736028/5163"),
    ("DE", "65 170839 J 003"),
    ("ES", "54362315K"),
    ("ES", "X2482300W"),
    ("FI", "131052-308T"),
    ("FR", "2 95 10 99 126 111 93"),
    ("GB", "AB 12 34 56 C"),
    ("HK", "A123456(3)"),
    ("IN", "ABCPD1234E"),
    ("IS", "450401-3150"),
    ("IT", "RCCMNL83S18D969H"),
    ("KR", "971013-9019902"),
    ("MX", "BOXW310820HNERXN09"),
    ("MX", "GODE561231GR8"),
    ("MY", "770305-02-1234"),
    ("PK", "34201-0891231-8"),
    ("PT", "00000000 0 ZZ4"),
    ("RU", "112-233-445 95"),
    ("SE", "880320-0016"),
    ("SG", "S1234567D"),
    ("TH", "1-2345-45678-78-1"),
    ("US", "912-90-3456"),
]
BY_WORD = [
    ("AU", "TFN", "123 456 782"),
    ("BG", "EGN", "7523169263"),
    ("CA", "SIN", "123 456 782"),
    ("DE", "Steuer-ID", "36 574 261 809"),
    ("DK", "CPR", "211062-5629"),
    ("EE", "isikukood", "36805280109"),
    ("GB", "NHS", "943 476 5870"),
    ("GR", "AMKA", "01013099997"),
    ("HR", "OIB", "33392005961"),
    ("IE", "tax number is", "6433435F"),
    ("IL", "ID", "039337423"),
    ("IN", "Aadhaar", "2341 2341 2346"),
    ("LT", "asmens kodas", "33309240064"),
    ("NL", "BSN", "111222333"),
    ("PL", "PESEL", "44051401359"),
    ("PT", "NIF", "501 964 843"),
    ("RO", "CNP", "1630615123457"),
    ("SI", "EMŠO", "0101006500006"),
    ("TR", "kimlik", "17291716060"),
    ("ZA", "ID", "7503305044089"),
]
NEAR_MISSES = [
    "1700000000000",
    "2024-01-31 12:30",
    "id 11111111111",
    "phone 020 7946 0958",
    "12345678A",
    "QQ123456C",
    "test123456abc",
    "order 44051401359",
    "ISBN 978-3-16-148410-0",
    "550e8400-e29b-41d4-a716-446655440000",
    "commit 3f2a9c1d8e7b",
    "1.234.567-8",
]


@pytest.mark.parametrize(("country", "value"), BY_FORM)
def test_it_finds_numbers_that_their_form_gives_away(country: str, value: str) -> None:
    assert found(f"it says {value}, and so on") == [value], country


@pytest.mark.parametrize(("country", "word", "value"), BY_WORD)
def test_it_finds_other_numbers_where_a_word_speaks_of_them(country: str, word: str, value: str) -> None:
    assert found(f"my {word} {value}.") == [value], country
    assert found(f"we sold {value} of them") == [], country


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_it_leaves_what_only_looks_like_a_national_number(text: str) -> None:
    assert found(text) == []


def test_it_knows_at_least_twenty_five_countries_by_their_check_digits() -> None:
    assert len({scheme.country for scheme in national_id.SCHEMES}) >= 25


@pytest.mark.parametrize("scheme", national_id.SCHEMES, ids=lambda scheme: f"{scheme.country} {scheme.check}")
def test_every_check_answers_for_every_form_of_its_number(scheme: national_id.Scheme) -> None:
    for shape in scheme.shapes:
        for digit, letter in (("1", "A"), ("9", "Z"), ("0", "K")):
            value = shape.replace("9", digit).replace("A", letter)
            assert isinstance(national_id.is_valid(scheme, value), bool)


def found(text: str) -> list[str]:
    spans = list(national_id.find(text))
    assert {span.entity_type for span in spans} <= {"NATIONAL_ID"}
    return [text[span.start : span.end] for span in spans]
