"""Anonymise the reasons that contributors gave with their ratings, with the labels of their conversation."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from sharelm.anonymise.engine import anonymise_texts
from sharelm.anonymise.forms import TO_READ_AGAIN, How, hidden_in
from sharelm.store import by_hand
from sharelm.store.corrections import dump_reasons, load_reasons
from sharelm.store.message_json import load_current

BATCH = 50


def select_waiting(connection: Connection) -> Sequence[Row[Any]]:
    """Some conversations with reasons as given; nobody claims them, since only one process runs the job."""
    return by_hand.select_new_reasons(connection, limit=BATCH)


def anonymise_reasons(row: Row[Any], how: How) -> dict[str, Any]:
    """The columns to store. Pure but for the error seam: a reason that breaks the engine is not kept at all."""
    try:
        return _anonymised_values(row, how)
    except Exception:  # one row must not stop the others, and text that cannot be anonymised must not wait for ever
        return {"new_reasons": None}


def write_back(connection: Connection, results: Sequence[tuple[Row[Any], Mapping[str, Any]]]) -> Counter[str]:
    """Store what came out and erase what was given; rows that changed meanwhile wait for the next time."""
    return Counter({"reasons anonymised": sum(by_hand.write_reasons(connection, row, values) for row, values in results)})


def _anonymised_values(row: Row[Any], how: How) -> dict[str, Any]:
    given = load_reasons(row.new_reasons)
    taken = tuple(message.content for message in load_current(row.pending, row.messages, row.branches))
    found = anonymise_texts(
        list(given.values()),
        names=how.names,
        digest=lambda text: how.digest(row.public_id, text),
        known=json.loads(row.placeholders) if row.placeholders else {},
        taken=taken,
        hidden=hidden_in(row, how),
        find_ids=how.find_ids,
    )
    reasons = load_reasons(row.reasons) | dict(zip(given, found.texts, strict=True))
    placeholders = json.dumps(found.known, sort_keys=True, separators=(",", ":"))
    # A name that only a reason gave away stands in the messages as well: they run again with the next improvement.
    is_outdated = row.anonymiser_version is not None and found.kept != taken
    version = {"anonymiser_version": TO_READ_AGAIN} if is_outdated else {}
    return {"reasons": dump_reasons(reasons), "new_reasons": None, "placeholders": placeholders, **version}
