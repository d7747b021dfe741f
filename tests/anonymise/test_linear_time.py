"""Hostile input: much of one pattern must pass well inside the ceiling, which only quadratic work could reach."""

from __future__ import annotations

import pytest

from sharelm.anonymise.engine import anonymise_texts

LENGTH = 200_000
HOSTILE = [
    "1", "a.", "@", "[", "1:", "-", "/", " ", "\n", "`", "(", "+", "<", "é", "a", "a@", "a@b.", "1 ", "1-", "1.", "(1", "+1", "::", "1::", "aa:",
    "AB12 ", "AA00", "call 1 ", "ssn ", "://a:", "https://", "www.a(", "eyJ12345678.", "sk-", "-----BEGIN PRIVATE KEY-----", "server=", "(at)",
    "dot at ", "my site is ",
    "A 1, ", "12 A St ", "my address is 1 ", "login a", "password is a", "key=", "user @a ", "bearer aaaaaaaaaaaaaaaa", "passport ", "born on 1 ",
    "```\n", "`a``b", ", Anna", "Aa–", "O'Brien`https://", "u\u0308", "Str. 1 ", "via Roma, ", "\t",
    "[AA_1", "1.1.1.1 ", "anna@example.org, ", "call 1234567 ",
]  # fmt: skip


@pytest.mark.timeout(60)
@pytest.mark.parametrize("pattern", HOSTILE)
def test_it_stays_linear(pattern: str) -> None:
    text = (pattern * (LENGTH // len(pattern) + 1))[:LENGTH]
    result = anonymise_texts([text], digest=str)
    assert len(result.redactions) == 1
