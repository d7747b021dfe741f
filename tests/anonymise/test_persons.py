"""Persons in a whole conversation: one person, one placeholder; every name everywhere; later messages; people everybody knows."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharelm.anonymise.engine import Anonymised, anonymise_texts
from sharelm.anonymise.model import names_run
from sharelm.anonymise.people import group
from sharelm.vocabulary import Role

WORDS = [
    *("Alice", "Alice Weber", "Ms Weber", "Bob", "Rae", "weber", "alice", "my friend", "Dear", "Mark", "mark", "Rose", "will", "Will", "said", "and"),
    *(",", ".", ":", "\n", "`", "```\n", "my name is", "I'm", "A.", "van", "de", "Berg", "Paris", "Marie Curie", "who was", "[PERSON_1]", "'s"),
    *("alice@example.org", "O'Brien", "JOHN SMITH", "x_alice", "Kosara Reisl", "12 Weber Street"),
]
MESSAGES = st.lists(st.lists(st.sampled_from(WORDS) | st.text(max_size=3), max_size=9).map(" ".join), max_size=4)


def test_one_person_gets_one_placeholder_under_all_names() -> None:
    result = anonymise(["My friend Alice called.", "Was that Alice Weber?", "Yes, Ms Weber. ALICE WEBER, alice.", "Bob said no."])
    assert result.texts == ("My friend [PERSON_1] called.", "Was that [PERSON_1]?", "Yes, [PERSON_1]. [PERSON_1], [PERSON_1].", "[PERSON_2] said no.")


def test_a_first_name_that_two_persons_share_belongs_to_the_one_named_first() -> None:
    result = anonymise(["My friends Alice Weber and Alice Tanaka fight.", "Alice is angry."])
    assert result.texts == ("My friends [PERSON_1] and [PERSON_2] fight.", "[PERSON_1] is angry.")


def test_a_name_is_carried_through_the_conversation_code_included() -> None:
    result = anonymise(["Please fix this for Alice Weber.", "```python\nalice_age = ages['Alice Weber']  # weber\n```\nand `alice`", "Tell WEBER."])
    assert result.texts[1] == "```python\n[PERSON_1]_age = ages['[PERSON_1]']  # [PERSON_1]\n```\nand `[PERSON_1]`"
    assert result.texts[2] == "Tell [PERSON_1]."


def test_names_in_code_alone_are_left() -> None:
    text = "```python\nusers = ['Alice Weber']\n```\nand `Alice Weber`"
    assert anonymise([text]).texts == (text,)


def test_a_name_that_is_a_word_is_carried_only_with_a_capital_inside_a_sentence() -> None:
    result = anonymise(["My friend Mark Black is ill.", "Mark the box. I saw Mark on black ice, `mark`."])
    assert result.texts == ("My friend [PERSON_1] is ill.", "Mark the box. I saw [PERSON_1] on black ice, `mark`.")


def test_a_later_message_is_searched_for_those_who_are_known_by_digests() -> None:
    first = anonymise(["My friend Yulan Weber called."])
    later = anonymise(["Yulan again! and weber_id in `weber`, with Yulan Weber"], known=first.known, taken=first.texts)
    assert later.texts == ("[PERSON_1] again! and weber_id in `[PERSON_1]`, with [PERSON_1]",)


def test_a_name_that_comes_up_later_is_taken_out_of_what_is_kept() -> None:
    first = anonymise(["So what about Keto and the rest?", "nothing"])
    assert "Keto" in first.texts[0]
    later = anonymise(["My boss is Keto Waller."], known=first.known, taken=first.texts)
    assert (later.texts, later.kept, later.kept_redactions) == (
        ("My boss is [PERSON_1].",),
        ("So what about [PERSON_1] and the rest?", "nothing"),
        (1, 0),
    )


def test_who_was_known_by_one_name_can_turn_out_to_have_another() -> None:
    first = anonymise(["My friend Alice called."])
    later = anonymise(["Alice Weber is her name.", "Ms Weber!"], known=first.known, taken=first.texts)
    assert later.texts == ("[PERSON_1] is her name.", "[PERSON_1]!")
    other = anonymise(["My friend Alice Tanaka too."], known=later.known, taken=later.texts)
    assert other.texts == ("My friend [PERSON_2] too.",)


def test_a_name_inside_of_something_longer_is_not_carried() -> None:
    result = anonymise(["Mail alice.weber@example.org, not https://x.com/rossi", "weber is German for weaver"])
    assert result.texts == ("Mail [EMAIL_ADDRESS_1], not [URL_1]", "weber is German for weaver")


@pytest.mark.parametrize(
    "text",
    [
        "Who was Marie Curie, and what did Marie discover?",
        "Explain Einstein's theory and the work of Ada Lovelace.",
        "Compare Harry Potter with Frodo Baggins. Why does Harry leave?",
        "Zeno Weber (1879–1955) painted it.",
        "Was hat Johann Wolfgang von Goethe geschrieben?",
        "Donald Trump met Angela Merkel in 2017.",
    ],
)
def test_those_whom_everybody_knows_are_left_alone(text: str) -> None:
    assert anonymise([text]).texts == (text,)


def test_those_whom_everybody_knows_are_left_alone_when_a_later_message_is_read_again() -> None:
    result = anonymise(["Tell me of Harry Potter.", "Then Harry said no. Write to alice@example.org."])
    assert result.texts == ("Tell me of Harry Potter.", "Then Harry said no. Write to [EMAIL_ADDRESS_1].")


def test_one_of_their_first_name_is_not_when_a_message_is_read_again() -> None:
    result = anonymise(["Tell me of Harry Potter. My friend Harry Weber called.", "Then Harry said no. Write to alice@example.org."])
    assert result.texts[1] == "Then [PERSON_1] said no. Write to [EMAIL_ADDRESS_1]."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("My name is Harry Potter and I need a lawyer.", "My name is [PERSON_1] and I need a lawyer."),
        ("My boss Donald Trump is not the one you think of.", "My boss [PERSON_1] is not the one you think of."),
        ("Dear Michael Jordan, your order is late.", "Dear [PERSON_1], your order is late."),
        ("Patient: Emma Watson", "Patient: [PERSON_1]"),
        ("Emma Watson, phone +49 170 1234567", "[PERSON_1], phone [PHONE_NUMBER_1]"),
    ],
)
def test_those_of_their_names_who_are_meant_personally_are_not(text: str, expected: str) -> None:
    assert anonymise([text]).texts == (expected,)


def test_full_names_gather_the_short_ones() -> None:
    names = [("anna",), ("anna", "rossi"), ("rossi",), ("a", "rossi"), ("anna", "maria", "rossi"), ("marco", "rossi"), ("bob",)]
    assert group(names) == {
        ("anna",): ("anna", "maria", "rossi"),
        ("anna", "rossi"): ("anna", "maria", "rossi"),
        ("rossi",): ("anna", "maria", "rossi"),
        ("a", "rossi"): ("anna", "maria", "rossi"),
        ("anna", "maria", "rossi"): ("anna", "maria", "rossi"),
        ("marco", "rossi"): ("marco", "rossi"),
        ("bob",): ("bob",),
    }


@settings(max_examples=150, deadline=None)
@given(MESSAGES, st.booleans())
def test_what_came_out_comes_back_unchanged(messages: list[str], knows: bool) -> None:
    first = anonymise(messages)
    again = anonymise(first.texts, known=first.known if knows else {})
    assert again.texts == first.texts


@pytest.mark.skipif(not names_run(), reason="requirements-names.txt is not installed")
def test_the_model_finds_names_that_no_list_knows_in_what_people_write() -> None:
    text = "Yesterday Qirvanelle Osterbruk and I went to the lake, and Osterbruk nearly drowned."
    assert anonymise([text], names=True).texts == ("Yesterday [PERSON_1] and I went to the lake, and [PERSON_1] nearly drowned.",)
    assert anonymise([text], names=True, roles=[Role.ASSISTANT]).texts == (text,)
    assert anonymise([text]).texts == (text,)


@pytest.mark.skipif(not names_run(), reason="requirements-names.txt is not installed")
def test_the_model_is_not_asked_about_other_languages_and_technical_texts() -> None:
    texts = [
        "Die Bundesregierung plant neue Gesetze für den Klimaschutz. Der Minister sprach mit der Presse.",
        "# Tidelift\n\n- see `Tidelift` and [Quickstart](https://example.org)\n- `Zorbax` uses Zorbax::run()\n\nTidelift will help Zorbax.",
    ]
    assert anonymise(texts, names=True).texts == tuple(texts)


def anonymise(texts: list[str] | tuple[str, ...], **more: object) -> Anonymised:
    return anonymise_texts(texts, digest=digest, **more)  # type: ignore[arg-type]


def digest(text: str) -> str:
    return hmac.new(b"a key for tests", text.encode(), hashlib.sha256).hexdigest()
