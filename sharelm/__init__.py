"""ShareLM: people give their conversations with language models to everyone, and stay the owners of what they gave.

    extension ─POST─▶ ingest ─▶ received ─▶ anonymise ─▶ anonymised ─▶ review ─▶ approved ─▶ release ─▶ released
                                withdraw: from any stage; hidden at once, erased by the purge job
    public datasets ─▶ collection ─▶ Parquet in the schema of releases ─▶ release, beside what was given

Each stage is a room of that name and hands over through the database (`store`). `web`, `jobs` and `cli` are the edges that call them;
`create_app` is the only place that knows the whole.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_migrate import Migrate
from sqlalchemy import URL
from werkzeug.middleware.proxy_fix import ProxyFix

from sharelm.config import CHECKOUT, Config
from sharelm.errors import ConfigError, log_error
from sharelm.server import Server
from sharelm.store import db, open_engine_options
from sharelm.store.tables import TABLES

if sys.platform == "linux":  # Arrow reads it once, when it is loaded: of its allocators, the one that keeps least of what was freed
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")

__version__ = "0.1.0"
MAX_BODY_BYTES = 5_000_000


class PageSessions(SecureCookieSessionInterface):
    """The API has no cookies: nothing is opened for it, and nothing saved."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return SecureCookieSession() if request.path.startswith("/api/") else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session.accessed or session.modified:
            super().save_session(app, session, response)


class ShareLM(Flask):
    """Flask, but for three habits: it opens the instance with the first request, says one sentence where a setting is wrong,
    and logs errors by type and place only."""

    server: Server
    session_interface = PageSessions()

    def open(self) -> Server:
        """The server with its instance, secret and database ready. Raises ConfigError with one sentence."""
        if self.secret_key is None:
            with self.app_context():
                self.server.open()
            self.secret_key = self.server.keys.session
        return self.server

    def wsgi_app(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        self.open()
        return super().wsgi_app(environ, start_response)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view here is a coroutine; asking each hook of each request is a fiftieth of an upload's time."""
        return func

    def log_exception(self, exc_info: Any) -> None:
        log_error(self.logger, exc_info[1])


def create_app(config: Config | None = None) -> ShareLM:
    """The application. Without `config` it reads the environment; a wrong setting ends the process with one sentence and exit code 2.

    Nothing on disk and no database is touched before the first request or the first command that needs them.
    """
    if config is None:
        try:
            config = Config.from_environment(os.environ)
        except ConfigError as problem:
            print(problem.message, file=sys.stderr)
            raise SystemExit(2) from None
    app = ShareLM(__name__, instance_path=str(config.instance), template_folder=CHECKOUT / "templates", static_folder=str(CHECKOUT / "static"))
    app.config.update(
        SQLALCHEMY_DATABASE_URI=URL.create("sqlite", database=str(config.sqlite_file)) if config.owns_database else config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=open_engine_options(config.sqlalchemy_url),
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=500_000,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.is_https,
    )
    logging.getLogger("sharelm").setLevel(logging.INFO)
    assert all(table.metadata is db.metadata for table in TABLES)
    if config.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=0)  # type: ignore[method-assign]
    db.init_app(app)
    Migrate(app, db, directory=str(Path(CHECKOUT) / "migrations"), render_as_batch=True)
    with app.app_context():
        app.server = Server(config, db.engine)
    _add_edges(app)
    return app


def _add_edges(app: ShareLM) -> None:
    from sharelm import cli, web

    web.register(app)
    cli.register(app)
