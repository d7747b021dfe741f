"""CLI: the `flask --app app …` commands. Those that need no database run without instance, secret or database."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from sharelm.cli.collection import collection_commands
from sharelm.cli.opening import needs_server, open_server, plain_errors
from sharelm.cli.publish import publish, purge_hub
from sharelm.cli.release import release_commands
from sharelm.cli.reviewer import reviewer_commands
from sharelm.config import EXTENSION, Config
from sharelm.errors import ShareLMError
from sharelm.server import Server
from sharelm.vocabulary import Report

if TYPE_CHECKING:
    from sharelm import ShareLM

SECRETS = {"SHARELM_SECRET", "DATABASE_URL", "HF_TOKEN"}

job_commands = AppGroup("job", help="Run the jobs by hand, or serve them.")
receipt_commands = AppGroup("receipt", help="Check receipts of withdrawals.")
config_commands = AppGroup("config", help="Look at the settings.")
extension_commands = AppGroup("extension", help="The browser extension, made out to this server.")
contact_commands = AppGroup("contact", help="What people wrote to you.")


def register(app: ShareLM) -> None:
    release_commands.add_command(publish)
    release_commands.add_command(purge_hub)
    groups = (job_commands, release_commands, reviewer_commands, receipt_commands, config_commands, extension_commands, contact_commands)
    for command in (*groups, collection_commands, anonymise, demo):
        app.cli.add_command(command)


@job_commands.command("list", help="Every job with its last run.")
@needs_server
def list_jobs(server: Server) -> None:
    from sharelm.jobs import JOBS
    from sharelm.store import job_run
    from sharelm.store.engine import read

    with read(server.engine) as connection:
        last = job_run.select_last_runs(connection)
    for job in JOBS:
        run = last.get(job.name)
        state = "never ran" if run is None else f"started {run.started_at:%Y-%m-%d %H:%M:%S} UTC, {run.error_type or run.counts}"
        schedule = job.schedule(server.config)
        when = ", ".join(f"{name} {value}" for name, value in schedule.items()) if schedule else "by hand"
        click.echo(f"{job.name:12} {when:28} {state}")


@job_commands.command("run", help="Wait for a run in progress, then work until nothing is left.")
@click.argument("name")
@needs_server
def run_named_job(server: Server, name: str) -> None:
    from sharelm.jobs import JOB_NAMES, job_named, run_job

    if name not in JOB_NAMES:
        raise ShareLMError(f"There is no such job; the jobs are: {', '.join(JOB_NAMES)}.")
    report = run_job(server, job_named(name))
    if report is None or report.error_type:
        raise ShareLMError(f"The job stopped: {report.error_type if report else 'it did not run'}.")
    click.echo(", ".join(f"{count} {word}" for word, count in sorted(report.counts.items())) or "nothing to do")


@job_commands.command("serve", help="Run the schedule in this process, without the web pages.")
@needs_server
def serve_jobs(server: Server) -> None:
    from sharelm.scheduler import Leader

    leader = Leader(server)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leader.ask_to_stop())
    click.echo("Jobs are served here as soon as no other process does. Ctrl-C ends it.")
    leader.start()
    leader.wait()
    leader.stop()


@receipt_commands.command("verify", help="Check a receipt; with --keys it needs no database and no secret.")
@click.argument("file", type=click.File("rb"))
@click.option("--keys", "keys_file", type=click.File("rb"), help="The server's public keys, as in its /.well-known/sharelm.json. Default: our own.")
@with_appcontext
def verify_receipt(file: Any, keys_file: Any) -> None:
    from sharelm.withdraw.receipt import check_receipt, published_keys, read_keys, receipt_keys

    with plain_errors():
        keys = published_keys(keys_file.read()) if keys_file else read_keys(receipt_keys(open_server().keys))
        receipt = check_receipt(file.read(), keys)
    count = len(receipt["public_ids"])
    click.echo(
        f"Genuine: {receipt['server']} says that it erased {count} {'conversation' if count == 1 else 'conversations'} at {receipt['erased_at']}."
    )


@config_commands.command("check", help="Say what is set, open the instance and the database; exit code 2 if something is wrong.")
@needs_server
def check(server: Server) -> None:
    for field in fields(Config):
        name, value = field.metadata["name"], getattr(server.config, field.name)
        shown = ("set" if value else "not set") if name in SECRETS else value
        click.echo(f"{name}={shown}")
    click.echo("All settings are valid, and the database answers.")


@extension_commands.command("write", help="Write its files into a new FOLDER, to load it from there or to have it signed; needs no database.")
@click.argument("folder", type=click.Path(exists=False, path_type=Path))
@click.option("--browser", type=click.Choice(["chromium", "firefox"]), default="chromium", show_default=True)
@with_appcontext
def write_extension(folder: Path, browser: str) -> None:
    from sharelm.packaging.extension import BrowserKind, package_files

    if folder.exists():
        click.echo("The folder is there already: name one that is not.", err=True)
        sys.exit(1)
    package = cast("ShareLM", current_app._get_current_object()).server.package  # type: ignore[attr-defined]
    for name, content in package_files(EXTENSION, package, BrowserKind(browser)).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    click.echo(f"Made out to {package.address} for {browser}.")


@contact_commands.command("list", help="The messages that wait for an answer, the newest first.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice([kind.value for kind in Report]), help="Only these; may be given more than once.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many.")
@needs_server
def list_messages(server: Server, kinds: tuple[str, ...], limit: int) -> None:
    from sharelm.store import contact_message
    from sharelm.store.engine import read

    with read(server.engine) as connection:
        messages = contact_message.select_messages(connection, kinds=kinds, limit=limit)
        waiting = contact_message.count_messages(connection)
    for message in messages:
        echo_message(message)
    total = sum(count for kind, count in waiting.items() if not kinds or kind in kinds)
    if total > len(messages):
        click.echo(f"{total - len(messages)} older ones are not shown: use --limit.")
    if not messages:
        click.echo("No message waits for an answer." if not waiting else "No message of this kind waits for an answer.")


def echo_message(message: Any) -> None:
    reply = f"answer to {printable(message.reply_to)}" if message.reply_to else "no answer wanted"
    click.echo(f"{message.id}  {message.received_at:%Y-%m-%d %H:%M} UTC, {message.kind}, {reply}")
    if message.about:
        click.echo(f"    About: {printable(message.about)}")
    for line in message.message.splitlines():
        click.echo(f"    {printable(line)}")


@contact_commands.command("done", help="Erase a message that is answered.")
@click.argument("message_id", type=int)
@needs_server
def finish_message(server: Server, message_id: int) -> None:
    from sharelm.store import contact_message
    from sharelm.store.engine import forget_deleted_text, write

    with write(server.engine) as connection:
        if not contact_message.delete_message(connection, message_id):
            raise ShareLMError("There is no such message; `contact list` shows those that wait.")
    forget_deleted_text(server.engine)
    click.echo("The message is erased.")


def printable(text: str) -> str:
    """Without what a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


