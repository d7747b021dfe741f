"""Code regions, masks and overlaps: the rules that stand between the detectors and the replacement."""

from __future__ import annotations

import pytest

from sharelm.anonymise.spans import code_regions, find_spans, mask_placeholders, resolve_overlaps
from sharelm.vocabulary import PiiSpan

REGIONS = [
    ("no code", []),
    ("a `b` c", ["`b`"]),
    ("`a` `b`", ["`a`", "`b`"]),
    ("``a ` b`` c", ["``a ` b``"]),
    ("a ` b", []),
    ("a ` b\nc ` d", []),
    ("a `` b ` c", []),
    ("```\na\n```\nb", ["```\na\n```"]),
    ("x\n```python\na ` b\n````\n`c`", ["```python\na ` b\n````", "`c`"]),
    ("```\na\n``\nb", ["```\na\n``\nb"]),
    ("~~~\na\n```\nb\n~~~ \nc", ["~~~\na\n```\nb\n~~~ "]),
    ("> ```\n> a\n> ```\nb", ["> ```\n> a\n> ```"]),
    ("```a```\nb", ["```a```"]),
    ("a ``` b", []),
    ("```", ["```"]),
]

OVERLAPS = [
    ("apart", [(0, 0, 2, "A"), (1, 3, 5, "B")], [(0, 2, "A"), (3, 5, "B")]),
    ("touching", [(0, 0, 2, "A"), (1, 2, 5, "B")], [(0, 2, "A"), (2, 5, "B")]),
    ("inside", [(0, 2, 4, "A"), (1, 0, 5, "B")], [(0, 5, "B")]),
    ("the same place", [(1, 0, 5, "B"), (0, 0, 5, "A")], [(0, 5, "A")]),
    ("in part, first named earlier in the list", [(0, 0, 4, "A"), (1, 2, 6, "B")], [(0, 6, "A")]),
    ("in part, second named earlier in the list", [(1, 0, 4, "B"), (0, 2, 6, "A")], [(0, 6, "A")]),
    ("a chain", [(2, 0, 4, "C"), (1, 3, 6, "B"), (0, 5, 9, "A")], [(0, 9, "A")]),
]


@pytest.mark.parametrize(("text", "expected"), REGIONS)
def test_it_finds_code(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in code_regions(text)] == expected


@pytest.mark.parametrize(("found", "expected"), [row[1:] for row in OVERLAPS], ids=[row[0] for row in OVERLAPS])
def test_it_resolves_overlaps(found: list[tuple[int, int, int, str]], expected: list[tuple[int, int, str]]) -> None:
    spans = resolve_overlaps((rank, PiiSpan(start, end, name)) for rank, start, end, name in found)
    assert [(span.start, span.end, span.entity_type) for span in spans] == expected


def test_masking_keeps_every_offset() -> None:
    assert mask_placeholders("a [PERSON_1] NAME_1b NAME_22 <PRESIDIO_ANONYMIZED_URL>.") == "a <<<<<<<<<< NAME_1b <<<<<<< " + "<" * 25 + "."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org/?email=anna@example.org", ["URL"]),
        ("postgres://u:9fX2w@h.example/d", ["SECRET"]),
        ("https://u:9fX2w@h.example/d", ["SECRET"]),
        ("call me at 4111 1111 1111 1111", ["CREDIT_CARD"]),
        ("phone 536-90-4399", ["US_SSN"]),
        ("::ffff:84.12.7.200", ["IP_ADDRESS"]),
        ("http://84.12.7.200/", ["IP_ADDRESS"]),
    ],
)
def test_it_names_a_place_once(text: str, expected: list[str]) -> None:
    assert [span.entity_type for span in find_spans(text)] == expected


def test_a_word_of_a_program_is_nobodys_name() -> None:
    assert find_spans("x = None\n    elif raise_if_not_found:\n        y = 1") == []
