"""Read a JSON body that a stranger sent: type, size, compression and depth are checked before anything is parsed."""

from __future__ import annotations

import re
import zlib

from flask import current_app, request

from sharelm.errors import InvalidPayload, MalformedBody, Refused

MAX_EXPANDED_BYTES = 20_000_000
MAX_RATIO = 100
MAX_DEPTH = 64
JSON = "application/json"
# Possessive, and content with a string that never ends: tried again from every quote, such a body would take minutes.
BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\Z)|([\[{])|[\]}]', re.DOTALL)
NUL_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def read_json_body() -> bytes:
    """The body as JSON bytes. Raises 413, 415, MalformedBody (400) or InvalidPayload (422)."""
    if request.content_type != JSON and not _is_json_in_utf8():
        raise Refused("Send application/json in UTF-8.", status=415, title="Unsupported type")
    body = _expand(_receive())
    if not body:
        raise MalformedBody("The body is empty.")
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _is_too_deep(body):
        raise MalformedBody(f"The body is nested more than {MAX_DEPTH} levels deep.")
    if b"\\u0000" in body and NUL_ESCAPE.search(body):
        raise InvalidPayload("The body holds a NUL character, which no text has.")
    return body


def _is_json_in_utf8() -> bool:
    return request.mimetype == JSON and request.mimetype_params.get("charset", "utf-8").lower() in {"utf-8", "utf8"}


def _receive() -> bytes:
    """The body as sent. One without a length is cut at the limit instead of refused, so it gets one byte more to show itself."""
    limit = current_app.config["MAX_CONTENT_LENGTH"]
    request.max_content_length = limit + 1
    body = request.get_data(cache=False)
    if len(body) > limit:
        raise Refused("The body is larger than this server takes.", status=413, title="Too large")
    return body


def _expand(body: bytes) -> bytes:
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding == "identity":
        return body
    if encoding != "gzip":
        raise Refused("Send the body plain or with gzip.", status=415, title="Unsupported type")
    limit = min(MAX_EXPANDED_BYTES, MAX_RATIO * max(len(body), 1))
    stream = zlib.decompressobj(wbits=31)
    try:
        expanded = stream.decompress(body, limit + 1)
    except zlib.error:
        raise MalformedBody("The body says gzip and is none.") from None
    if len(expanded) > limit:
        raise Refused("The body expands to more than this server takes.", status=413, title="Too large")
    if not stream.eof or stream.unused_data:
        raise MalformedBody("The gzip body is cut off or has something behind it.")
    return expanded


def _is_too_deep(body: bytes) -> bool:
    depth = 0
    for bracket in BRACKETS.finditer(body):
        if bracket[1]:
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif bracket[0] in b"]}":
            depth -= 1
    return False
