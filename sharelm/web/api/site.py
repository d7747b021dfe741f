"""What extensions ask of a server: who it is, and how chat pages are read. Open to every page, without a user ID."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from sharelm.config import EXTENSION
from sharelm.errors import ConfigError
from sharelm.packaging.platforms import Platforms, newer_platforms, shipped_platforms
from sharelm.signatures import public_entry
from sharelm.web.current import server
from sharelm.withdraw.receipt import receipt_keys

log = logging.getLogger("sharelm.site")
KEPT_SECONDS = 3600
NAME = "platforms.json"

blueprint = Blueprint("site", __name__)


@blueprint.after_request
def open_to_all(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.get("/.well-known/sharelm.json")
def describe() -> ResponseReturnValue:
    config, consent, package = server().config, server().consent, server().package
    return jsonify(
        name=config.study,
        address=config.public_url,
        operator=package.operator,
        contact=config.contact,
        licence=config.licence,
        consent={"version": consent.version, "hash": consent.sha256, "address": f"{config.public_url}/terms"},
        hold_hours=package.hold_hours,
        release_hold_hours=package.release_hold_hours,
        platforms={"address": f"{config.public_url}/{NAME}", "version": current_platforms().version},
        receipt_keys=receipt_keys(server().keys),
        release_keys=[public_entry(server().keys.signature)],
    )


@blueprint.get(f"/{NAME}")
def platforms() -> ResponseReturnValue:
    answer = Response(current_platforms().body, content_type="application/json")
    answer.cache_control.public, answer.cache_control.max_age = True, KEPT_SECONDS
    answer.add_etag()
    return answer.make_conditional(request)


def current_platforms() -> Platforms:
    """The operator's file where there is a good one; put in place or replaced at any time, without a restart."""
    shipped = _shipped()
    path = server().config.instance / NAME
    try:
        found = path.stat()
    except OSError:
        return shipped
    return _newer(path, (found.st_mtime_ns, found.st_size, found.st_ino)) or shipped


@lru_cache(maxsize=1)
def _shipped() -> Platforms:
    return shipped_platforms((EXTENSION / NAME).read_bytes())


@lru_cache(maxsize=2)
def _newer(path: Path, mark: tuple[int, ...]) -> Platforms | None:
    """None, and one line in the log for each `mark` of a file that cannot be used."""
    try:
        return newer_platforms(_shipped(), path.read_bytes())
    except ConfigError as problem:
        log.warning("%s", problem.message)
    except OSError:
        log.warning("%s in the instance folder is not used: it cannot be read.", NAME)
    return None
