"""CSV (RFC 4180) that no spreadsheet takes for formulas.

A text that a spreadsheet could read as a formula, or that begins with an apostrophe, gets one apostrophe in front: without it, it is the text again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

BYTE_ORDER_MARK = "\ufeff"  # without it, spreadsheets take UTF-8 for something else
# Blanks and invisible letters in front do not keep every spreadsheet from looking at what follows.
FORMULA = re.compile(r"[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠﹢﹣﹦﹫]|[\t\r\n']")
NEEDS_QUOTES = re.compile(r'[",\r\n]')


def csv_line(cells: Iterable[str | int | None]) -> str:
    """Numbers are written as numbers, None as nothing."""
    return ",".join(_cell(cell) for cell in cells) + "\r\n"


def _cell(cell: str | int | None) -> str:
    if cell is None:
        return ""
    if isinstance(cell, int):
        return str(cell)
    text = f"'{cell}" if FORMULA.match(cell) else cell
    return '"' + text.replace('"', '""') + '"' if NEEDS_QUOTES.search(text) or text != text.strip() else text
