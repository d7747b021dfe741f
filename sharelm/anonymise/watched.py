"""Personal data that must not be in a release at all, by the anonymiser's own rules."""

from __future__ import annotations

from sharelm.anonymise.detectors import DETECTORS
from sharelm.anonymise.spans import find_spans
from sharelm.vocabulary import WATCHED, PiiSpan

_DETECTORS = [detector for detector in DETECTORS if detector.entity_type in WATCHED]


def find_watched(text: str) -> list[PiiSpan]:
    return find_spans(text, _DETECTORS)
