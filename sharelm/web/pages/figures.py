"""Public figures: which models people use, and how much has been given. They are read from one table, where only what may be public is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from sharelm.errors import English
from sharelm.figures.count import OTHER
from sharelm.figures.groups import MIN_CONTRIBUTORS
from sharelm.store import figure as figures
from sharelm.store.engine import read
from sharelm.web.current import server
from sharelm.web.language import gettext, locale, translated
from sharelm.web.pages import charts
from sharelm.web.pages.wording import month_text, number

PLATFORMS = {
    "aistudio": "AI Studio",
    "chatgpt": "ChatGPT",
    "chatbotui": "Chatbot UI",
    "chatui": "Hugging Face ChatUI",
    "claude": "Claude",
    "cohere": "Cohere",
    "copilot": "Copilot",
    "deepseek": "DeepSeek",
    "gemini": "Gemini",
    "gradio": English("Gradio and Spaces"),
    "grok": "Grok",
    "kimi": "Kimi",
    "librechat": "LibreChat",
    "meta": "Meta AI",
    "mistral": "Mistral",
    "openwebui": "Open WebUI",
    "perplexity": "Perplexity",
    "poe": "Poe",
    "qwen": "Qwen",
}

FEWEST = MIN_CONTRIBUTORS
GROUPS = {
    "languages": {
        "title": English("Languages"),
        "word": English("Language"),
        "caption": English("Conversations and people by language"),
        "missing": English("No language has %(fewest)s contributors yet, so none is shown.", fewest=FEWEST),
    },
    "platforms": {
        "title": English("Platforms"),
        "word": English("Platform"),
        "caption": English("Conversations and people by platform"),
        "missing": English("No platform has %(fewest)s contributors yet, so none is shown.", fewest=FEWEST),
    },
}

blueprint = Blueprint("figures", __name__)


@blueprint.get("/models")
def models() -> ResponseReturnValue:
    counted_at, content = read_figure("models")
    popularity = content["popularity"] if content else {}
    windows = [(days, popularity[days], scale_top(popularity[days]["models"])) for days in ("30", "90") if popularity.get(days)]
    return render_template(
        "figures/models.html",
        counted_at=counted_at,
        windows=windows,
        satisfaction=content["satisfaction"] if content else [],
        name=model_name,
        charts=charts,
        fewest=MIN_CONTRIBUTORS,
    )


@blueprint.get("/statistics")
def statistics() -> ResponseReturnValue:
    counted_at, content = read_figure("statistics")
    return render_template(
        "figures/statistics.html",
        counted_at=counted_at,
        figures=content,
        by_month=month_chart(content["months"]) if content and content["months"] else None,
        groups=named_groups(content) if content else [],
        month=month_name,
        charts=charts,
        fewest=MIN_CONTRIBUTORS,
    )


def read_figure(name: str) -> tuple[datetime | None, dict[str, Any] | None]:
    with read(server().engine) as connection:
        return figures.select_figure(connection, name) or (None, None)


def scale_top(models: Sequence[dict[str, Any]]) -> int:
    """The end of a scale in percent: 20, 40, 60 … 100."""
    return min(100, 20 * -(-max((model["high"] for model in models), default=1) // 20))


def month_chart(months: Sequence[dict[str, Any]]) -> Any:
    known = [month for month in months if month["conversations"] is not None]
    most = max(known, key=lambda month: month["conversations"])
    missing = len(months) - len(known)
    seen = gettext("Most in %(month)s: about %(count)s.", month=month_name(most["name"]), count=number(most["conversations"]))
    if missing:
        left_out = gettext(
            "%(count)s of %(all)s months have fewer than %(fewest)s contributors and no bar.", count=missing, all=len(months), fewest=FEWEST
        )
        seen = f"{seen} {left_out}"
    words = charts.Words("months", gettext("Conversations received, by month"), seen)
    return charts.bars(words, [(month_name(month["name"]), month["conversations"]) for month in months])


def named_groups(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Languages and platforms for the template, with the largest count, which fills its bar."""
    names = {"languages": language_name, "platforms": platform_name}
    return [
        {
            "id": key,
            **GROUPS[key],
            "rows": [{**entry, "name": name(entry["name"])} for entry in content[key]],
            "top": max((entry["conversations"] for entry in content[key]), default=0),
        }
        for key, name in names.items()
    ]


def month_name(name: str) -> str:
    """`2026-11` as `Nov 2026`."""
    return month_text(datetime.strptime(name, "%Y-%m"))


def model_name(name: str | None) -> str:
    return name or (gettext("Other models together") if name == OTHER else gettext("Not known"))


def platform_name(name: str | None) -> str:
    if name == OTHER:
        return gettext("Other platforms together")
    return translated(PLATFORMS.get(name, name)) if name else gettext("Not known")


def language_name(code: str | None) -> str:
    if code == OTHER:
        return gettext("Other languages together")
    if code is None:
        return gettext("Too short to tell, or code")
    name = str(locale().languages.get(code, code))
    return name[:1].upper() + name[1:]  # it stands alone: Babel has `italiano`
