"""Gemini: Google Takeout, My Activity, Gemini Apps, as JSON. A log of what was asked, the newest first, not of chats.

Entries that name the same chat belong together; one that names none is a conversation of its own. No model is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.ingest.exports.draft import EARLIEST, Draft, Json, Node, NotAnExport, Unreadable, dict_of, list_of, moment_of, text_of
from sharelm.ingest.exports.html_text import text_of_html
from sharelm.vocabulary import Role

NAME = PLATFORM = "gemini"
MAX_DEPTH = 64
MOST_CHARACTERS = 100_000_000  # held at a time: the log has to be read to its end before a chat is known to be whole
OURS = re.compile(r"gemini|\bbard\b", re.IGNORECASE)
CHAT = re.compile(r"https://(?:gemini|bard)\.google\.com/(?:u/\d+/)?(?:app|chat)/([0-9a-zA-Z_-]{1,128})")
# What stands before the words of the person, in the language of their account.
ASKED = re.compile(r"(?:Prompted|Asked|Solicitou|Запит:)\s+", re.UNICODE)


def fits(element: Json) -> bool:
    named = [element.get("header"), *list_of(element.get("products"))]
    is_entry = "header" in element and "title" in element and "time" in element
    return is_entry and (any(isinstance(name, str) and OURS.search(name) for name in named) or _chat_of(element) is not None)


def read(element: Json) -> Iterator[Draft]:
    """One turn. `gather` puts the turns of a chat together."""
    answer = "\n\n".join(text for item in list_of(element.get("safeHtmlItem")) if (text := text_of_html(text_of(dict_of(item).get("html")))))
    if not answer:
        raise Unreadable("no-conversation")
    title = text_of(element.get("title"))
    prefix = ASKED.match(title)
    if prefix is None:
        raise Unreadable("other-language")
    at = moment_of(element.get("time"))
    key = f"{text_of(element.get('time'))} {title}"
    nodes = [Node(f"{key}?", None, Role.USER, title[prefix.end() :], sent_at=at), Node(f"{key}!", f"{key}?", Role.ASSISTANT, answer, sent_at=at)]
    yield Draft(nodes=nodes, native_id=_chat_of(element), changed_at=at)


def gather(turns: Iterator[Draft]) -> Iterator[Draft]:
    """The chats that the turns of a log make. Raises NotAnExport where they are too much to hold."""
    chats: dict[str, list[Draft]] = {}
    held = 0
    for turn in turns:
        if turn.native_id is None:
            yield turn
            continue
        held += sum(len(node.content) for node in turn.nodes)
        if held > MOST_CHARACTERS:
            raise NotAnExport("too-large")
        chats.setdefault(turn.native_id, []).append(turn)
    for native_id, parts in chats.items():
        yield _chat(native_id, parts)


def _chat(native_id: str, newest_first: list[Draft]) -> Draft:
    nodes: list[Node] = []
    turns = {turn.nodes[0].id: turn for turn in newest_first}  # an entry may be there twice
    for turn in sorted(turns.values(), key=lambda turn: (turn.changed_at or EARLIEST, turn.nodes[0].id)):
        asked, answered = turn.nodes
        before = nodes[-1].id if nodes else None
        nodes += [Node(asked.id, before, asked.role, asked.content, sent_at=asked.sent_at), answered]
    changed_at = max((turn.changed_at for turn in newest_first if turn.changed_at), default=None)
    return Draft(nodes=nodes, native_id=native_id, leaf=nodes[-1].id, changed_at=changed_at)


def _chat_of(element: Json) -> str | None:
    addresses = [dict_of(detail).get("url") for detail in list_of(element.get("details"))]
    for address in (*addresses, element.get("titleUrl")):
        if isinstance(address, str) and (found := CHAT.match(address)):
            return found[1]
    return None