@click.command("anonymise", help="Anonymise FILE, or standard input, to standard output; needs no instance, secret or database.")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--jsonl", is_flag=True, help='Read rows {"text": …}, each a conversation of its own, and write one row for each.')
@click.option("--explain", is_flag=True, help="Write rows that say where in the text what was found, instead of the anonymised text.")
@click.option("--no-names", is_flag=True, help="Look for persons by rules alone, without the language model.")
@with_appcontext
def anonymise(file: BinaryIO, jsonl: bool, explain: bool, no_names: bool) -> None:
    import secrets

    from sharelm.anonymise.model import names_run
    from sharelm.anonymise.stream import Options, anonymised_rows, anonymised_text
    from sharelm.keys import Keys, content_digest

    config = cast("ShareLM", current_app._get_current_object()).server.config  # type: ignore[attr-defined]
    names = not no_names and config.names == "on" and names_run()
    if not (names or no_names):
        why = "SHARELM_NAMES is off" if config.names == "off" else "what requirements-names.txt names is not installed"
        click.echo(f"Persons were looked for by rules alone: {why}.", err=True)
    keys = Keys.from_secret(secrets.token_hex(32))  # nothing outlives this command, so neither need the digests
    options = Options(names=names, explain=explain, digest=lambda text: content_digest(keys, "", text))
    with plain_errors(), click.progressbar(length=size_of(file), label="Anonymising", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for size, piece in anonymised_rows(file, options) if jsonl else anonymised_text(file, options):
            click.echo(piece.encode(), nl=False)
            bar.update(size)


def size_of(file: BinaryIO) -> int:
    """In bytes, for the progress bar; 0 where nobody knows, as of a pipe."""
    return os.fstat(file.fileno()).st_size


@click.command("demo", help="Fill the instance with invented conversations of three contributors.")
@needs_server
def demo(server: Server) -> None:
    from sharelm.demo import fill

    for line in fill(server):
        click.echo(line)
