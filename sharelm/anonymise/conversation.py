"""Where in the messages of one conversation what stands: by rules in all of them, by the model in what people wrote, and every name everywhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import repeat

from sharelm.anonymise.again import found_beside
from sharelm.anonymise.detectors import DETECTORS, person_public
from sharelm.anonymise.detectors.person import ENTITY_TYPE
from sharelm.anonymise.detectors.person_runs import Key, key_of
from sharelm.anonymise.letters import Composed
from sharelm.anonymise.propagate import Names, known_names
from sharelm.anonymise.rules import Region
from sharelm.anonymise.spans import Found, code_regions, found_as_written, found_in, mask_placeholders, resolve_overlaps, touches
from sharelm.anonymise.values import Values
from sharelm.vocabulary import PiiSpan, Role

RANKS = {detector.entity_type: rank for rank, detector in reversed(list(enumerate(DETECTORS)))}
PERSON_RANK = RANKS[ENTITY_TYPE]


def find_conversation_spans(
    texts: Sequence[str], roles: Sequence[Role], *, names: bool, is_known: Callable[[Key], bool] | None = None
) -> list[list[PiiSpan]]:
    """Where in each message of a conversation what stands, sorted and without overlap.

    `names` lets the model look for persons in what people wrote; `is_known` says whether a person of an earlier message is called so.
    """
    reading = Reading(texts, roles)
    reading.look(names=names, is_known=is_known)
    return reading.spans()


class Reading:
    """One look at the messages of a conversation. Lives during one call."""

    def __init__(self, texts: Sequence[str], roles: Sequence[Role], forms: dict[frozenset[str], Names] | None = None) -> None:
        """`forms` remembers from reading to reading how names can be written."""
        self._roles = roles
        self._forms = {} if forms is None else forms
        self._letters = [Composed(text) for text in texts]
        self._masked = [mask_placeholders(letters.text) for letters in self._letters]
        self._code = [code_regions(text) for text in self._masked]
        self._found: list[Found] = [[] for _ in texts]
        self._spans: dict[int, list[PiiSpan]] = {}  # what is known of them without overlap

    def look(
        self,
        *,
        names: bool,
        is_known: Callable[[Key], bool] | None = None,
        also: Collection[str] = (),
        beside: Iterable[Sequence[Region] | None] = repeat(None),
        famous: set[str] | None = None,
    ) -> None:
        """Find everything, message by message; then every name in every message, and those that came up before.

        `beside` are for each message the places that were replaced in it since it was read, None where it was not: nothing can have
        come to light far from them. `famous` remembers from look to look the words of the names of those whom everybody knows.
        """
        self._found = [self._found_in(place, replaced) for place, replaced in zip(range(len(self._masked)), beside, strict=False)]
        if names:
            self._look_with_model()
        self._leave_public_alone(set() if famous is None else famous)
        if is_known is not None:
            for place, text in enumerate(self._masked):
                self._add(place, known_names(text, self._code[place], is_known))
        if also or any(self._found):
            self.carry(self.names() | set(also))
            self._carry_values()

    def names(self) -> set[str]:
        """As they are written. A name inside of something longer, as of a street, is not carried further."""
        if not any(self._found):
            return set()
        places = enumerate(self._resolved())
        return {self._masked[place][span.start : span.end] for place, spans in places for span in spans if span.entity_type == ENTITY_TYPE}

    def carry(self, names: Collection[str]) -> None:
        """Find these names in all messages."""
        names = frozenset(names)
        looked_for = self._forms.get(names) or self._forms.setdefault(names, Names(names))
        if looked_for:
            for place, text in enumerate(self._masked):
                self._add(place, looked_for.find(text, self._code[place]))

    def spans(self) -> list[list[PiiSpan]]:
        """In the texts as they were given."""
        found = self.found()
        return [found.get(place, []) for place in range(len(self._found))]

    def found(self) -> dict[int, list[PiiSpan]]:
        """The same by the places of the texts in which there is anything."""
        return {
            place: [PiiSpan(*letters.region(span.start, span.end), span.entity_type) for span in spans] if letters.is_changed else spans
            for place, (letters, spans) in enumerate(zip(self._letters, self._resolved(), strict=True))
            if spans
        }

    def _found_in(self, place: int, replaced: Sequence[Region] | None) -> Found:
        text, code, letters = self._masked[place], self._code[place], self._letters[place]
        if replaced is None or letters.is_changed:
            return found_in(text, code) + found_as_written(letters)
        return found_beside(text, code, replaced)

    def _resolved(self) -> list[list[PiiSpan]]:
        known = self._spans
        for place, found in enumerate(self._found):
            if found and place not in known:
                known[place] = resolve_overlaps(found)
        return [known[place] if found else [] for place, found in enumerate(self._found)]

    def _carry_values(self) -> None:
        spans = ((self._masked[place], span) for place, found in enumerate(self._resolved()) for span in found)
        values = Values((text[span.start : span.end], span.entity_type) for text, span in spans)
        for place, text in enumerate(self._masked):
            self._add_found(place, [(RANKS[span.entity_type], span) for span in values.find(text)])

    def _leave_public_alone(self, famous: set[str]) -> None:
        """Forget those whom everybody knows, their first names too, unless somebody of that name is meant here."""
        persons = [(place, span) for place, found in enumerate(self._found) if found for rank, span in found if rank == PERSON_RANK]
        if not persons:
            return
        public = {one for one in persons if person_public.is_public(self._masked[one[0]], one[1].start, one[1].end)}
        if not public and not famous:
            return
        keys = {one: key_of(self._masked[one[0]][one[1].start : one[1].end]) for one in persons}
        known = {word for one in public for word in keys[one]}
        famous |= known
        here = {word for one in persons if one not in public and not (len(keys[one]) == 1 and keys[one][0] in famous) for word in keys[one]}
        alone = {one for one in persons if one in public or set(keys[one]) <= (famous if len(keys[one]) == 1 else known)}
        left = {one for one in alone if not (len(keys[one]) == 1 and set(keys[one]) & here)}
        famous -= here
        for place, found in enumerate(self._found):
            self._found[place] = [(rank, span) for rank, span in found if rank != PERSON_RANK or (place, span) not in left]
        self._spans.clear()

    def _look_with_model(self) -> None:
        # Imported here because the model is an optional part of the installation.
        from sharelm.anonymise.detectors import person_ner

        places = [place for place, role in enumerate(self._roles) if role is not Role.ASSISTANT]
        found = person_ner.find(
            [self._masked[place] for place in places],
            [sorted((span.start, span.end) for _, span in self._found[place]) for place in places],
        )
        for place, regions in zip(places, found, strict=True):
            code = self._code[place]
            self._add(place, (region for region in regions if not touches(PiiSpan(*region, ENTITY_TYPE), code)))

    def _add(self, place: int, regions: Iterable[Region]) -> None:
        self._add_found(place, [(PERSON_RANK, PiiSpan(start, end, ENTITY_TYPE)) for start, end in regions])

    def _add_found(self, place: int, found: Found) -> None:
        if found:
            self._found[place] += found
            self._spans.pop(place, None)
