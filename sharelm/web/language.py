"""The language of the pages: what their reader chose, else what the browser asks for, else English.

The API, files, the badge and the log stay in English: programs read them, and what is embedded has many readers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flask_babel
from babel import Locale
from babel.support import NullTranslations
from flask import Blueprint, Response, current_app, g, has_app_context, has_request_context, redirect, request, url_for
from flask.typing import ResponseReturnValue

from sharelm.errors import English, InvalidPayload
from sharelm.web.current import server

if TYPE_CHECKING:
    from sharelm import ShareLM

# Each in its own words. A language more is a line here and a catalogue: docs/translating.md.
LANGUAGES = {"en": "English", "it": "Italiano"}
DEFAULT = "en"
CATALOGUES = Path(__file__).parent / "translations"
COOKIE = "language"
KEPT = timedelta(days=365)

blueprint = Blueprint("language", __name__)


def register(app: ShareLM) -> None:
    flask_babel.Babel(app, default_locale=DEFAULT, default_translation_directories=str(CATALOGUES), locale_selector=find_language)
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]
    app.jinja_env.finalize = translated
    app.add_template_filter(translated)
    app.context_processor(page_facts)
    app.after_request(mark)
    app.register_blueprint(blueprint)


@blueprint.post("/language")
def choose() -> ResponseReturnValue:
    """Kept in a cookie that holds the language and nothing else."""
    code = request.form.get("language", "")
    if code not in LANGUAGES:
        raise InvalidPayload(English("There is no such language here."))
    answer = redirect(page_of(request.form.get("next", "")), 303)
    answer.set_cookie(COOKIE, code, max_age=KEPT, secure=server().config.is_https, httponly=True, samesite="Lax")
    return answer


def page_of(address: str) -> str:
    """The page that the form was on; the first page in place of everything that is none of ours."""
    path = address.partition("?")[0].removeprefix(request.script_root)
    is_path = path.startswith("/") and not path.startswith(("//", "/\\")) and address.isprintable()
    return address if is_path and current_app.url_map.bind("").test(path, "GET") else url_for("home.show")


def find_language() -> str:
    if not has_request_context():
        return DEFAULT
    chosen = request.cookies.get(COOKIE, "")
    # One after the other: Werkzeug's best match gives Italian to who asks for British English before it.
    asked = (code.partition("-")[0].lower() for code, quality in request.accept_languages if quality > 0)
    return chosen if chosen in LANGUAGES else next((code for code in asked if code in LANGUAGES), DEFAULT)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the answer, as far as words need it."""

    language: str
    locale: Locale
    catalogue: NullTranslations


NOBODY = Reader(DEFAULT, Locale(DEFAULT), NullTranslations())


def reader() -> Reader:
    """Found once for each request: a list asks a thousand times. English where nobody reads."""
    if not has_app_context():
        return NOBODY
    found: Reader | None = g.get("reader")
    if found is None:
        chosen = flask_babel.get_locale()
        g.reader = found = Reader(str(chosen), chosen, flask_babel.get_translations())
    return found


def locale() -> Locale:
    return reader().locale


def gettext(english: str, /, **values: object) -> str:
    """What is written where it is shown; for what is written elsewhere there is `English`."""
    words: str = reader().catalogue.gettext(english)
    return words % values if values else words


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    words: str = reader().catalogue.ngettext(one, many, number)
    return words % values if values else words


def pgettext(context: str, english: str, /) -> str:
    return str(reader().catalogue.pgettext(context, english))


def translated(value: Any) -> Any:
    """For everything that a template prints: our own words in the reader's language, all else as it is."""
    return gettext(value.template, **value.values) if type(value) is English else value


def page_facts() -> dict[str, Any]:
    return {"locale": locale(), "languages": LANGUAGES}


def mark(response: Response) -> Response:
    """Caches must not hand a page to who reads another language."""
    if (response.content_type or "").startswith("text/html") and response.location is None:
        response.content_language.add(locale().language)
        response.vary.update(("Accept-Language", "Cookie"))
    return response
