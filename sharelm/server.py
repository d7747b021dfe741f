"""One running server: its configuration, and what it opens when first needed (instance folder, secret, database)."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from sharelm.anonymise.model import names_run
from sharelm.config import MIN_SECRET_BYTES, Config
from sharelm.consent.texts import ConsentText, current_text, languages, named, plugin_text
from sharelm.errors import ConfigError
from sharelm.ingest.accept import Door, Terms
from sharelm.keys import Keys
from sharelm.packaging.extension import Package, PackagedText
from sharelm.store.engine import prepare_engine
from sharelm.store.lock import ProcessLock

SECRET_FILE = "secret"
DEVICE_HOLD_HOURS = 24  # that the extension keeps each message before it sends it; named in the consent text


@dataclass
class Server:
    """What the edges share. Everything but `config` is there once `open` has run."""

    config: Config
    engine: Engine
    _guard: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _is_open: bool = False

    def __post_init__(self) -> None:
        prepare_engine(self.engine)

    @cached_property
    def keys(self) -> Keys:
        return Keys.from_secret(_secret(self.config))

    @cached_property
    def consent_facts(self) -> dict[str, str]:
        """What completes the consent texts and the pages about them."""
        config = self.config
        return {
            "operator": config.operator,
            "contact": config.contact,
            "device_hours": str(DEVICE_HOLD_HOURS),
            "hold_hours": str(config.hold_hours),
            "licence": config.licence,
            "address": config.public_url,
        }

    @cached_property
    def consent(self) -> ConsentText:
        return current_text(self.consent_facts)

    @cached_property
    def own_door(self) -> Door:
        terms = Terms(self.consent.version, self.consent.sha256, f"{self.config.public_url}/terms")
        return Door(self.keys, self.config.hold, terms)

    @cached_property
    def plugin_door(self) -> Door:
        text_ = plugin_text()
        terms = Terms(text_.version, text_.sha256, f"{self.config.public_url}/terms", is_plugin=True)
        return Door(self.keys, self.config.hold, terms)

    @cached_property
    def package(self) -> Package:
        """What the extension carries of this server."""
        config, texts = self.config, [current_text(self.consent_facts, language) for language in languages()]
        return Package(
            address=config.public_url,
            study=config.study,
            operator=named(self.consent_facts)["operator"],
            contact=config.contact,
            licence=config.licence,
            hold_hours=DEVICE_HOLD_HOURS,
            release_hold_hours=config.hold_hours,
            consent_version=self.consent.version,
            texts=tuple(PackagedText(text.language, text.sha256, text.text) for text in texts),
        )

    @cached_property
    def names_run(self) -> bool:
        """Whether persons are looked for by the language model too."""
        return self.config.names == "on" and names_run()

    @property
    def releases_folder(self) -> Path:
        return self.config.instance / "releases"

    def open(self) -> None:
        """Make what is missing in the instance, check that the database answers, bring its schema up to date. Idempotent.

        Raises ConfigError with one sentence. Needs an application context.
        """
        if self._is_open:
            return
        with self._guard:
            if not self._is_open:
                self.make_instance()
                assert self.keys
                _check_database(self.engine)
                self._migrate()
                self._is_open = True

    def make_instance(self) -> None:
        """The instance folder, where the database's file and the releases go."""
        if self.config.owns_database and os.environ.get("DYNO"):
            raise ConfigError("This disk does not last, and SQLite would be lost with it: add a Postgres database (DATABASE_URL).")
        try:
            (self.config.instance / "releases").mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(PermissionError):  # a mounted folder that belongs to somebody else
                self.config.instance.chmod(0o700)
        except OSError:
            raise ConfigError("The folder SHARELM_INSTANCE cannot be made or written to.") from None

    def _migrate(self) -> None:
        from flask_migrate import upgrade  # alembic takes a moment to import

        lock = ProcessLock(self.engine, "migrate")
        lock.acquire(wait=True)
        try:
            upgrade()
        finally:
            lock.release()


def _secret(config: Config) -> str:
    """The configured secret, or the one that was generated once in the instance folder (mode 600)."""
    if config.secret:
        return config.secret
    if not config.owns_database:
        raise ConfigError("SHARELM_SECRET is needed with DATABASE_URL: make one with `openssl rand -hex 32` and keep it.")
    path = config.instance / SECRET_FILE
    try:
        _generate_once(path)
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigError("The secret in the instance folder cannot be read or made.") from None
    if len(secret.encode()) < MIN_SECRET_BYTES:
        raise ConfigError(f"The secret in the instance folder is damaged: it has less than {MIN_SECRET_BYTES} bytes. Put your copy back.")
    return secret


def _generate_once(path: Path) -> None:
    """Several processes may start at once: the first to link its file wins, all read the same."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _check_database(engine: Engine) -> None:
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        raise ConfigError("The database at DATABASE_URL does not answer: check that it runs and that address, name and password are right.") from None
