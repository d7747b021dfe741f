"""Replaces personal data in the messages of one conversation by numbered placeholders.

Nothing here may outlive a call: values are held as keyed digests only, and no module or class keeps state.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sharelm.anonymise.conversation import Reading, find_conversation_spans
from sharelm.anonymise.detectors import person
from sharelm.anonymise.detectors.person_runs import Key, key_of
from sharelm.anonymise.hidden import FindHidden, carried, without_overlap
from sharelm.anonymise.labels import HIDDEN, count_labels
from sharelm.anonymise.people import group
from sharelm.anonymise.propagate import Names, forms_of
from sharelm.anonymise.rules import TEXT, Region
from sharelm.anonymise.user_ids import FindIds
from sharelm.vocabulary import PiiSpan, Role

__all__ = [
    "ANONYMISER_VERSION",
    "Anonymised",
    "Numbers",
    "anonymise_texts",
    "find_conversation_spans",
    "labels_written_in",
    "replace_places",
]

ANONYMISER_VERSION = "6"
"""Raised whenever a detector or the numbering changes what comes out; printed on release cards."""

MAX_ROUNDS = 8
LONGEST_NUMBER = 4  # digits


@dataclass(frozen=True, slots=True)
class Anonymised:
    """What came out: `texts` and `redactions` in the order given, `counts` by entity type.

    `kept` are the texts that were `taken`, without the names that the new ones brought up; `kept_redactions` goes with them.
    `known` maps entity type to keyed digest to number; stored and passed back, it keeps the numbers stable as the conversation grows.
    """

    texts: tuple[str, ...]
    redactions: tuple[int, ...]
    counts: Mapping[str, int]
    known: dict[str, dict[str, int]]
    kept: tuple[str, ...] = ()
    kept_redactions: tuple[int, ...] = ()


def anonymise_texts(
    texts: Sequence[str],
    *,
    digest: Callable[[str], str],
    roles: Sequence[Role] | None = None,
    names: bool = False,
    known: Mapping[str, Mapping[str, int]] | None = None,
    taken: Iterable[str] = (),
    hidden: FindHidden | None = None,
    find_ids: FindIds | None = None,
) -> Anonymised:
    """Anonymise the messages of one conversation; its own output comes back unchanged.

    `roles` says who wrote each, a person where it is not given; `names` looks for persons with the language model too.
    `digest` is the caller's keyed hash and gets `TYPE:normalised value`. `taken` are texts of the conversation that are already kept:
    a number that stands in a literal `[TYPE_n]` there, or in `texts`, is never given to another value. The extension replaces before it
    uploads, so such labels are often somebody's: numbers go on from the highest of them. `hidden` finds what was hidden by hand; the
    detectors see the text as it was given, and what they replaced within such a place goes with it. `find_ids` finds what only the server
    knows to be a secret: user IDs.
    """
    taken = list(taken)
    numbers = Numbers(digest, known=known or {}, written=labels_written_in([*texts, *taken]))
    work = _Work([*texts, *taken], [*(roles or [Role.USER] * len(texts)), *[Role.ASSISTANT] * len(taken)], numbers)
    if hidden is not None:
        work.mark(hidden)
    if find_ids is not None:
        work.take_out(find_ids)
    work.run(range(len(texts)), names=names)
    work.hide()
    new = slice(0, len(texts))
    old = slice(len(texts), None)
    return Anonymised(
        texts=tuple(work.texts[new]),
        redactions=tuple(work.redactions[new]),
        counts={entity_type: count for entity_type, count in numbers.counts.items() if count > 0},
        known=numbers.known,
        kept=tuple(work.texts[old]),
        kept_redactions=tuple(work.redactions[old]),
    )


class _Work:
    """The messages of one conversation on their way from what was given to what may be kept."""

    def __init__(self, texts: list[str], roles: Sequence[Role], numbers: Numbers) -> None:
        self.texts = texts
        self.redactions = [0] * len(texts)
        self._hidden: dict[int, list[tuple[int, int, int]]] = {}
        self._replaced: dict[int, list[Region]] = {}  # the new placeholders in the messages that changed last
        self._roles = roles
        self._numbers = numbers

    def mark(self, find: FindHidden) -> None:
        """Where in the messages, as they are now, something is to be hidden in the end."""
        self._hidden = {place: without_overlap(hits) for place, hits in enumerate(map(find, self.texts)) if hits}

    def take_out(self, find: FindIds) -> None:
        """Replace what no detector can tell from other words, also in the messages that are kept."""
        self._replace({place: spans for place, text in enumerate(self.texts) if (spans := find(text))})

    def hide(self) -> None:
        """Replace what was marked, as far as no placeholder stands for it."""
        for place, hits in self._hidden.items():
            for start, end, number in hits:
                within = count_labels(self.texts[place][start:end])
                self._numbers.counts.subtract(within)
                self._numbers.counts[HIDDEN] += number > 0
                self.redactions[place] += (number > 0) - within.total()
            self.texts[place] = replace_places(self.texts[place], [(start, end, f"[{HIDDEN}_{n}]" if n else "") for start, end, n in hits])

    def run(self, places: Iterable[int], *, names: bool) -> None:
        """Look at these messages, and carry the names that stand in them through all.

        A replaced place changes what stands around its neighbours; looking again until nothing is found makes the result stable.
        """
        called, famous, forms = set[str](), set[str](), dict[frozenset[str], Names]()
        is_known = self._numbers.is_known_person()
        todo, read = sorted(places), set[int]()
        for _ in range(MAX_ROUNDS):
            reading = Reading([self.texts[place] for place in todo], [self._roles[place] for place in todo], forms)
            beside = [self._beside(place, read, names=names) for place in todo]
            reading.look(names=names, is_known=is_known, also=called, beside=beside, famous=famous)
            read.update(todo)
            new = reading.names() - called
            called |= new
            found = {todo[place]: spans for place, spans in reading.found().items()}
            if new and len(todo) < len(self.texts):
                rest = sorted(set(range(len(self.texts))) - set(todo))
                aside = Reading([self.texts[place] for place in rest], [Role.ASSISTANT] * len(rest), forms)
                aside.carry(new)
                found |= {rest[place]: spans for place, spans in aside.found().items()}
            if not found:
                break
            todo = self._replace(found)

    def _beside(self, place: int, read: Collection[int], *, names: bool) -> list[Region] | None:
        """Beside what in a message more may have come to light; None where all of it has to be read, as by the model."""
        is_whole = place not in read or (names and self._roles[place] is not Role.ASSISTANT)
        return None if is_whole else self._replaced[place]

    def _replace(self, found: Mapping[int, Sequence[PiiSpan]]) -> list[int]:
        """Put placeholders where something was found; the messages that changed."""
        # Imported here because scrubadub takes two seconds to load and the web path never anonymises.
        from sharelm.anonymise.shell import name_places

        self._numbers.meet(
            self.texts[place][span.start : span.end] for place in sorted(found) for span in found[place] if span.entity_type == person.ENTITY_TYPE
        )
        for place in sorted(found):
            places = name_places(self.texts[place], found[place], self._numbers.placeholder)
            if place in self._hidden:
                self._hidden[place] = carried(self._hidden[place], places)
            self.texts[place] = replace_places(self.texts[place], places)
            self._replaced[place] = list(_placeholders(places))
            self.redactions[place] += len(places)
        return sorted(found)


class Numbers:
    """Gives out the placeholders of one conversation during one call; keeps digests, never values."""

    def __init__(self, digest: Callable[[str], str], *, known: Mapping[str, Mapping[str, int]], written: Mapping[str, set[str]]) -> None:
        self._digest = digest
        self._reserved = {entity_type: set(map(int, numbers)) for entity_type, numbers in written.items()}
        self._highest = {entity_type: max(map(int, filter(_is_counted_on, numbers)), default=0) for entity_type, numbers in written.items()}
        for entity_type, given in known.items():
            self._highest[entity_type] = max(self._highest.get(entity_type, 0), *given.values(), 0)
        self.known = {entity_type: dict(given) for entity_type, given in known.items()}
        self.counts: Counter[str] = Counter()
        self._persons: dict[Key, list[Key]] = {}
        self._forms = defaultdict(int, Counter(self.known[person.ENTITY_TYPE].values()) if person.ENTITY_TYPE in self.known else ())
        """Under how many each person is known."""

    def placeholder(self, entity_type: str, normalised: str) -> str:
        given = self.known.setdefault(entity_type, {})
        key = self._key(entity_type, normalised)
        if key not in given:
            if entity_type == person.ENTITY_TYPE:
                self._introduce(tuple(normalised.split(" ")))
            else:
                given[key] = self._next(entity_type)
        self.counts[entity_type] += 1
        return f"[{entity_type}_{given[key]}]"

    def meet(self, names: Iterable[str]) -> None:
        """The persons that placeholders will be asked for next, so that those who are one get one number."""
        self._persons = {}
        persons: defaultdict[Key, list[Key]] = defaultdict(list)
        for name, full in group(key_of(name) or (name,) for name in dict.fromkeys(names)).items():
            persons[full].append(name)
            self._persons[name] = persons[full]

    def is_known_person(self) -> Callable[[Key], bool] | None:
        """Whether somebody of the conversation is called so; None where nobody is known yet."""
        given = self.known.get(person.ENTITY_TYPE)
        return (lambda name: self._key(person.ENTITY_TYPE, " ".join(name)) in given) if given else None

    def _introduce(self, name: Key) -> None:
        """Give a person one number under all names: that of a person who is known already, or the next."""
        given = self.known[person.ENTITY_TYPE]
        names = self._persons.get(name, [name])
        number = self._number_of(names)
        for form in dict.fromkeys(form for name in names for form in [name, *forms_of(name)]):
            key = self._key(person.ENTITY_TYPE, " ".join(form))
            if key not in given:
                given[key] = number
                self._forms[number] += 1

    def _number_of(self, names: Sequence[Key]) -> int:
        given = self.known[person.ENTITY_TYPE]
        for name in names:
            number = given.get(self._key(person.ENTITY_TYPE, " ".join(name)))
            if number is not None and len(name) > 1:
                return number
        # Who was known by one name only can turn out to have another one too; who has a full name is not somebody else's namesake.
        for word in dict.fromkeys(word for name in names for word in name):
            number = given.get(self._key(person.ENTITY_TYPE, word))
            if number is not None and (self._forms[number] == 1 or all(len(name) == 1 for name in names)):
                return number
        return self._next(person.ENTITY_TYPE)

    def _key(self, entity_type: str, normalised: str) -> str:
        return self._digest(f"{entity_type}:{normalised}")

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


def _is_counted_on(number: str) -> bool:
    """`[US_SSN_536904]` and `[URL_007]` were written by a person: their numbers are not given again, and not counted on from."""
    return len(number) <= LONGEST_NUMBER and not number.startswith("0")


def _placeholders(places: Iterable[tuple[int, int, str]]) -> Iterator[Region]:
    """Where the replacements are once these places are replaced."""
    grown = 0
    for start, end, replacement in places:
        yield start + grown, start + grown + len(replacement)
        grown += len(replacement) - (end - start)


def replace_places(text: str, places: Sequence[tuple[int, int, str]]) -> str:
    """Put each replacement where `text[start:end]` was; places are sorted and do not overlap."""
    pieces, kept_from = [], len(text)
    # From the end backwards, so that earlier offsets stay true; joined once, so that many places stay cheap.
    for start, end, replacement in reversed(places):
        pieces += [text[end:kept_from], replacement]
        kept_from = start
    pieces.append(text[:kept_from])
    return "".join(reversed(pieces))
