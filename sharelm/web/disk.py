"""The floor of free disk space: below it uploads wait outside, so that withdrawals and the database still work."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from sharelm.errors import English, Refused
from sharelm.web.current import server

LOOK_AGAIN_SECONDS = 2.0
RETRY_AFTER_SECONDS = 60
_last_look: dict[Path, tuple[float, int]] = {}


def free_bytes(folder: Path) -> int:
    """Free bytes for us on the disk of `folder`, looked up at most every two seconds."""
    at, free = _last_look.get(folder, (0.0, 0))
    if time.monotonic() - at > LOOK_AGAIN_SECONDS:
        free = shutil.disk_usage(folder).free
        _last_look[folder] = (time.monotonic(), free)
    return free


def has_room() -> bool:
    config = server().config
    return free_bytes(config.instance) >= config.disk_floor_mb * 1_000_000


def check_room() -> None:
    if not has_room():
        detail = English("The disk of this server is full. Nothing was taken; keep what you have and try again later.")
        raise Refused(detail, status=503, title=English("Not available just now"), retry_after=RETRY_AFTER_SECONDS)
