"""scrubadub as the shell: one Detector that brings what was found, one PostProcessor that assigns our placeholders.

Only `engine` imports this module, at its first call: loading scrubadub takes half a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sharelm.anonymise.absent import absent
from sharelm.anonymise.detectors import normalise
from sharelm.vocabulary import PiiSpan

with absent("sklearn", "scipy"):  # for detectors of scrubadub that are not ours: 1.3 s and 90 MB
    from scrubadub import Scrubber
    from scrubadub.detectors import Detector
    from scrubadub.filth import Filth
    from scrubadub.post_processors import PostProcessor

PlaceholderFor = Callable[[str, str], str]


def name_places(text: str, spans: Sequence[PiiSpan], placeholder_for: PlaceholderFor) -> list[tuple[int, int, str]]:
    """Where to replace what by what: (start, end, placeholder), sorted, without overlap, as the spans are.

    `placeholder_for` gets the entity type and the normalised value, once per place and in the order of the text.
    """
    scrubber = Scrubber(detector_list=[SpanDetector(spans)], post_processor_list=[])
    # Text by text: `iter_filth_documents` compares every Filth with every document. And never `clean()`, which post-processes twice.
    found = list(scrubber.iter_filth(text, run_post_processors=False))
    named = PlaceholderAssigner(placeholder_for).process_filth(found)
    return [(filth.beg, filth.end, filth.replacement_string or "") for filth in named]


class SpanFilth(Filth):  # type: ignore[misc, unused-ignore]
    """A PiiSpan in scrubadub's words."""

    type = "sharelm"
    beg: int
    end: int
    text: str
    replacement_string: str | None

    def __init__(self, span: PiiSpan, value: str, **named: str | None) -> None:
        super().__init__(beg=span.start, end=span.end, text=value, **named)
        self.entity_type = span.entity_type
        self.parts: list[SpanFilth] = [self]

    def merge(self, other_filth: SpanFilth) -> SpanFilth:
        """Stay apart: spans that only touch are two entities, and scrubadub would join them under one name."""
        self.parts.append(other_filth)
        self.end = other_filth.end
        return self


class SpanDetector(Detector):  # type: ignore[misc, unused-ignore]
    """Hands scrubadub what was found in the whole conversation. One per text, so that nothing outlives it; overlaps are resolved before."""

    name = "sharelm"
    filth_cls = SpanFilth

    def __init__(self, spans: Sequence[PiiSpan]) -> None:
        super().__init__()
        self._spans = spans

    def iter_filth(self, text: str, document_name: str | None = None) -> Iterator[Filth]:
        for span in self._spans:
            yield SpanFilth(span, text[span.start : span.end], detector_name=self.name, document_name=document_name)


class PlaceholderAssigner(PostProcessor):  # type: ignore[misc, unused-ignore]
    """Names what was found. One per call: scrubadub's own FilthReplacer keeps values and numbers on its class."""

    name = "sharelm_placeholders"

    def __init__(self, placeholder_for: PlaceholderFor) -> None:
        super().__init__()
        self._placeholder_for = placeholder_for

    def process_filth(self, filth_list: Sequence[Filth]) -> Sequence[Filth]:
        parts = [part for filth in filth_list for part in filth.parts]
        for part in parts:
            part.end = part.beg + len(part.text)
            part.replacement_string = self._placeholder_for(part.entity_type, normalise(part.entity_type, part.text))
        return parts
