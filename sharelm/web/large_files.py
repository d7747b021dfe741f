"""Requests that bring a contributor's own export may be larger than others; its file lies on the disk, without a name, until the request ends."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, cast

from flask import current_app, session
from htmx_flask.requests import HtmxAwareRequest

from sharelm.web.pages.visitor import TOKEN

if TYPE_CHECKING:
    from sharelm import ShareLM

MAX_BODY_BYTES = 250_100_000  # a file of 250 MB, and what stands around it in a form
FORMS = {"history.send"}
ENDPOINTS = {"exports.send", *FORMS}


class LargeFileRequest(HtmxAwareRequest):  # type: ignore[misc]
    """As every request, but for the addresses above."""

    @property
    def max_content_length(self) -> int | None:
        if self._max_content_length is None and self.endpoint in ENDPOINTS and self._may_be_large():
            return MAX_BODY_BYTES
        return cast(int | None, super().max_content_length)

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value

    def _may_be_large(self) -> bool:
        """A form is read before its token can be checked: from strangers only a small one. The API looks at the user ID before it reads."""
        return self.endpoint not in FORMS or TOKEN in session

    def _get_file_stream(self, *about: object, **more: object) -> IO[bytes]:
        if self.endpoint in ENDPOINTS:
            return cast(IO[bytes], TemporaryFile(dir=current_app.instance_path))
        return cast(IO[bytes], super()._get_file_stream(*about, **more))


def register(app: ShareLM) -> None:
    """After htmx, which brings a request of its own."""
    app.request_class = LargeFileRequest
