"""A contributor's own exports: one file for each format, told by its shape. Another format is a file and a line here.

The order counts where two shapes have something in common: the one that says more comes first.
"""

from __future__ import annotations

from typing import cast

from sharelm.ingest.exports import chatbotui, chatgpt, claude, gemini, librechat, openai, openwebui, sharegpt
from sharelm.ingest.exports.draft import Format, Json

FORMATS = tuple(cast(Format, module) for module in (chatgpt, claude, openwebui, gemini, librechat, chatbotui, sharegpt, openai))


def format_of(element: Json) -> Format | None:
    return next((one for one in FORMATS if one.fits(element)), None)
