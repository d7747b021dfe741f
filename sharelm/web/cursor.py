"""Places in a list, as opaque and signed words: the next page begins after the last row of this one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Row

from sharelm.errors import English, InvalidPayload
from sharelm.store.types import to_micros
from sharelm.web.current import server

DEFAULT_LIMIT = 50
MAX_LIMIT = 200


def read_limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not (len(text) <= 3 and text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_LIMIT):
        raise InvalidPayload(f"limit must be a whole number from 1 to {MAX_LIMIT}.")
    return int(text)


def next_cursor(rows: Sequence[Row[Any]], limit: int) -> str | None:
    """For the page after these rows; None if they were all. One row more than `limit` was asked for."""
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    return str(_signer().dumps([to_micros(last.received_at), last.id]))


def read_cursor(text: str | None) -> tuple[int, int] | None:
    """(received_at in microseconds, id). Raises InvalidPayload for what we did not sign."""
    if not text:
        return None
    try:
        received_at, row_id = _signer().loads(text)
    except (BadSignature, ValueError, TypeError):
        raise InvalidPayload("cursor is not one of ours: take it from `next`.") from None
    return int(received_at), int(row_id)


def sign_place(order: str, place: tuple[int, int]) -> str:
    """Where the next page of a list in this order begins."""
    return str(_signer("place").dumps([order, *place]))


def read_place(text: str | None, order: str) -> tuple[int, int] | None:
    """(what orders, id). Raises InvalidPayload for what we did not sign, and for a place in another order."""
    if not text:
        return None
    try:
        signed_order, value, row_id = _signer("place").loads(text)
    except (BadSignature, ValueError, TypeError):
        signed_order = None
    if signed_order != order:
        raise InvalidPayload(English("cursor is not one of ours, or is for another order: begin at the first page."))
    return int(value), int(row_id)


def _signer(salt: str = "cursor") -> URLSafeSerializer:
    return URLSafeSerializer(server().keys.session, salt=salt)
