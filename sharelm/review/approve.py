"""Approve by itself what carries no flag, where the operator has set `SHARELM_REVIEW=auto`."""

from __future__ import annotations

from sqlalchemy import Connection

from sharelm.store import conversation as conversations


def approve_unflagged(connection: Connection) -> int:
    """Everything anonymised is approved, except what is empty, one-sided or a provider's error; how many were. Idempotent."""
    return conversations.mark_approved(connection)
