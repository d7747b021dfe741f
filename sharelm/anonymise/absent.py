"""Imports a package without what it would use if it were there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def absent(*packages: str) -> Iterator[None]:
    """What is imported inside does not find these packages, but for those that are loaded already."""
    hidden = [package for package in packages if package not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None there is an ImportError: the import system's reference, 5.3.1
    try:
        yield
    finally:
        for package in hidden:
            del sys.modules[package]
