"""Passwords of reviewers: argon2id with the parameters of RFC 9106, section 4, for machines with little memory."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 200  # characters


@cache
def hasher() -> PasswordHasher:
    from argon2 import PasswordHasher, profiles

    return PasswordHasher.from_parameters(profiles.RFC_9106_LOW_MEMORY)


def hash_password(password: str) -> str:
    return hasher().hash(password)


def is_right(password_hash: str | None, password: str) -> bool:
    """Takes as long for a name that nobody has, or that may not log in any more."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        hasher().verify(password_hash or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


@cache
def _nobodys() -> str:
    return hash_password("nobody has this one, and whoever tries it is refused")
