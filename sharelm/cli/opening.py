"""What commands have in common: they open the server only if they need it, and say in one sentence what is wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from flask import current_app
from flask.cli import with_appcontext

from sharelm.errors import ConfigError, ShareLMError
from sharelm.server import Server

if TYPE_CHECKING:
    from sharelm import ShareLM

Command = TypeVar("Command", bound=Callable[..., Any])


@contextmanager
def plain_errors() -> Iterator[None]:
    """One sentence instead of a traceback: exit code 2 for settings, 1 for the rest that is expected."""
    try:
        yield
    except ShareLMError as problem:
        click.echo(problem.message, err=True)
        sys.exit(2 if isinstance(problem, ConfigError) else 1)


def needs_server(command: Command) -> Command:
    """Open the instance and the database first, and pass the server."""

    @wraps(command)
    @with_appcontext
    def run(*args: Any, **kwargs: Any) -> Any:
        with plain_errors():
            return command(open_server(), *args, **kwargs)

    return cast(Command, run)


def open_server() -> Server:
    return cast("ShareLM", current_app._get_current_object()).open()  # type: ignore[attr-defined]
