"""Anonymises what `flask anonymise` reads, piece by piece: plain text as one conversation, or JSON rows that are one conversation each.

Nothing but keyed digests is carried from piece to piece, and nothing from row to row.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from sharelm.anonymise.engine import anonymise_texts, find_conversation_spans
from sharelm.anonymise.labels import label_of
from sharelm.anonymise.spans import code_regions
from sharelm.errors import ShareLMError
from sharelm.vocabulary import Role

BLOCK = 1_000_000  # characters of plain text that are looked at together

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # JSON can escape half of a pair; no such text can be encoded


@dataclass(frozen=True, slots=True)
class Options:
    """`names` asks for the language model too; `explain` for the places that were found instead of the text without them."""

    names: bool
    explain: bool
    digest: Callable[[str], str]


def anonymised_rows(lines: Iterable[bytes], options: Options) -> Iterator[tuple[int, str]]:
    """For every line its size in bytes and the line that goes out: JSON in ASCII, or nothing for an empty line. Raises ShareLMError."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            yield len(line), ""
            continue
        text, role = _read_row(line, number)
        row = explain(text, role, names=options.names) if options.explain else {"text": _anonymised(text, role, options)}
        yield len(line), json.dumps(row) + "\n"


def anonymised_text(file: BinaryIO, options: Options) -> Iterator[tuple[int, str]]:
    """For every piece of a text its size in bytes and what goes out; with `explain` the whole text is one row. Raises ShareLMError."""
    if options.explain:
        text = "".join(_blocks(file))
        yield len(text.encode()), json.dumps(explain(text, Role.USER, names=options.names)) + "\n"
        return
    known: dict[str, dict[str, int]] = {}
    for block in _blocks(file):
        found = anonymise_texts([block], roles=[Role.USER], names=options.names, digest=options.digest, known=known)
        known = found.known
        yield len(block.encode()), found.texts[0]


def explain(text: str, role: Role, *, names: bool) -> dict[str, Any]:
    """The text as it is, and where in it what stands: offsets in characters, labels of `sharelm.anonymise.labels`."""
    (spans,) = find_conversation_spans([_whole_characters(text)], [role], names=names)
    return {"text": text, "spans": [{"start": span.start, "end": span.end, "label": label_of(span.entity_type)} for span in spans]}


def _anonymised(text: str, role: Role, options: Options) -> str:
    return anonymise_texts([_whole_characters(text)], roles=[role], names=options.names, digest=options.digest).texts[0]


def _whole_characters(text: str) -> str:
    return _HALF_CHARACTER.sub("\ufffd", text)


def _read_row(line: bytes, number: int) -> tuple[str, Role]:
    """A row without a role that we know is looked at like what a person wrote."""
    try:
        row = json.loads(line.decode("utf-8-sig"))
        text, role = row["text"], row.get("role")
        if isinstance(text, str):
            return text, Role(role) if role in set(Role) else Role.USER
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        pass
    raise ShareLMError(f'Line {number} is not a JSON object with a "text" in UTF-8.')


def _blocks(file: BinaryIO) -> Iterator[str]:
    """The text in pieces that end with a paragraph outside of code, where there is one to end with."""
    reader, rest = io.TextIOWrapper(file, encoding="utf-8", newline=""), ""
    try:
        while more := reader.read(BLOCK - len(rest)):
            block = rest + more
            end = _end_of_paragraph(block) if len(block) >= BLOCK else len(block)
            yield block[:end]
            rest = block[end:]
    except UnicodeDecodeError:
        raise ShareLMError("The text is not UTF-8.") from None
    if rest:
        yield rest


def _end_of_paragraph(block: str) -> int:
    code = [start for start, end in code_regions(block) if end == len(block)]
    prose_end = code[0] if code and code[0] > BLOCK // 2 else len(block)
    for mark in ("\n\n", "\n", " "):
        end = block.rfind(mark, BLOCK // 2, prose_end)
        if end >= 0:
            return end + len(mark)
    return len(block)
