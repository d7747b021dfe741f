"""The platforms file that extensions read: the one in the package, or a newer one of the operator's.

A broken chat site is mended with new selectors, without a new version of the extension. The operator's file must look like ours: a mistake
in it would silence the recording everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sharelm.errors import ConfigError

MAX_BYTES = 1_000_000
MAX_STRING = 2_000
FIXED = ("id", "hosts", "paths", "selfHosted")  # extensions refuse a file that changes one of these


@dataclass(frozen=True, slots=True)
class Platforms:
    """The file as it is served."""

    version: int
    body: bytes


def shipped_platforms(body: bytes) -> Platforms:
    return Platforms(int(json.loads(body)["version"]), body)


def newer_platforms(shipped: Platforms, body: bytes) -> Platforms:
    """The operator's file. Raises ConfigError with one sentence if it is not shaped as the shipped one, or not newer."""
    if len(body) > MAX_BYTES:
        raise ConfigError("platforms.json in the instance folder is not used: it is too large.")
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise ConfigError("platforms.json in the instance folder is not used: it is no JSON.") from None
    ours = json.loads(shipped.body)
    place = find_misfit(given, [ours], "the file") or find_changed(given, ours)
    if place:
        raise ConfigError(f"platforms.json in the instance folder is not used: {place} is not as in the file that it replaces.")
    if given["version"] <= shipped.version:
        raise ConfigError("platforms.json in the instance folder is not used: its version is not higher than that of the extension's own.")
    return Platforms(given["version"], body)


def find_misfit(given: object, samples: list[Any], place: str) -> str | None:
    """Where `given` first differs in shape from all samples: other types, a missing or an unknown key. Lists may have any length."""
    fitting: list[Any] = [sample for sample in samples if type(sample) is type(given)]
    if not fitting:
        return place
    if isinstance(given, dict):
        return _misfit_of_object(given, fitting, place)
    if isinstance(given, list):
        elements = [element for sample in fitting for element in sample] or [""]
        return _first(find_misfit(element, elements, f"{place}[{number}]") for number, element in enumerate(given))
    return place if isinstance(given, str) and len(given) > MAX_STRING else None


def find_changed(given: Mapping[str, Any], ours: Mapping[str, Any]) -> str | None:
    """Which sites there are, and on which hosts, is for a new version of the extension to say."""
    theirs, own = ([[platform.get(name) for name in FIXED] for platform in file["platforms"]] for file in (given, ours))
    return None if theirs == own else "the list of platforms or their hosts"


def _misfit_of_object(given: dict[str, Any], samples: list[dict[str, Any]], place: str) -> str | None:
    needed, known = set.intersection(*map(set, samples)), set.union(*map(set, samples))
    if not needed <= set(given) <= known:
        return place
    return _first(find_misfit(value, [sample[name] for sample in samples if name in sample], f"{place}.{name}") for name, value in given.items())


def _first(places: Iterable[str | None]) -> str | None:
    return next((place for place in places if place), None)
