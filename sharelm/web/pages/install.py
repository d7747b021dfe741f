"""How to install the extension, and the extension itself as this server hands it out."""

from __future__ import annotations

import json
from functools import cache, lru_cache

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from sharelm.config import EXTENSION
from sharelm.errors import English
from sharelm.packaging.extension import BrowserKind, Package, zip_extension
from sharelm.server import DEVICE_HOLD_HOURS
from sharelm.web.current import server

KEPT_SECONDS = 300
# Where the address says nothing of a site: people have these on hosts of their own.
SELF_HOSTED = English("on an address that you add")

blueprint = Blueprint("install", __name__)


@blueprint.get("/install")
def show() -> ResponseReturnValue:
    return render_template("install/install.html", sites=supported_sites(), device_hours=DEVICE_HOLD_HOURS)


@blueprint.get("/extension.zip")
def chromium() -> ResponseReturnValue:
    return packed(BrowserKind.CHROMIUM)


@blueprint.get("/extension-firefox.zip")
def firefox() -> ResponseReturnValue:
    return packed(BrowserKind.FIREFOX)


def packed(browser: BrowserKind) -> ResponseReturnValue:
    answer = Response(zipped(server().package, browser), content_type="application/zip")
    answer.headers["Content-Disposition"] = f"attachment; filename=sharelm-{browser}.zip"
    answer.cache_control.public, answer.cache_control.max_age = True, KEPT_SECONDS
    answer.add_etag()
    return answer.make_conditional(request)


@lru_cache(maxsize=8)
def zipped(package: Package, browser: BrowserKind) -> bytes:
    """Made once, kept in memory."""
    return zip_extension(EXTENSION, package, browser)


@cache
def supported_sites() -> tuple[tuple[str, str], ...]:
    """Every platform of the package by name, with the hosts that people know it by."""
    platforms = json.loads((EXTENSION / "platforms.json").read_text(encoding="utf-8"))["platforms"]
    return tuple((platform["name"], ", ".join(platform["hosts"][:2]) or SELF_HOSTED) for platform in platforms)
