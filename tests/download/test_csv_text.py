"""CSV that says what was said and that no spreadsheet takes for formulas: round trips of whatever people may have written."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sharelm.download.csv_text import csv_line

DANGEROUS = "=+-@\t\r\n＝＋－＠"
NASTY = some.text(alphabet=some.one_of(some.sampled_from("=+-@＝＋－＠'\"',;\t\r\n \ufeff\u200b|"), some.characters(exclude_categories=["Cs"])))


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def original(cell: str) -> str:
    """As the readme of a download says."""
    return cell.removeprefix("'")


@given(some.lists(NASTY, min_size=2, max_size=5))
def test_every_text_comes_back(cells: list[str]) -> None:
    (row,) = read(csv_line(cells))
    assert [original(cell) for cell in row] == cells


@given(NASTY)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    ((cell, _),) = read(csv_line([text, 1]))
    seen = cell.strip().lstrip("\ufeff\u200b")
    assert not seen or seen[0] not in "=+-@＝＋－＠"
    assert not cell or cell[0] not in DANGEROUS


@given(some.lists(some.lists(NASTY, min_size=2, max_size=2), min_size=1, max_size=4))
def test_rows_stay_rows(rows: list[list[str]]) -> None:
    assert len(read("".join(csv_line(row) for row in rows))) == len(rows)


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (["a", 1, None, -1], "a,1,,-1\r\n"), (['say "hi"', "a,b"], '"say ""hi""","a,b"\r\n'), (["=1+1", " =1", "1=1"], '\'=1+1,\' =1,1=1\r\n'),
        (["'quoted", "it's"], "''quoted,it's\r\n"), (["two\nlines"], '"two\nlines"\r\n'), (["－1", "-"], "'－1,'-\r\n"), ([" a "], '" a "\r\n'),
    ],
)  # fmt: skip
def test_it_writes_as_documented(cells: list[str | int | None], line: str) -> None:
    assert csv_line(cells) == line


def test_its_lines_end_as_rfc_4180_wants() -> None:
    assert re.fullmatch(r"[^\r\n]*\r\n", csv_line(["a", "b"]))
