"""Static files: cached for a year, under an address that changes with their content. They and most pages are compressed."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Response, current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask_compress import Compress

if TYPE_CHECKING:
    from sharelm import ShareLM

KEPT_BY_BROWSERS = timedelta(days=365)

compress = Compress()


def prepare(app: ShareLM) -> None:
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = KEPT_BY_BROWSERS
    app.add_template_global(asset)
    app.config["COMPRESS_REGISTER"] = False  # no hook for every answer: an upload's has nothing to compress
    compress.init_app(app)
    compressed = compress.compressed()(app.send_static_file)

    def static(filename: str) -> ResponseReturnValue:
        # A part of a file is a part of its own bytes: it would be compressed as if it were the whole.
        return app.send_static_file(filename) if request.range else compressed(filename)

    app.view_functions["static"] = static


def compress_page(response: Response) -> Response:
    """Only where the address carries nothing: of a page that repeats what a stranger chose, the size would tell what stands beside it (BREACH)."""
    is_page = request.method == "GET" and response.mimetype == "text/html"
    return compress.after_request(response) if is_page and not request.query_string else response


def asset(name: str) -> str:
    """The address of a file in static/. What a style sheet names by itself (fonts) carries its version in the file name."""
    return _address(name, current_app.static_folder or "", request.script_root)


@cache
def _address(name: str, folder: str, _root: str) -> str:
    """Once for each file: a page of a list names two hundred icons."""
    return url_for("static", filename=name, v=_mark(Path(folder) / name))


@cache
def _mark(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]
