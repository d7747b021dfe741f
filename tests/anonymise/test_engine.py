"""The engine: numbering, growth, foreign placeholders, and that nothing outlives a call."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharelm.anonymise.engine import Anonymised, anonymise_texts, replace_places

FRAGMENTS = [
    "anna@example.org", "bob@example.org", "call me at", "+49 170 1234567", "0171 1234567", "84.12.7.200", "4111 1111 1111 1111", "SSN 536-90-4399",
    "DE89 3704 0044 0532 0130 00", "https://x.com/anna", "https://example.org/?token=a1b2c3", "postgres://u:9fX2w@h.example/d", "42:4F:98:7D:49:89",
    "[EMAIL_ADDRESS_1]", "[PHONE_NUMBER_2]", "[PERSON_1]", "NAME_1", "<PRESIDIO_ANONYMIZED_PERSON>", "`", "```\n", "\n", " ", "-", ":", "@", ".",
    "7", "or",
]  # fmt: skip
MESSAGES = st.lists(st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=4), max_size=8).map(" ".join), max_size=4)


def test_it_numbers_by_type_in_the_order_of_the_conversation() -> None:
    result = anonymise(["anna@example.org and bob@example.org", "+49 170 1234567, then carol@example.org"])
    assert result.texts == ("[EMAIL_ADDRESS_1] and [EMAIL_ADDRESS_2]", "[PHONE_NUMBER_1], then [EMAIL_ADDRESS_3]")
    assert result.redactions == (2, 2)
    assert result.counts == {"EMAIL_ADDRESS": 3, "PHONE_NUMBER": 1}


def test_it_gives_one_value_one_number_however_it_is_written() -> None:
    result = anonymise(["Anna@Example.org", "bob@example.org", "mail anna@example.org again", "4111 1111 1111 1111", "4111111111111111"])
    assert result.texts == ("[EMAIL_ADDRESS_1]", "[EMAIL_ADDRESS_2]", "mail [EMAIL_ADDRESS_1] again", "[CREDIT_CARD_1]", "[CREDIT_CARD_1]")


def test_it_goes_on_counting_when_the_conversation_grows() -> None:
    first = anonymise(["anna@example.org"])
    second = anonymise(["bob@example.org wrote to anna@example.org"], known=first.known, taken=first.texts)
    assert second.texts == ("[EMAIL_ADDRESS_2] wrote to [EMAIL_ADDRESS_1]",)
    assert list(second.known["EMAIL_ADDRESS"].values()) == [1, 2]
    assert list(first.known["EMAIL_ADDRESS"].values()) == [1]


def test_growing_bit_by_bit_gives_what_all_at_once_gives() -> None:
    messages = ["anna@example.org", "bob@example.org, +49 170 1234567", "anna@example.org, carol@example.org"]
    known: dict[str, dict[str, int]] = {}
    bit_by_bit: list[str] = []
    for message in messages:
        result = anonymise([message], known=known, taken=bit_by_bit)
        known, bit_by_bit = result.known, [*bit_by_bit, *result.texts]
    assert tuple(bit_by_bit) == anonymise(messages).texts


def test_it_never_gives_away_a_number_that_stands_in_the_conversation() -> None:
    result = anonymise(["[EMAIL_ADDRESS_1] or anna@example.org"], taken=["see [EMAIL_ADDRESS_2]", "[EMAIL_ADDRESS_004]"])
    assert result.texts == ("[EMAIL_ADDRESS_1] or [EMAIL_ADDRESS_3]",)
    assert anonymise(["[PHONE_NUMBER_1] anna@example.org"]).texts == ("[PHONE_NUMBER_1] [EMAIL_ADDRESS_1]",)


@pytest.mark.parametrize(
    "text",
    [
        "<PRESIDIO_ANONYMIZED_PERSON>",
        "NAME_1 and NAME_2",
        "[PERSON_1]",
        "<TRUFFLEHOG_REDACTED_AWS>",
        "call me at [PHONE_NUMBER_1]",
        "[US_SSN_536904]",
        "",
    ],
)
def test_it_leaves_placeholders_of_others(text: str) -> None:
    assert anonymise([text]).texts == (text,)


def test_it_finds_what_stands_beside_a_placeholder() -> None:
    assert anonymise(["call NAME_1 on 0171 1234567, <PRESIDIO_ANONYMIZED_PERSON>@84.12.7.200"]).texts == (
        "call NAME_1 on [PHONE_NUMBER_1], <PRESIDIO_ANONYMIZED_PERSON>@[IP_ADDRESS_1]",
    )


def test_places_that_touch_stay_two() -> None:
    assert anonymise(["anna@example.org+49 170 1234567"]).texts == ("[EMAIL_ADDRESS_1][PHONE_NUMBER_1]",)


def test_it_replaces_only_secrets_and_addresses_in_code() -> None:
    text = "```\nPORT='84.12.7.200'\nMAIL='anna@example.org'\nDB='postgres://u:9fX2w@h.example/d'\n```\nat `84.12.7.201` and 84.12.7.202"
    assert anonymise([text]).texts == (
        "```\nPORT='84.12.7.200'\nMAIL='[EMAIL_ADDRESS_1]'\nDB='[SECRET_1]'\n```\nat `84.12.7.201` and [IP_ADDRESS_1]",
    )


def test_known_holds_digests_only() -> None:
    result = anonymise(["anna@example.org", "+49 170 1234567"])
    assert result.known == {"EMAIL_ADDRESS": {digest("EMAIL_ADDRESS:anna@example.org"): 1}, "PHONE_NUMBER": {digest("PHONE_NUMBER:+491701234567"): 1}}


def test_conversations_do_not_see_each_other_from_many_threads() -> None:
    def one(i: int) -> tuple[str, ...]:
        return anonymise([f"anna{i}@example.org", f"bob{i}@example.org", f"anna{i}@example.org"]).texts

    with ThreadPoolExecutor(max_workers=2) as pool:
        assert set(pool.map(one, range(60))) == {("[EMAIL_ADDRESS_1]", "[EMAIL_ADDRESS_2]", "[EMAIL_ADDRESS_1]")}


@settings(max_examples=200, deadline=None)
@given(MESSAGES)
def test_it_is_deterministic_and_leaves_its_own_output_alone(messages: list[str]) -> None:
    first = anonymise(messages)
    assert anonymise(messages) == first
    again = anonymise(first.texts, known=first.known)
    assert (again.texts, again.known, set(again.redactions)) == (first.texts, first.known, {0} if messages else set())


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=5), st.text(min_size=1, max_size=5), st.sampled_from(["[A_1]", "[B_2]"])), max_size=8), st.text(max_size=5)
)
def test_replacing_changes_nothing_outside_the_places(pieces: list[tuple[str, str, str]], tail: str) -> None:
    text, places = "", []
    for before, value, replacement in pieces:
        text += before + value
        places.append((len(text) - len(value), len(text), replacement))
    assert replace_places(text + tail, places) == "".join(before + replacement for before, _, replacement in pieces) + tail


def test_importing_the_engine_does_not_load_the_heavy_libraries() -> None:
    program = "import sys, sharelm.anonymise.engine; print(sorted({'scrubadub', 'phonenumbers', 'faker'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert loaded.stdout.strip() == "[]"


def anonymise(texts: list[str] | tuple[str, ...], **more: object) -> Anonymised:
    return anonymise_texts(texts, digest=digest, **more)  # type: ignore[arg-type]


def digest(text: str) -> str:
    return hmac.new(b"a key for tests", text.encode(), hashlib.sha256).hexdigest()
