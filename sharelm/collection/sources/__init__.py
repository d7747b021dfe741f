"""The visible list of sources. A new one is a file here, a line in this list, and a row in the tests' table."""

from __future__ import annotations

from sharelm.collection.source import Source
from sharelm.collection.sources import (
    babi_dialog,
    chatbot_arena,
    collective_cognition,
    hh_rlhf,
    lmsys_chat_1m,
    oasst,
    prism,
    self_feeding,
    sharegpt,
    wildchat,
)
from sharelm.errors import ShareLMError

SOURCES: tuple[Source, ...] = tuple(
    module.SOURCE
    for module in (
        hh_rlhf,
        babi_dialog,
        self_feeding,
        collective_cognition,
        prism,
        wildchat,
        lmsys_chat_1m,
        chatbot_arena,
        sharegpt,
        oasst,
    )
)
NAMES = tuple(source.name for source in SOURCES)


def source_named(name: str) -> Source:
    """Raises ShareLMError if there is none."""
    for source in SOURCES:
        if source.name == name:
            return source
    raise ShareLMError(f"There is no such source; the sources are: {', '.join(NAMES)}.")
