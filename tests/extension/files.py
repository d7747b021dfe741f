"""Newer platforms files as an operator writes them, made from the package's own."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from tests.extension.conftest import SOURCE

SHIPPED = json.loads((SOURCE / "platforms.json").read_text())
VERSION = SHIPPED["version"]
IDS = [platform["id"] for platform in SHIPPED["platforms"]]


def newer(change: Callable[[dict[str, Any]], object] = lambda _: None, *, of: str = "chatgpt", version: Any = VERSION + 1) -> dict[str, Any]:
    """The package's file with another version, and one platform changed."""
    made = copy.deepcopy(SHIPPED)
    change(made["platforms"][IDS.index(of)])
    return {**made, "version": version}


def put(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Sets what a path of names and numbers leads to."""

    def change(platform: dict[str, Any]) -> None:
        *way, name = [int(part) if part.isdecimal() else part for part in path.split("/")]
        at: Any = platform
        for part in way:
            at = at[part]
        at[name] = value

    return change


def mended(platform: dict[str, Any]) -> None:
    """Reads the site whose marks were renamed."""
    roles = platform["generations"][1]
    platform["generations"].insert(0, {**roles, "name": "next", "user": "[data-speaker=user]", "assistant": "[data-speaker=assistant]"})
