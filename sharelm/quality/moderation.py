"""Asks the operator's moderation service whether texts are toxic, in the shape of OpenAI's `/v1/moderations`. It gets anonymised text only.

Nothing of a text or an answer is in an error: a service that fails is counted, and the word lists' verdict stays.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_SECONDS = 10
TEXTS_AT_ONCE = 32
LONGEST_TEXT = 10_000  # characters; what is longer is asked about in pieces
MOST_TEXTS = 320  # of one conversation
LARGEST_ANSWER = 4_000_000  # bytes


class ModerationFailed(Exception):
    """The service did not answer, or not in this shape. Bears no words of anybody."""


@dataclass(frozen=True, slots=True)
class Moderator:
    """Where the service is, and what it is shown."""

    address: str
    key: str = field(repr=False)

    def is_toxic(self, texts: Sequence[str]) -> bool:
        """Whether it flags any of the texts. Raises ModerationFailed."""
        pieces = [text[start : start + LONGEST_TEXT] for text in texts if text.strip() for start in range(0, len(text), LONGEST_TEXT)]
        return any(self._flags(some) for some in _handfuls(pieces[:MOST_TEXTS]))

    def _flags(self, texts: Sequence[str]) -> bool:
        answer = self._ask({"input": list(texts)})
        results = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(results, list) or len(results) != len(texts):
            raise ModerationFailed
        verdicts = [result.get("flagged") if isinstance(result, dict) else None for result in results]
        if not all(isinstance(verdict, bool) for verdict in verdicts):
            raise ModerationFailed
        return any(verdicts)

    def _ask(self, question: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        request = urllib.request.Request(self.address, data=json.dumps(question).encode(), headers=headers, method="POST")
        try:
            with _opener().open(request, timeout=TIMEOUT_SECONDS) as answer:
                return json.loads(answer.read(LARGEST_ANSWER))
        except (OSError, ValueError, RecursionError, http.client.HTTPException):
            raise ModerationFailed from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The key and the texts go to the address that the operator named, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect)


def _handfuls(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (texts[start : start + TEXTS_AT_ONCE] for start in range(0, len(texts), TEXTS_AT_ONCE))
