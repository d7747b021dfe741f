"""What the extension does before it uploads, in Python: the rules of `extension/redaction.json` and no others."""

from __future__ import annotations

from collections.abc import Sequence

from sharelm.anonymise.detectors import DETECTORS, normalise
from sharelm.anonymise.engine import MAX_ROUNDS, Numbers, labels_written_in, replace_places
from sharelm.anonymise.labels import ENTITY_TYPES
from sharelm.anonymise.spans import find_spans

SERVER_ONLY = ENTITY_TYPES - {"EMAIL_ADDRESS", "IP_ADDRESS", "MAC_ADDRESS", "CREDIT_CARD", "IBAN_CODE", "US_SSN", "SECRET"}
LOCAL = tuple(detector for detector in DETECTORS if detector.entity_type not in SERVER_ONLY)


def redact(texts: Sequence[str]) -> list[str]:
    """The messages of one conversation as they would leave the device."""
    numbers = Numbers(str, known={}, written=labels_written_in(texts))
    return [_redact(text, numbers) for text in texts]


def _redact(text: str, numbers: Numbers) -> str:
    for _ in range(MAX_ROUNDS):
        spans = find_spans(text, LOCAL)
        places = [
            (span.start, span.end, numbers.placeholder(span.entity_type, normalise(span.entity_type, text[span.start : span.end]))) for span in spans
        ]
        if not places:
            break
        text = replace_places(text, places)
    return text
