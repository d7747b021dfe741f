"""Replaces personal data in the messages of one conversation by numbered placeholders.

Nothing here may outlive a call: values are held as keyed digests only, and no module or class keeps state.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sharelm.anonymise.detectors import ENTITY_TYPES
from sharelm.anonymise.rules import TEXT
from sharelm.anonymise.spans import find_spans
from sharelm.vocabulary import PiiSpan, Role

ANONYMISER_VERSION = "1"
"""Raised whenever a detector or the numbering changes what comes out; printed on release cards."""

MAX_ROUNDS = 8
LONGEST_NUMBER = 4  # digits


@dataclass(frozen=True, slots=True)
class Anonymised:
    """What came out: `texts` and `redactions` in the order given, `counts` by entity type.

    `known` maps entity type to keyed digest to number; stored and passed back, it keeps the numbers stable as the conversation grows.
    """

    texts: tuple[str, ...]
    redactions: tuple[int, ...]
    counts: Mapping[str, int]
    known: dict[str, dict[str, int]]


def anonymise_texts(
    texts: Sequence[str],
    *,
    digest: Callable[[str], str],
    roles: Sequence[Role] | None = None,
    names: bool = False,
    known: Mapping[str, Mapping[str, int]] | None = None,
    taken: Iterable[str] = (),
) -> Anonymised:
    """Anonymise the messages of one conversation; its own output comes back unchanged.

    `roles` says who wrote each, a person where it is not given; `names` looks for persons with the language model too.
    `digest` is the caller's keyed hash and gets `TYPE:normalised value`. `taken` are texts of the conversation that are already kept:
    a number that stands in a literal `[TYPE_n]` there, or in `texts`, is never given to another value. The extension replaces before it
    uploads, so such labels are often somebody's: numbers go on from the highest of them.
    """
    numbers = Numbers(digest, known=known or {}, written=labels_written_in([*texts, *taken]))
    cleaned = [_anonymise(text, numbers) for text in texts]
    return Anonymised(
        texts=tuple(text for text, _ in cleaned),
        redactions=tuple(places for _, places in cleaned),
        counts=dict(numbers.counts),
        known=numbers.known,
    )


def find_conversation_spans(texts: Sequence[str], roles: Sequence[Role], *, names: bool) -> list[list[PiiSpan]]:
    """Where in each message of a conversation what stands, sorted and without overlap."""
    return [find_spans(text) for text in texts]


class Numbers:
    """Gives out the placeholders of one conversation during one call; knows digests, never values."""

    def __init__(self, digest: Callable[[str], str], *, known: Mapping[str, Mapping[str, int]], written: Mapping[str, set[str]]) -> None:
        self._digest = digest
        self._reserved = {entity_type: set(map(int, numbers)) for entity_type, numbers in written.items()}
        self._highest = {entity_type: max(map(int, filter(_is_counted_on, numbers)), default=0) for entity_type, numbers in written.items()}
        for entity_type, given in known.items():
            self._highest[entity_type] = max(self._highest.get(entity_type, 0), *given.values(), 0)
        self.known = {entity_type: dict(given) for entity_type, given in known.items()}
        self.counts: Counter[str] = Counter()

    def placeholder(self, entity_type: str, normalised: str) -> str:
        given = self.known.setdefault(entity_type, {})
        key = self._digest(f"{entity_type}:{normalised}")
        if key not in given:
            given[key] = self._next(entity_type)
        self.counts[entity_type] += 1
        return f"[{entity_type}_{given[key]}]"

    def _next(self, entity_type: str) -> int:
        number = self._highest.get(entity_type, 0) + 1
        while number in self._reserved.get(entity_type, ()):
            number += 1
        self._highest[entity_type] = number
        return number


def labels_written_in(texts: Iterable[str]) -> dict[str, set[str]]:
    """The numbers of all literal `[TYPE_n]` in the texts, as written, by entity type."""
    numbers: defaultdict[str, set[str]] = defaultdict(set)
    for text in texts:
        for match in TEXT["numbered"].finditer(text):
            numbers[match[1]].add(match[2])
    return numbers


def count_labels(text: str) -> Counter[str]:
    """The labels of our kinds in a text in which its client has replaced something, by entity type."""
    return Counter(match[1] for match in TEXT["numbered"].finditer(text) if match[1] in ENTITY_TYPES)


def _is_counted_on(number: str) -> bool:
    """`[US_SSN_536904]` and `[URL_007]` were written by a person: their numbers are not given again, and not counted on from."""
    return len(number) <= LONGEST_NUMBER and not number.startswith("0")


def replace_places(text: str, places: Sequence[tuple[int, int, str]]) -> str:
    """Put each replacement where `text[start:end]` was; places are sorted and do not overlap."""
    pieces, kept_from = [], len(text)
    # From the end backwards, so that earlier offsets stay true; joined once, so that many places stay cheap.
    for start, end, replacement in reversed(places):
        pieces += [text[end:kept_from], replacement]
        kept_from = start
    pieces.append(text[:kept_from])
    return "".join(reversed(pieces))


def _anonymise(text: str, numbers: Numbers) -> tuple[str, int]:
    # Imported here because scrubadub takes two seconds to load and the web path never anonymises.
    from sharelm.anonymise.shell import find_places

    replaced = 0
    # A replaced place changes what stands around its neighbours; looking again until nothing is found makes the result stable.
    for _ in range(MAX_ROUNDS):
        places = find_places(text, numbers.placeholder)
        if not places:
            break
        text = replace_places(text, places)
        replaced += len(places)
    return text, replaced
