"""Every setting, read once from the environment; wrong or missing stops the start with one sentence.

Nothing here touches the disk but `X_FILE` secrets, so that commands without a database run anywhere.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sharelm.crontab import parse_crontab
from sharelm.errors import ConfigError

CHECKOUT = Path(__file__).resolve().parent.parent
EXTENSION = CHECKOUT / "extension"  # the source that packages are made of
MIN_SECRET_BYTES = 32
LONGEST_HOLD_HOURS = 7 * 24  # a conversation is releasable at most seven days after its first unreleased change


def setting(name: str, default: str, parse: Callable[[str], Any], help: str) -> Any:
    """A field of Config that comes from the environment variable `name`."""
    return field(metadata={"name": name, "default": default, "parse": parse, "help": help})


def whole_number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return parse


def hold_hours(text: str) -> int:
    return min(whole_number(0, 100_000)(text), LONGEST_HOLD_HOURS)


def one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(" or ".join(words))
        return text

    return parse


def crontab_or_off(text: str) -> str:
    try:
        if text != "off":
            parse_crontab(text)
    except ValueError:
        raise ValueError("off, or minute, hour, day, month and day of the week in numbers as in a crontab, such as 0 3 1 * *") from None
    return " ".join(text.split())


def one_line(text: str) -> str:
    if not text.strip() or len(text) > 200 or not text.isprintable():
        raise ValueError("one line of at most 200 characters")
    return text.strip()


def maybe_line(text: str) -> str:
    return one_line(text) if text else ""


def http_address(text: str) -> str:
    parts = urlsplit(text if _is_url(text) else "")
    if text and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.path not in {"", "/"}):
        raise ValueError("an address such as https://sharelm.example.org, without a path")
    return text.rstrip("/")


def page_address(text: str) -> str:
    parts = urlsplit(text if _is_url(text) else "")
    if text and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.fragment):
        raise ValueError("an address such as https://moderation.example.org/v1/moderations, without a name or password in it")
    return text


def database_address(text: str) -> str:
    """SQLAlchemy's form; Heroku's `postgres://` and the driver-less form get psycopg."""
    for prefix in ("postgres://", "postgresql://"):
        if text.startswith(prefix):
            text = "postgresql+psycopg://" + text.removeprefix(prefix)
    is_file = text.startswith("sqlite:///") and text.removeprefix("sqlite:///") not in {"", ":memory:"}
    if text and not is_file and not (text.startswith("postgresql+psycopg://") and _is_url(text)):
        raise ValueError("postgresql://user:password@host/name, special characters as %xx, or sqlite:////path/to/file")
    return text


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


def long_secret(text: str) -> str:
    if text and len(text.encode()) < MIN_SECRET_BYTES:
        raise ValueError(f"at least {MIN_SECRET_BYTES} bytes; make one with: openssl rand -hex 32")
    return text


def folder(text: str) -> Path:
    return Path(text).expanduser().resolve() if text else CHECKOUT / "instance"


@dataclass(frozen=True)
class Config:
    """The settings. `docs/settings.md` lists the same fields; a test compares the two."""

    host: str = setting("HOST", "127.0.0.1", one_line, "Interface to listen on.")
    port: int = setting("PORT", "8000", whole_number(1, 65535), "Port to listen on.")
    public_url: str = setting(
        "SHARELM_PUBLIC_URL",
        "",
        http_address,
        "Our own address as browsers see it, such as `https://sharelm.example.org`; the `Host` of every request is checked against it. "
        "Default: `http://HOST:PORT`; needed as soon as `HOST` is not loopback.",
    )
    instance: Path = setting(
        "SHARELM_INSTANCE", "", folder, "Folder of the database, the secrets and the releases. Default: `instance/` in the checkout."
    )
    database_url: str = setting(
        "DATABASE_URL", "", database_address, "`postgresql://…` (`postgres://` is understood). Default: SQLite in the instance folder."
    )
    secret: str = setting(
        "SHARELM_SECRET",
        "",
        long_secret,
        "At least 32 bytes; all keys are derived from it. Generated only where the database is the instance's own SQLite, else required.",
    )
    hold_hours: int = setting(
        "SHARELM_HOLD_HOURS",
        "24",
        hold_hours,
        "Hours that a conversation waits here after its last change before it may be released; more than 168 count as 168, 0 as at once.",
    )
    uploads_per_minute: int = setting("SHARELM_UPLOADS_PER_MINUTE", "1200", whole_number(1, 1_000_000), "Upload requests per minute and contributor.")
    licence: str = setting(
        "SHARELM_LICENCE", "CC-BY-4.0", one_line, "Licence of released conversations, where the model's terms allow it (SPDX identifier)."
    )
    jobs: str = setting("SHARELM_JOBS", "on", one_of("on", "off"), "`off` for web-only processes; then `flask --app app job serve` runs the jobs.")
    review: str = setting(
        "SHARELM_REVIEW",
        "auto",
        one_of("auto", "sample", "manual"),
        "Who approves: `auto` approves everything that is anonymised and not flagged; with `manual` a reviewer looks at each conversation, with "
        "`sample` at some drawn by chance before the rest may be approved at once. With the last two, releases wait for approval too.",
    )
    review_sample: int = setting(
        "SHARELM_REVIEW_SAMPLE",
        "50",
        whole_number(1, 1_000_000),
        "With `SHARELM_REVIEW=sample`: how many conversations are looked at before the rest may be approved; all, where fewer wait.",
    )
    release_cron: str = setting(
        "SHARELM_RELEASE_CRON",
        "0 3 1 * *",
        crontab_or_off,
        "When the release job looks whether there is something new to release, in UTC: minute, hour, day of the month, month, day of the week, in "
        "numbers as in a crontab (where both kinds of days are given, both must hold). `off`: only the operator builds releases.",
    )
    min_turns: int = setting(
        "SHARELM_MIN_TURNS",
        "1",
        whole_number(1, 1_000),
        "Conversations with fewer questions that were answered are marked for reviewers; nothing is left out for it.",
    )
    flood: int = setting(
        "SHARELM_FLOOD",
        "200",
        whole_number(0, 1_000_000),
        "Conversations that one contributor may give within 24 hours before the next ones are marked for reviewers; nothing is left out for it. "
        "0: none is marked. Uploads of one's own export do not count.",
    )
    moderation_url: str = setting(
        "SHARELM_MODERATION_URL",
        "",
        page_address,
        "A moderation service that tells what is toxic, better than the built-in word lists do: an address that answers as OpenAI's "
        "`/v1/moderations` does. It is sent anonymised text only; the privacy page names its host. Default: none.",
    )
    moderation_key: str = setting(
        "SHARELM_MODERATION_KEY", "", maybe_line, "What the moderation service is shown as `Authorization: Bearer …`, if it wants that."
    )
    names: str = setting(
        "SHARELM_NAMES",
        "on",
        one_of("on", "off"),
        "`off`: `make` leaves out the language model that finds names, and persons are found by rules and lists alone.",
    )
    proxies: int = setting(
        "SHARELM_PROXIES",
        "0",
        whole_number(0, 5),
        "Reverse proxies in front of the server. With 0, the address of a connection is a client's; with more, it is read from what the proxies add, "
        "so that failed logins are counted per client. It is never stored.",
    )
    study: str = setting("SHARELM_STUDY", "ShareLM", one_line, "The name under which this server and its extension present themselves.")
    operator: str = setting("SHARELM_OPERATOR", "", maybe_line, "Who runs this server, as named in the terms and the footer.")
    contact: str = setting("SHARELM_CONTACT", "", maybe_line, "How people reach the operator: an e-mail address or a web address.")
    hub_token: str = setting(
        "HF_TOKEN",
        "",
        str,
        "Token of the Hugging Face Hub: for `release publish` one that may write; `collection import` reads gated datasets with it.",
    )
    hub_endpoint: str = setting(
        "HF_ENDPOINT", "https://huggingface.co", http_address, "The Hub that `release publish` and `collection import` talk to."
    )
    disk_floor_mb: int = setting(
        "SHARELM_DISK_FLOOR_MB",
        "100",
        whole_number(0, 1_000_000),
        "Free megabytes on the instance's disk below which uploads are refused, so that withdrawals still work.",
    )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Config:
        """Raises ConfigError with one sentence for the first setting that is wrong."""
        config = cls(**{f.name: _read(environ, f.metadata) for f in fields(cls)})
        if environ.get("FLASK_DEBUG", "0") not in {"", "0"} and not is_loopback(config.host):
            raise ConfigError("FLASK_DEBUG shows the inside of the server to everybody: unset it, or set HOST to loopback.")
        if not config.public_url:
            if not is_loopback(config.host):
                raise ConfigError("SHARELM_PUBLIC_URL is needed as soon as HOST is not loopback: set it to the address that browsers use.")
            name = f"[{config.host}]" if ":" in config.host else config.host
            object.__setattr__(config, "public_url", f"http://{name}:{config.port}")
        return config

    @property
    def hold(self) -> timedelta:
        return timedelta(hours=self.hold_hours)

    @property
    def release_schedule(self) -> dict[str, str]:
        """Arguments of an APScheduler cron trigger; empty where nothing is built by itself."""
        return {} if self.release_cron == "off" else parse_crontab(self.release_cron)

    @property
    def owns_database(self) -> bool:
        """Whether the database is the instance's own SQLite file."""
        return not self.database_url

    @property
    def sqlalchemy_url(self) -> str:
        """For show and for choosing a driver; a path with `?` in it needs `sqlite_file`."""
        return self.database_url or f"sqlite:///{self.sqlite_file}"

    @property
    def sqlite_file(self) -> Path:
        return self.instance / "sharelm.sqlite3"

    @property
    def moderation_host(self) -> str:
        """As the privacy page names it."""
        return urlsplit(self.moderation_url).hostname or ""

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _read(environ: Mapping[str, str], meta: Mapping[str, Any]) -> Any:
    name = meta["name"]
    text = environ.get(name, "").strip() or _read_file(environ, name) or meta["default"]
    try:
        return meta["parse"](text)
    except ValueError as problem:
        raise ConfigError(f"{name} is not valid: it must be {problem}.") from None


def _read_file(environ: Mapping[str, str], name: str) -> str:
    """`X_FILE` names a file that holds the value of X, as container secrets do."""
    path = environ.get(f"{name}_FILE", "")
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{name}_FILE names a file that cannot be read.") from None
