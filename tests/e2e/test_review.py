"""Reviewers in a real browser: with the keyboard, without JavaScript, and accessible in every look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

PASSWORD = "a long password of Rae's"
Open = Callable[..., Any]
