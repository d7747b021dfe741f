"""CLI: `flask --app app reviewer …`, who may review. A password is never an argument: those are seen by others and kept by shells."""

from __future__ import annotations

import secrets
import sys

import click
from flask.cli import AppGroup

from sharelm.cli.opening import needs_server
from sharelm.server import Server

reviewer_commands = AppGroup("reviewer", help="Who may look at conversations before they are released.")


@reviewer_commands.command(
    "add", help="Let NAME review. The password is asked for or read from standard input; without one, one is made up and shown."
)
@click.argument("name")
@needs_server
def add(server: Server, name: str) -> None:
    from sharelm.jobs import clock
    from sharelm.review.reviewers import add_reviewer
    from sharelm.store.engine import write

    password, is_made_up = ask_password()
    with write(server.engine) as connection:
        add_reviewer(connection, name, password, now=clock())
    click.echo(f"{name} may review, at {server.config.public_url}/review.{told(password) if is_made_up else ''}")


@reviewer_commands.command("password", help="A new password for NAME; whoever is logged in under the old one is logged out.")
@click.argument("name")
@needs_server
def give_password(server: Server, name: str) -> None:
    from sharelm.jobs import clock
    from sharelm.review.reviewers import change_password
    from sharelm.store.engine import write

    new, is_made_up = ask_password()
    with write(server.engine) as connection:
        change_password(connection, name, new, now=clock())
    click.echo(f"{name} has a new password.{told(new) if is_made_up else ''}")


@reviewer_commands.command("remove", help="NAME may not review any more; the log of what they did stays.")
@click.argument("name")
@needs_server
def remove(server: Server, name: str) -> None:
    from sharelm.jobs import clock
    from sharelm.review.reviewers import remove_reviewer
    from sharelm.store.engine import write

    with write(server.engine) as connection:
        remove_reviewer(connection, name, now=clock())
    click.echo(f"{name} may not review any more.")


@reviewer_commands.command("list", help="Everybody who may review.")
@needs_server
def list_reviewers(server: Server) -> None:
    from sharelm.store import reviewer as reviewers
    from sharelm.store.engine import read

    with read(server.engine) as connection:
        rows = [row for row in reviewers.select_reviewers(connection) if row.password_hash]
    for row in rows:
        click.echo(f"{row.name:24} since {row.created_at:%Y-%m-%d}")
    if not rows:
        click.echo("Nobody may review yet: `reviewer add NAME`.")


def ask_password() -> tuple[str, bool]:
    """The password, and whether it was made up here."""
    if sys.stdin.isatty():
        given = click.prompt("Password (empty: one is made up)", hide_input=True, default="", show_default=False, confirmation_prompt=True)
    else:
        given = sys.stdin.readline().rstrip("\r\n")
    return (given, False) if given else (secrets.token_urlsafe(18), True)


def told(password: str) -> str:
    return f" The password, shown only now: {password}"
