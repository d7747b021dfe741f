"""Who may review: added, given a new password and removed by the operator, never by themselves."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sharelm.errors import InvalidPayload
from sharelm.keys import token_digest
from sharelm.review.password import LONGEST, SHORTEST, hash_password, is_right
from sharelm.store import reviewer as reviewers
from sharelm.store.audit import insert_entry

NAME = re.compile(r"[a-z0-9][a-z0-9._\-]{0,63}")
OPERATOR = "operator"
LOGIN_LASTS = timedelta(hours=12)  # from the login on, however often it is used
TOKEN_BYTES = 32


def add_reviewer(connection: Connection, name: str, password: str, *, now: datetime) -> None:
    """Raises InvalidPayload for a name that is taken or unfit, and for a password that is too short."""
    if not NAME.fullmatch(name) or name == OPERATOR:
        raise InvalidPayload("A name has 1 to 64 of a–z 0–9 . _ - and begins with a letter or digit; it is not “operator”.")
    known = reviewers.select_reviewer(connection, name)
    if known is not None and known.password_hash:
        raise InvalidPayload("There is a reviewer of this name: `reviewer password` gives them a new password.")
    if known is None:
        reviewers.insert_reviewer(connection, name, password_hash=_hashed(password), now=now)
    else:
        reviewers.update_password(connection, known.id, _hashed(password))
    insert_entry(connection, {"reviewer": OPERATOR, "act": "add-reviewer", "detail": name}, now=now)


def change_password(connection: Connection, name: str, password: str, *, now: datetime) -> None:
    """Every login under the old one ends. Raises InvalidPayload."""
    reviewers.update_password(connection, _find(connection, name), _hashed(password))
    insert_entry(connection, {"reviewer": OPERATOR, "act": "change-password", "detail": name}, now=now)


def remove_reviewer(connection: Connection, name: str, *, now: datetime) -> None:
    """They are logged out and cannot come in again; what they did stays in the log. Raises InvalidPayload."""
    reviewers.update_password(connection, _find(connection, name), "")
    insert_entry(connection, {"reviewer": OPERATOR, "act": "remove-reviewer", "detail": name}, now=now)


def find_reviewer(connection: Connection, name: str, password: str) -> int | None:
    """The reviewer of this name and password. Unknown names take as long as wrong passwords."""
    known = reviewers.select_reviewer(connection, name.strip().lower()[:64])
    right = is_right(known.password_hash if known else None, password[:LONGEST])
    return known.id if known is not None and right else None


def begin_session(connection: Connection, reviewer_id: int, *, now: datetime) -> str:
    """A new login; the token that opens it, of which only the digest is kept."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    reviewers.insert_session(connection, token_digest(token), reviewer_id=reviewer_id, expires_at=now + LOGIN_LASTS)
    return token


def _find(connection: Connection, name: str) -> int:
    known = reviewers.select_reviewer(connection, name)
    if known is None or not known.password_hash:
        raise InvalidPayload("There is no reviewer of this name.")
    return int(known.id)


def _hashed(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidPayload(f"A password has {SHORTEST} to {LONGEST} characters.")
    return hash_password(password)
