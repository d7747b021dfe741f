"""ShareGPT: `conversations` of `from` and `value`; who speaks has several names, and what is said may be HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.ingest.exports.draft import Draft, Json, dict_of, list_of, text_of, word_of
from sharelm.ingest.exports.html_text import text_of_html
from sharelm.ingest.exports.in_order import ROLES, in_order
from sharelm.vocabulary import Role

NAME = "sharegpt"
PLATFORM = None  # the file does not say where it was
MAX_DEPTH = 64
LOOKS_LIKE_HTML = re.compile(r"\s*<(?:div|p)\b[^>]*>.*</(?:div|p)>\s*\Z", re.DOTALL | re.IGNORECASE)


def fits(element: Json) -> bool:
    turns = element.get("conversations")
    return isinstance(turns, list) and all(isinstance(turn, dict) and "from" in turn for turn in turns[:3])


def read(element: Json) -> Iterator[Draft]:
    model = word_of(element.get("model"))
    said = [_turn(dict_of(turn)) for turn in list_of(element.get("conversations"))]
    yield Draft(nodes=in_order(said, model=model), native_id=word_of(element.get("id")), model=model)


def _turn(turn: Json) -> tuple[Role | None, str]:
    role, said = ROLES.get(str(turn.get("from")).lower()), text_of(turn.get("value"))
    is_html = role is Role.ASSISTANT and LOOKS_LIKE_HTML.match(said)
    return role, text_of_html(said) if is_html else said
