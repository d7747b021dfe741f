"""Letters that are written as a letter and its accents one after the other are found like those that are one sign."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharelm.anonymise.conversation import find_conversation_spans
from sharelm.anonymise.engine import anonymise_texts
from sharelm.anonymise.letters import Composed
from sharelm.vocabulary import Role
from tests.anonymise.test_gate import MIXED

TEXTS = [
    "My name is Jürgen Müller.",
    "Dear Zoë, write to José García Núñez.",
    "Mein Name ist Jürgen Müller, ich wohne in der Königstraße 12, 80331 München.",
    "my name is renée dupré",
    "Ms Müller called. `müller = 1`",
    "Héloïse Côté: 12 rue de l’Église, 75011 Paris",
    "Peter and İbrahim Çelik met Şule Öztürk.",
    "E-mail: jürgen.müller@example.org",
]


def apart(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize("text", TEXTS)
def test_a_name_is_found_in_either_spelling(text: str) -> None:
    (as_usual,) = anonymise_texts([text], digest=str).texts
    assert "[" in as_usual
    assert unicodedata.normalize("NFC", anonymise_texts([apart(text)], digest=str).texts[0]) == as_usual


def test_both_spellings_in_one_conversation_are_one_person() -> None:
    texts = ["My name is Jürgen Müller.", apart("Jürgen Müller asked, and Jürgen waits.")]
    found = anonymise_texts(texts, roles=[Role.USER, Role.ASSISTANT], digest=str)
    assert found.texts == ("My name is [PERSON_1].", "[PERSON_1] asked, and [PERSON_1] waits.")
    later = anonymise_texts([apart("Jürgen Müller is here.")], digest=str, known=found.known, taken=found.texts)
    assert later.texts == ("[PERSON_1] is here.",)


@settings(max_examples=200, deadline=None)
@given(text=MIXED)
def test_places_are_those_of_the_text_as_it_was_written(text: str) -> None:
    written = apart(text)
    composed = Composed(written).text
    (found,) = find_conversation_spans([written], [Role.USER], names=False)
    for span in found:
        place = written[span.start : span.end]
        assert place
        assert Composed(place).text in composed
        assert not unicodedata.combining(written[span.end : span.end + 1] or " ")


def test_a_key_is_found_whatever_its_last_letter_would_become() -> None:
    key = "sk-aB3dE5gH7jK9mN1pQ3su"
    (found,) = anonymise_texts([f"it is {key}\u0308 192.0.2.77"], digest=str).texts
    assert found == "it is [SECRET_1] [IP_ADDRESS_1]"


@given(text=st.text(alphabet="au1 \u0308\u0301ü", max_size=12), ends=st.tuples(st.integers(0, 12), st.integers(0, 12)))
def test_a_place_as_written_is_within_the_letters_that_it_touches(text: str, ends: tuple[int, int]) -> None:
    start, end = sorted(min(at, len(text)) for at in ends)
    letters = Composed(text)
    here = letters.place(start, end)
    assert 0 <= here[0] <= here[1] <= len(letters.text)
    whole = letters.region(*here)
    assert whole[0] <= start <= end <= whole[1]


@given(text=st.text(alphabet="aeu1 \n\u0308\u0301ü日", max_size=40))
def test_every_place_between_letters_leads_back(text: str) -> None:
    letters = Composed(text)
    for at in range(len(letters.text) + 1):
        start, end = letters.region(0, at)
        assert 0 == start <= end <= len(text)
    assert letters.region(0, len(letters.text)) == (0, len(text))
    assert unicodedata.normalize("NFC", text) == unicodedata.normalize("NFC", letters.text)
