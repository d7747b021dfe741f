"""The files of a download: names and texts, written as they are read, so that memory stays flat."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from string import Template
from typing import Any

from sqlalchemy import Engine, Row

from sharelm.download.csv_text import BYTE_ORDER_MARK, csv_line
from sharelm.download.rows import iso, whole_facts
from sharelm.store import belongings
from sharelm.store import contributor as contributors
from sharelm.store.corrections import load_reasons
from sharelm.store.engine import read
from sharelm.store.identity import message_keys
from sharelm.store.message_json import load_placed

COLUMNS = (
    "conversation_id", "public_id", "stage", "received_at", "platform", "conversation_rating", "conversation_reason", "number", "shown", "role",
    "model", "timestamp", "rating", "reason", "redactions", "content",
)  # fmt: skip
FORMS = ("messages", "branches")
THUMBS = {1: "up", -1: "down"}
File = tuple[str, Iterable[str]]
ReceiptAddress = Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose things they are, and where from: `sizes` are the conversations as (id, characters), `receipt_address` makes one of a receipt's seed."""

    engine: Engine
    contributor_id: int
    sizes: Sequence[tuple[int, int]]
    server: str
    receipt_address: ReceiptAddress


def download_files(owner: Owner, *, now: datetime) -> Iterator[File]:
    """The readme first: it says what the others are."""
    yield "README.txt", [_readme(owner, now=now)]
    yield "conversations.json", _json_list(_conversations(owner))
    yield "conversations.jsonl", (_json(facts) + "\n" for facts in _conversations(owner))
    yield "messages.csv", _csv(owner)
    yield "ratings.json", _json_list(_ratings(owner))
    yield "points.json", _json_list(())
    yield "receipts.json", _json_list(_receipt(owner, row) for row in belongings.stream_receipts(owner.engine, owner.contributor_id))
    with read(owner.engine) as connection:
        person = contributors.select_by_id(connection, owner.contributor_id)
        consents = belongings.select_consents(connection, owner.contributor_id)
        messages = belongings.select_own_messages(connection, person.user_digest)
    yield "consent.json", _json_list(map(_consent, consents))
    yield "about-me.json", [json.dumps(_person(person, messages), ensure_ascii=False, indent=2) + "\n"]


def _conversations(owner: Owner) -> Iterator[dict[str, Any]]:
    """As on their own pages, with anonymised text only: what was prepared must not outlive the text as it was given."""
    for row in belongings.stream_conversations(owner.engine, owner.contributor_id, owner.sizes):
        if row.withdrawn_at is not None:
            yield whole_facts(row, [], keys=[], shown=[], reasons={})
            continue
        placed = [(place, name, message) for name in FORMS if getattr(row, name) for place, message in load_placed(getattr(row, name))]
        placed.sort(key=lambda one: one[0])
        messages = [message for _, _, message in placed]
        shown = {number for number, (_, name, _) in enumerate(placed) if name == "messages"}
        keys = message_keys(messages, lambda _: "")  # what is anonymised carries the digest that it is known by
        yield whole_facts(row, messages, keys=keys, shown=shown, reasons=load_reasons(row.reasons))


def _csv(owner: Owner) -> Iterator[str]:
    yield BYTE_ORDER_MARK + csv_line(COLUMNS)
    for facts in _conversations(owner):
        for number, message in enumerate(facts["messages"], start=1):
            whole = {"conversation_rating": THUMBS.get(facts["rating"]), "conversation_reason": facts["reason"]}
            own = {"number": number, "shown": "yes" if message["shown"] else "no", "rating": THUMBS.get(message["rating"])}
            row = {**facts, **message, **whole, **own}
            row["model"] = message["model"] or facts["model"]
            yield csv_line(row[column] for column in COLUMNS)


def _ratings(owner: Owner) -> Iterator[dict[str, Any]]:
    """Every thumb and why: `message` is its number in the conversation, null for the conversation as a whole."""
    for facts in _conversations(owner):
        ids = {name: facts[name] for name in ("conversation_id", "public_id")}
        if facts["rating"]:
            yield {**ids, "message": None, "rating": facts["rating"], "reason": facts["reason"]}
        for number, message in enumerate(facts["messages"], start=1):
            if message["rating"]:
                yield {**ids, "message": number, "rating": message["rating"], "reason": message["reason"]}


def _receipt(owner: Owner, row: Row[Any]) -> dict[str, Any]:
    signed = json.loads(row.signed) if row.signed else None
    times = {"asked_at": iso(row.asked_at), "erased_at": iso(row.erased_at)}
    return {"receipt_id": row.receipt_id, **times, "address": owner.receipt_address(row.seed), "signed": signed}


def _consent(row: Row[Any]) -> dict[str, Any]:
    words = {name: getattr(row, name) for name in ("version", "language", "text_sha256")}
    return {**words, "given_at": iso(row.given_at), "ended_at": iso(row.ended_at)}


def _person(person: Row[Any], messages: Sequence[Row[Any]]) -> dict[str, Any]:
    return {
        "known_since": iso(person.created_at),
        **{name: getattr(person, name) for name in ("age_band", "country", "gender")},
        **{name: getattr(person, name) for name in ("public_name", "is_in_card", "badge_token")},
        "is_ungrouped": bool(person.is_ungrouped),
        "messages_to_the_operator": [_message(row) for row in messages],
    }


def _message(row: Row[Any]) -> dict[str, Any]:
    return {"received_at": iso(row.received_at), **{name: getattr(row, name) for name in ("kind", "about", "reply_to", "message")}}


def _json(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


def _json_list(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A JSON array with one element on each line."""
    between = "[\n"
    for facts in rows:
        yield between + _json(facts)
        between = ",\n"
    yield "[]\n" if between == "[\n" else "\n]\n"


def _readme(owner: Owner, *, now: datetime) -> str:
    facts = {"server": owner.server, "now": f"{now:%Y-%m-%d %H:%M} UTC", "count": len(owner.sizes)}
    return README.substitute(facts)


README = Template("""\
What $server has of you
Made on $now. Conversations: $count (withdrawn ones are counted, and have no text).

conversations.json   every conversation with all its messages; "shown" is false in other versions of an answer or a question
conversations.jsonl  the same, one conversation a line, each with its "messages"
messages.csv         one message a row, for spreadsheets
ratings.json         your thumbs and reasons; "message" is the number of the answer, null for a whole conversation
points.json          the ledger of your points; empty, as this server gives none
receipts.json        your receipts; "signed" is what can be checked at $server/receipts/verify
consent.json         what you agreed to, and when
about-me.json        what you told about yourself, and messages to the operator that are not answered yet

The text is the anonymised one. A message or a reason that was sent a moment ago and is not anonymised yet is missing; what you gave is on your pages
meanwhile.
Times are UTC. "rating" is 1 (good) or -1 (poor), in the CSV up or down.

messages.csv is UTF-8 with a byte order mark, lines end in CR LF, texts with quotes, commas or line ends stand in quotes (RFC 4180). A text that a
spreadsheet could take for a formula (it begins with = + - @ or the like), or that begins with an apostrophe, has one more apostrophe in front.

Your user ID is in none of these files. Keep them where nobody else reads them: they hold all that you gave.
""")
