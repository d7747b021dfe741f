"""Terms, privacy and questions: completed from the configuration, so that they say what this server does."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from markdown_it import MarkdownIt
from markupsafe import Markup

from sharelm.consent.texts import DEFAULT_LANGUAGE, current_text, languages, named
from sharelm.figures.groups import MIN_CONTRIBUTORS
from sharelm.web.current import server
from sharelm.web.language import locale

LANGUAGES = {"en": "In English", "it": "In italiano"}

blueprint = Blueprint("texts", __name__)


@blueprint.get("/terms")
def terms() -> ResponseReturnValue:
    consent = current_text(server().consent_facts, request.args.get("language", locale().language))
    body, sections = render_markdown(consent.text)
    others = [(language, LANGUAGES[language]) for language in languages() if language != consent.language]
    return render_template("texts/terms.html", consent=consent, body=body, sections=sections, others=others)


@blueprint.get("/privacy")
def privacy() -> ResponseReturnValue:
    return render_template("texts/privacy.html", facts=named_facts(), fewest=MIN_CONTRIBUTORS)


@blueprint.get("/faq")
def faq() -> ResponseReturnValue:
    return render_template("texts/faq.html", facts=named_facts(), fewest=MIN_CONTRIBUTORS)


def named_facts() -> dict[str, str]:
    """In English where there are no words for what is not named in the reader's language."""
    language = locale().language
    return named(server().consent_facts, language if language in languages() else DEFAULT_LANGUAGE)


@lru_cache(maxsize=8)
def render_markdown(text: str) -> tuple[Markup, tuple[tuple[str, str], ...]]:
    """HTML without any HTML of the text's own, and its sections as (id, heading) for a table of contents."""
    markdown = MarkdownIt("js-default", {"html": False})
    tokens = markdown.parse(text)
    sections = []
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h2":
            opening.attrSet("id", slug(inline.content))
            sections.append((slug(inline.content), inline.content))
    return Markup(markdown.renderer.render(tokens, markdown.options, {})), tuple(sections)


def slug(heading: str) -> str:
    return "section-" + re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")
