"""How the tests ask for a download and look into it."""

from __future__ import annotations

import io
import secrets
import zipfile

import pytest

from sharelm.jobs import clock
from sharelm.store import download as downloads
from sharelm.store.engine import read, write
from tests.web.pages.conftest import browser, inside, send

__all__ = ["ask", "browser", "inside", "send", "unpack"]


@pytest.fixture
def ask(app):
    def insert(owner=1):
        with write(app.server.engine) as connection:
            downloads.insert_download(connection, public_id=secrets.token_hex(16), contributor_id=owner, now=clock())

    return insert


@pytest.fixture
def unpack(app):
    """The files of the last download, by name."""

    def content(owner=1):
        with read(app.server.engine) as connection:
            row = downloads.select_last(connection, contributor_id=owner, now=clock())
            packed = b"".join(downloads.select_part(connection, row.id, number) for number in range(row.part_count))
        assert len(packed) == row.byte_count
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            assert archive.testzip() is None
            return {name.removeprefix("sharelm-data/"): archive.read(name).decode() for name in archive.namelist()}

    return content
