"""Groups of near duplicates: who joins which, and what becomes of one that somebody has left. Who writes needs `lock_groups`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from sharelm.quality.near_duplicate import Signature, are_alike, divide
from sharelm.store import near_duplicate as groups

MOST_DIVIDED = 500  # members: a larger group is a flood of copies, and stays as it is
BATCH = 50


def place(connection: Connection, signed: Mapping[int, Signature | None]) -> None:
    """Keep what stands for the present texts of conversations, and put each with those that it is like; their groups become one."""
    before = groups.select_groups(connection, list(signed))
    kept = {row_id: (signature.numbers, signature.bands) if signature else (None, ()) for row_id, signature in signed.items()}
    groups.replace_signatures(connection, kept)
    for row_id, signature in signed.items():
        if signature is not None:
            _join(connection, row_id, signature)
    if before:
        groups.mark_stale(connection, before)


def _join(connection: Connection, row_id: int, signature: Signature) -> None:
    near = groups.select_neighbours(connection, row_id, signature.bands)
    alike = [row for row in near if are_alike(row.signature, signature.numbers)]
    if not alike:
        return
    named = list(dict.fromkeys(row.group_name for row in alike if row.group_name))
    name = named[0] if named else secrets.token_hex(16)
    groups.update_group(connection, [row_id, *(row.conversation_id for row in alike if not row.group_name)], name)
    if named[1:]:
        groups.merge_groups(connection, named[1:], name)


def select_stale(connection: Connection) -> list[str]:
    """Some groups that somebody has left."""
    return groups.select_stale_groups(connection, limit=BATCH)


def regroup(connection: Connection, names: Sequence[str]) -> int:
    """Look again at who is left: the largest part keeps the name, other parts get one of their own; how many were looked at."""
    for name in names:
        _regroup(connection, name)
    return len(names)


def _regroup(connection: Connection, name: str) -> None:
    members = groups.select_members(connection, name, limit=MOST_DIVIDED + 1)
    groups.clear_stale(connection, name)
    if len(members) > MOST_DIVIDED:
        return
    parts = divide({row.conversation_id: row.signature for row in members})
    together = {row_id for part in parts for row_id in part}
    groups.update_group(connection, [row.conversation_id for row in members if row.conversation_id not in together], None)
    for part in parts[1:]:
        groups.update_group(connection, part, secrets.token_hex(16))
