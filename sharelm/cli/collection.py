"""CLI: `flask --app app collection …`: public datasets in the schema of our releases. Needs no server, database or secret."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from sharelm.cli.opening import plain_errors
from sharelm.errors import ConfigError, ShareLMError
from sharelm.vocabulary import Role

if TYPE_CHECKING:
    from sharelm import ShareLM
    from sharelm.collection.engines import Engine
    from sharelm.collection.source import Source
    from sharelm.config import Config

collection_commands = AppGroup("collection", help="Public datasets of conversations, unified in the schema of releases.")


@collection_commands.command("list", help="Every source: its licence, whether it may be passed on, how large it is, how to get it.")
def list_sources() -> None:
    from sharelm.collection.sources import SOURCES

    for source in SOURCES:
        click.echo(f"{source.name:22} {source.licence}")
        marks = ("gated" if source.is_gated else "not gated", "redistributable" if source.is_redistributable else "not redistributable")
        more = () if source.is_unified else ("human to human: not in the unified set",)
        click.echo(f"{'':22} {', '.join((*marks, *more))}")
        click.echo(f"{'':22} rows: {source.rows_told}")
        click.echo(f"{'':22} from {source.how}")


@collection_commands.command("import", help="Import NAME from files, folders or datasets of the Hub; again, it adds only what is new.")
@click.argument("name")
@click.argument("places", metavar="PATH_OR_HUB_ID...", nargs=-1, required=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Default: collection/NAME in the instance folder.")
@click.option("--engine", type=click.Choice(["local", "dask"]), default="local", show_default=True, help="Processes here, or workers of dask.")
@click.option("--scheduler", help="With --engine dask: the address of a running scheduler, such as tcp://10.0.0.1:8786.")
@click.option("--workers", type=click.IntRange(1), help="Default: one for each core.")
@click.option("--anonymise", is_flag=True, help="Replace what identifies people on the way, as in contributions.")
@with_appcontext
def import_collection(
    name: str, places: tuple[str, ...], out: Path | None, engine: str, scheduler: str | None, workers: int | None, anonymise: bool
) -> None:
    from sharelm.collection.importer import import_source
    from sharelm.collection.sources import source_named

    config = cast("ShareLM", current_app._get_current_object()).server.config  # type: ignore[attr-defined]
    with plain_errors():
        source, runs = source_named(name), chosen_engine(engine, scheduler, workers)
        folder = out.resolve() if out else config.instance / "collection" / source.name
        make_folder(folder)
        paths = find_places(source, places, config)
        said = import_source(source, paths, folder, engine=runs, anonymise=anonymiser(config) if anonymise else None, progress=show_progress)
        click.echo(summary(said))
        click.echo(f"In {folder}")


def make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise ConfigError("The folder for the collection cannot be made or written to.") from None


def chosen_engine(engine: str, scheduler: str | None, workers: int | None) -> Engine:
    from sharelm.collection.engines import dask_engine, local_engine

    if scheduler and engine != "dask":
        raise ShareLMError("--scheduler goes with --engine dask.")
    return dask_engine(scheduler, workers) if engine == "dask" else local_engine(workers)


def find_places(source: Source, places: Sequence[str], config: Config) -> list[Path]:
    """Paths as they are; datasets of the Hub are fetched into the instance folder first."""
    from sharelm.collection.hub import fetch, is_hub_id

    downloads = config.instance / "collection" / "downloads"
    return [
        fetch(source, place, downloads, endpoint=config.hub_endpoint, token=config.hub_token) if is_hub_id(place) else Path(place) for place in places
    ]


@dataclass(frozen=True)
class Anonymiser:
    """The anonymiser of contributions as plain data that other processes can be sent. Nothing is remembered from one conversation to the next."""

    names: bool

    def __call__(self, texts: Sequence[str], roles: Sequence[Role]) -> tuple[Sequence[str], int]:
        from sharelm.anonymise.engine import anonymise_texts

        done = anonymise_texts(texts, roles=roles, names=self.names, digest=lambda text: hashlib.sha256(text.encode()).hexdigest())
        return done.texts, sum(done.redactions)


def anonymiser(config: Config) -> Anonymiser:
    from sharelm.anonymise.model import names_run

    names = config.names == "on" and names_run()
    if not names:
        click.echo("Persons are looked for by rules alone: the language model for names is off or not installed.", err=True)
    return Anonymiser(names)


def show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {total} shards", err=True, nl=done == total)


def summary(said: dict[str, Any]) -> str:
    counts = [f"{said['source']}: {said['rows_in']} rows in, {said['rows_out']} conversations out, {said['pairs_out']} pairs."]
    counts += [f"  left out: {count} × {reason}" for reason, count in said["left_out"].items()]
    counts += [f"  no pair: {count} × {reason}" for reason, count in said["pairs_left_out"].items()]
    counts += [f"  bad rows: {count} × {kind}" for kind, count in said["bad_rows"].items()]
    return "\n".join(counts)
