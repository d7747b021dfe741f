"""Groups of near duplicates: who joins which, and what becomes of one that somebody has left. Who writes needs `lock_groups`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import Connection

from sharelm.quality.near_duplicate import Signature, are_alike, divide
from sharelm.store import near_duplicate as groups

MOST_DIVIDED = 500  # members: a larger group is a flood of copies, and stays as it is
BATCH = 50


def place(connection: Connection, row_id: int, signature: Signature | None) -> None:
    """Keep what stands for its present text, and put it with those that it is like; their groups become one."""
    before = groups.select_group(connection, row_id)
    groups.replace_signature(connection, row_id, signature.numbers if signature else None, signature.bands if signature else ())
    near = groups.select_neighbours(connection, row_id, signature.bands) if signature else ()
    alike = [row for row in near if signature and are_alike(row.signature, signature.numbers)]
    name = next((row.group_name for row in alike if row.group_name), None) or secrets.token_hex(16)
    if alike:
        others = {row.group_name for row in alike if row.group_name} - {name}
        groups.update_group(connection, [row_id, *(row.conversation_id for row in alike if not row.group_name)], name)
        groups.merge_groups(connection, others, name)
    if before is not None:
        groups.mark_stale(connection, [before])


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
