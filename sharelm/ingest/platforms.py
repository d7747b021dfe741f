"""Which chat platform an address belongs to, and which model or Space it names.

The address itself is dropped: a host is kept only where it is in this table, so that `llm.employer.internal` never is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

NAME = r"([\w.\-]{1,96})"
NOWHERE = r"(?!)"  # matches no host


@dataclass(frozen=True, slots=True)
class Platform:
    """A row of the table. `path` may capture an owner and a name, or a model; `query` names a parameter that carries the model."""

    id: str
    host: str  # a regular expression for the whole host; its group, if any, names the Space
    path: str = ""
    query: str = ""


PLATFORMS = (
    Platform("gradio", r"huggingface\.co", path=rf"/spaces/{NAME}/{NAME}"),
    Platform("chatui", r"huggingface\.co", path=rf"/chat/models/{NAME}/{NAME}"),
    Platform("chatui", r"huggingface\.co", path=r"/chat(?:/|$)"),
    Platform("gradio", r"([a-z0-9\-]{1,200})\.hf\.space"),
    Platform("gradio", r"([a-z0-9\-]{1,100})\.gradio\.live"),
    Platform("chatgpt", r"(?:chatgpt\.com|chat\.openai\.com)", query="model"),
    Platform("claude", r"claude\.ai"),
    Platform("gemini", r"gemini\.google\.com"),
    Platform("aistudio", r"aistudio\.google\.com", query="model"),
    Platform("mistral", r"chat\.mistral\.ai"),
    Platform("poe", r"(?:www\.)?poe\.com", path=rf"/(?!chat(?:/|$)){NAME}"),
    Platform("poe", r"(?:www\.)?poe\.com"),
    Platform("perplexity", r"(?:www\.)?perplexity\.ai"),
    Platform("grok", r"grok\.com"),
    Platform("copilot", r"copilot\.microsoft\.com"),
    Platform("deepseek", r"chat\.deepseek\.com"),
    Platform("qwen", r"chat\.qwen\.ai"),
    Platform("kimi", r"(?:www\.)?kimi\.com"),
    Platform("meta", r"(?:www\.)?meta\.ai"),
    Platform("cohere", r"(?:dashboard|coral)\.cohere\.com"),
    # People run these on hosts of their own: only the platform is told, never the host.
    Platform("openwebui", NOWHERE),
    Platform("streamlit", NOWHERE),
    Platform("chainlit", NOWHERE),
)

COMPILED = tuple((platform, re.compile(platform.host), re.compile(platform.path)) for platform in PLATFORMS)


@dataclass(frozen=True, slots=True)
class Page:
    """All that is kept of an address."""

    platform: str | None = None
    host: str | None = None
    model: str | None = None


def read_page(address: str) -> Page:
    """What a page address or a bare host says; nothing where the platform is not known."""
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        host = (parts.hostname or "").lower().rstrip(".")
    except ValueError:
        return Page()
    rows = _rows_of(host)
    for platform, path_pattern, space in rows:
        in_path = path_pattern.match(parts.path)
        if in_path:
            asked = parse_qs(parts.query).get(platform.query, [""])[0] if platform.query else ""
            named = "/".join(group for group in (*space, *in_path.groups()) if group) or asked
            return Page(platform.id, host, named[:200] if re.fullmatch(r"[\w.\-/:]{1,200}", named) else None)
    return Page(host=host if rows else None)


@lru_cache(maxsize=256)
def _rows_of(host: str) -> tuple[tuple[Platform, re.Pattern[str], tuple[str, ...]], ...]:
    """The rows of the table for a host, each with the pattern of its path and the Space that the host names."""
    return tuple((platform, path, found.groups()) for platform, pattern, path in COMPILED if (found := pattern.fullmatch(host)))
