"""Sign the receipts of what is erased, once nothing of the text is left anywhere here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from sharelm.keys import Keys
from sharelm.store import receipt as receipts
from sharelm.store import release as releases
from sharelm.store import tombstone as tombstones
from sharelm.store.tombstone import Span
from sharelm.withdraw.receipt import sign_receipt
from sharelm.withdraw.withdrawal import withdraw_stragglers


def sign_receipts(connection: Connection, keys: Keys, server: str, due: Sequence[Row[Any]], *, now: datetime) -> int:
    """Sign receipts whose conversations were all erased; one that gets a straggler waits until that is erased too. How many."""
    versions = [row.version for row in reversed(releases.select_releases(connection))]
    complete = [receipt for receipt in due if not withdraw_stragglers(connection, receipt, now=now)]
    for receipt in complete:
        signed = sign_receipt(keys, _facts(connection, receipt, versions, server=server, now=now))
        receipts.update_signed(connection, receipt.id, json.dumps(signed, indent=2) + "\n", erased_at=now)
    return len(complete)


def releases_within(versions: Sequence[str], spans: Iterable[Span]) -> list[str]:
    """The releases, oldest first as in `versions`, that are meant by at least one span."""
    place = {version: number for number, version in enumerate(versions)}
    inside = {version for span in spans for version in versions[place[span.first] : place[span.last] + 1] if version not in span.left_out}
    return [version for version in versions if version in inside]


def instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _facts(connection: Connection, receipt: Row[Any], versions: Sequence[str], *, server: str, now: datetime) -> dict[str, Any]:
    public_ids = receipts.select_public_ids(connection, receipt.id)
    return {
        "server": server,
        "receipt_id": receipt.receipt_id,
        "public_ids": public_ids,
        "everything": receipt.is_everything,
        "asked_at": instant(receipt.asked_at),
        "erased_at": instant(now),
        "releases": releases_within(versions, tombstones.select_spans(connection, public_ids)),
    }
