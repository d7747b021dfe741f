"""Where in a text personal data stands: runs the detectors, keeps them out of code and placeholders, resolves overlaps."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence

from sharelm.anonymise.detectors import DETECTORS, Detector
from sharelm.anonymise.entry import Look, only
from sharelm.anonymise.gate import Verdict, judge
from sharelm.anonymise.letters import Composed
from sharelm.anonymise.rules import TEXT, Region
from sharelm.vocabulary import PiiSpan

# Ours; WildChat's and other public datasets'; LMSYS-Chat-1M's.
PLACEHOLDER = TEXT["placeholder"]
# What Python can skip to: how every placeholder begins, and where a line can be a fence.
_PLACEHOLDER_BEGINS = re.compile(r"[\[<N](?:(?<=\[)[A-Z][A-Z_]{2}|(?<=<)(?:PRESIDIO|TRUFFLEHOG)_|(?<=N)AME_)")
_MARKS = re.compile(r"[`~](?:(?<=`)``|(?<=~)~~)")
_MOST_BEFORE_MARKS = 16

Judge = Callable[[str], Verdict | None]

Found = list[tuple[int, PiiSpan]]
"""Spans with the rank of what found them, 0 being the first in the list of detectors."""


def find_spans(text: str, detectors: Sequence[Detector] = DETECTORS, *, judged_by: Judge = judge) -> list[PiiSpan]:
    """All places of one text to replace, by rules, sorted and without overlap."""
    masked = mask_placeholders(text)
    return resolve_overlaps(found_in(masked, code_regions(masked), detectors, judged_by=judged_by))


def found_as_written(letters: Composed) -> Found:
    """What is found in a text before its letters are put together: `su` and U+0308 are no `sü` at the end of a key."""
    if not letters.is_changed:
        return []
    masked = mask_placeholders(letters.written)
    found = found_in(masked, code_regions(masked))
    return [(rank, PiiSpan(*letters.place(span.start, span.end), span.entity_type)) for rank, span in found]


def found_in(masked: str, code: Sequence[Region], detectors: Sequence[Detector] = DETECTORS, *, judged_by: Judge = judge) -> Found:
    """What each detector finds in a text whose placeholders are masked; in code only what is looked for there.

    `judged_by` says what can be there at all, None standing for everything.
    """
    verdict = judged_by(masked)
    open_ones = [(rank, detector) for rank, detector in enumerate(detectors) if verdict is None or detector.entity_type in verdict.kinds]
    with only(Look(masked, verdict.entries, verdict.ends) if verdict else None):
        return [(rank, span) for rank, detector in open_ones for span in detector.find(masked) if detector.in_code or not touches(span, code)]


def mask_placeholders(text: str) -> str:
    """The text with every placeholder blotted out, offsets unchanged, so that no detector matches inside or across one."""
    if "_" not in text:  # all of them have one
        return text
    begins = (PLACEHOLDER.match(text, begin.start()) for begin in _PLACEHOLDER_BEGINS.finditer(text))
    pieces, kept_from = [], 0
    for start, end in [match.span() for match in begins if match]:
        if start >= kept_from:
            pieces += [text[kept_from:start], "<" * (end - start)]
            kept_from = end
    return "".join([*pieces, text[kept_from:]]) if pieces else text


def resolve_overlaps(found: Iterable[tuple[int, PiiSpan]]) -> list[PiiSpan]:
    """Sorted spans without overlap; each comes with its detector's rank, 0 being the first in the list.

    A span inside a longer one gives way to it (the e-mail in a link). Spans of the same place go to the lower rank.
    Spans that overlap in part become one, so that no rest is left in clear, named by the lower rank.
    """
    kept: list[tuple[int, PiiSpan]] = []
    for rank, span in sorted(found, key=lambda item: (item[1].start, -item[1].end, item[0])):
        if not kept or span.start >= kept[-1][1].end:
            kept.append((rank, span))
        elif span.end > kept[-1][1].end:
            before_rank, before = kept[-1]
            name = before.entity_type if before_rank <= rank else span.entity_type
            kept[-1] = (min(rank, before_rank), PiiSpan(before.start, span.end, name))
    return [span for _, span in kept]


def code_regions(text: str) -> list[Region]:
    """Fenced and inline code as (start, end), sorted; a fence that is never closed holds code to the end. Linear in the text."""
    if "`" not in text and "~~~" not in text:
        return []
    regions: list[Region] = []
    position = 0
    for start, end in _fenced(text):
        regions += _inline(text, position, start)
        regions.append((start, end))
        position = end
    return regions + _inline(text, position, len(text))


def _fenced(text: str) -> list[Region]:
    regions: list[Region] = []
    opened: tuple[int, str] | None = None
    for match in _fences(text):
        marks, rest = match[1], match[2]
        if opened is None:
            if "`" not in rest:  # ```like this``` on one line is inline code
                opened = (match.start(), marks)
        elif marks.startswith(opened[1]) and TEXT["blank"].fullmatch(rest):
            regions.append((opened[0], match.end()))
            opened = None
    return regions if opened is None else [*regions, (opened[0], len(text))]


def _fences(text: str) -> Iterator[re.Match[str]]:
    """The lines that begin with marks."""
    at = 0
    while marks := _MARKS.search(text, at):
        line = text.rfind("\n", max(0, marks.start() - _MOST_BEFORE_MARKS - 1), marks.start()) + 1
        match = TEXT["fence"].match(text, line) if marks.start() - line <= _MOST_BEFORE_MARKS else None
        if match:
            yield match
        at = text.find("\n", marks.end())
        if at < 0:
            return


def _inline(text: str, start: int, end: int) -> list[Region]:
    """Code between two equally long runs of backticks on one line."""
    runs = [match.span() for match in TEXT["backticks"].finditer(text, start, end)]
    closer = _closers(text, runs)
    regions, i = [], 0
    while i < len(runs):
        if i in closer:
            regions.append((runs[i][0], runs[closer[i]][1]))
            i = closer[i]
        i += 1
    return regions


def _closers(text: str, runs: list[Region]) -> dict[int, int]:
    """For each run of backticks the next one of its length on its line, seen from the end so that it stays linear."""
    closer: dict[int, int] = {}
    seen: dict[int, int] = {}
    line_end = len(text)
    for i in range(len(runs) - 1, -1, -1):
        start, end = runs[i]
        newline = text.find("\n", end, runs[i + 1][0] if i + 1 < len(runs) else line_end)
        if newline >= 0:
            seen.clear()
        if end - start in seen:
            closer[i] = seen[end - start]
        seen[end - start] = i
    return closer


def touches(span: PiiSpan, regions: Sequence[Region]) -> bool:
    at = bisect_left(regions, (span.end,)) - 1
    return at >= 0 and regions[at][1] > span.start
