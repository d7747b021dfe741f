"""CLI: `flask --app app release …`. What works on folders alone needs no database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click
from flask.cli import AppGroup

from sharelm import __version__
from sharelm.cli.opening import needs_server, plain_errors
from sharelm.errors import ShareLMError
from sharelm.release.layout import MANIFEST
from sharelm.server import Server

if TYPE_CHECKING:
    from sharelm.release.collected import Collection
    from sharelm.release.diff import Difference

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FOLDER = click.Path(file_okay=False, path_type=Path)

release_commands = AppGroup("release", help="Build releases, check them, approve them, compare them.")


@release_commands.command("build", help="Build a release; where somebody approves releases, a candidate; with --out only into that folder.")
@click.option("--version", "version", help="Default: the next free one of this month, such as 2026.11.0.")
@click.option("--out", type=NEW_FOLDER, help="Write the content here and register nothing.")
@click.option("--collection", is_flag=True, help="Take the imported public datasets along that may be passed on, and recipes for the others.")
@needs_server
def build(server: Server, version: str | None, out: Path | None, collection: bool) -> None:
    from sharelm.jobs import clock, workshop
    from sharelm.release.build import build_candidate, build_release, draft_release

    shop = workshop(server).with_collection() if collection else workshop(server)
    if out is not None:
        plan = draft_release(shop, version, out.resolve(), now=clock())
        click.echo(f"{plan.version}: {plan.row_count} conversations written to the folder; nothing was registered.")
    elif server.config.review == "auto":
        plan = build_release(shop, version, now=clock())
        place = server.releases_folder / plan.version
        click.echo(f"{plan.version}: {plan.row_count} conversations of {plan.contributor_count} contributors, in {place}")
    else:
        plan = build_candidate(shop, version, now=clock())
        place = shop.places.candidates / plan.version
        click.echo(f"{plan.version}: {plan.row_count} conversations wait for `release approve {plan.version}`, in {place}")
    for line in collection_lines(shop.collection):
        click.echo(line)


@release_commands.command("check", help="Let the gate look at a candidate, a release or a folder; default: the candidate, else the newest release.")
@click.argument("release", required=False)
@needs_server
def check(server: Server, release: str | None) -> None:
    from sharelm.jobs import workshop
    from sharelm.release.gate import find_obstacles

    folder = find_folder(server, release)
    obstacles = find_obstacles(folder, workshop(server).lookout)
    for problem in obstacles:
        click.echo(problem, err=True)
    if obstacles:
        sys.exit(1)
    click.echo(f"{folder.name}: the gate finds nothing.")


@release_commands.command("approve", help="Make the candidate final: registered, served, with a delta to the release before.")
@click.argument("version")
@needs_server
def approve(server: Server, version: str) -> None:
    from sharelm.jobs import clock, workshop
    from sharelm.release.build import approve_release
    from sharelm.review.decide import Decider, note_release_approved
    from sharelm.review.reviewers import OPERATOR
    from sharelm.store.engine import write

    plan = approve_release(workshop(server), version, now=clock())
    with write(server.engine) as connection:
        note_release_approved(connection, plan.version, by=Decider(OPERATOR, clock()))
    click.echo(f"{plan.version}: {plan.row_count} conversations of {plan.contributor_count} contributors are released.")


@release_commands.command("list", help="Every final release, the newest first, and the candidate.")
@needs_server
def list_releases(server: Server) -> None:
    from sharelm.store import candidate as candidates
    from sharelm.store import release as releases
    from sharelm.store.engine import read

    with read(server.engine) as connection:
        waiting, final = candidates.select_candidate(connection), releases.select_releases(connection)
    for row, state in [*(((waiting, "waits for approval"),) if waiting else ()), *((row, "final") for row in final)]:
        click.echo(f"{row.version:16} {row.created_at:%Y-%m-%d}  {row.row_count:>9} conversations  {row.byte_count:>13} bytes  {state}")
    if not final and not waiting:
        click.echo("There is no release yet.")


@release_commands.command("diff", help="What differs between two releases (versions or folders), in numbers.")
@click.argument("older")
@click.argument("newer")
@needs_server
def diff(server: Server, older: str, newer: str) -> None:
    from sharelm.release.diff import compare_releases

    found = compare_releases(find_folder(server, older), find_folder(server, newer))
    for line in difference_lines(found):
        click.echo(line)


@release_commands.command("verify", help="Check a release's or a delta's files against its manifest, and its signature; needs no database.")
@click.argument("folder", type=FOLDER)
@click.option("--keys", type=click.File("rb"), help="The server's public keys, as in its /.well-known/sharelm.json: is it theirs?")
def verify(folder: Path, keys: BinaryIO | None) -> None:
    from sharelm.release.signed import check_signer, signer_of
    from sharelm.release.verify import find_damage

    damage = find_damage(folder, is_fetched=True)
    for problem in damage:
        click.echo(problem, err=True)
    if damage:
        sys.exit(1)
    click.echo("Every file is as the manifest says.")
    if keys is not None:
        with plain_errors():
            click.echo(f"The manifest is signed by that server, with its key {check_signer(folder, keys.read())}.")
    elif signer := signer_of(folder):
        click.echo(f"The manifest is signed with the key {signer}; --keys tells whose it is.")
    else:
        click.echo("It is not signed.")


@release_commands.command("apply-delta", help="Make the newer release in OUT_DIR of OLD_DIR and DELTA_DIR, byte for byte; needs no database.")
@click.argument("old_dir", type=FOLDER)
@click.argument("delta_dir", type=FOLDER)
@click.argument("out_dir", type=NEW_FOLDER)
def apply(old_dir: Path, delta_dir: Path, out_dir: Path) -> None:
    from sharelm.release.delta import apply_delta

    with plain_errors():
        facts = apply_delta(old_dir, delta_dir, out_dir, code_version=__version__)
    counts = ", ".join(f"{facts[kind]} {kind}" for kind in ("added", "changed", "removed"))
    click.echo(f"{facts['to']} is in {out_dir}, every byte as released: {counts}.")


@release_commands.command("purge", help="Take what was withdrawn out of a copy of an older release; needs no database.")
@click.argument("folder", type=FOLDER)
@click.option("--tombstones", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="As /releases/tombstones.jsonl.")
def purge(folder: Path, tombstones: Path) -> None:
    from sharelm.release.purge import purge_copy

    with plain_errors():
        count = purge_copy(folder, tombstones)
    click.echo(f"{count} conversation{'' if count == 1 else 's'} taken out." if count else "Nothing of it was withdrawn.")


def find_folder(server: Server, release: str | None) -> Path:
    """Of a candidate, a final release, or any folder that looks like one; without a name, of the candidate or the newest release."""
    from sharelm.jobs import workshop
    from sharelm.store import candidate as candidates
    from sharelm.store import release as releases
    from sharelm.store.engine import read

    places = workshop(server).places
    with read(server.engine) as connection:
        waiting, final = candidates.select_candidate(connection), releases.select_releases(connection)
    known: dict[str, Path] = {waiting.version: places.candidates} if waiting else {}
    known |= {row.version: places.releases for row in final}
    name = release or next(iter(known), "")
    folder = known[name] / name if name in known else Path(name)
    if not name or not (folder / MANIFEST).is_file() or ".." in folder.resolve().name:  # which a delta is called
        raise ShareLMError("There is no such release; `release list` shows all.")
    return folder


def collection_lines(collection: Collection | None) -> list[str]:
    if collection is None:
        return []
    taken = [f"  with {one.name}: {one.facts.rows} conversations, {one.facts.pairs} pairs" for one in collection.datasets]
    return [*taken, *(f"  not passed on: {one.name}, see recipes/{one.name}.py" for one in collection.withheld)]


def difference_lines(found: Difference) -> list[str]:
    lines = [f"{kind:9} {count:>9}" for kind, count in (("added", found.added), ("changed", found.changed), ("removed", found.removed))]
    lines += [f"  {count} in {column}" for column, count in found.columns.most_common()]
    lines += [f"{name}: {before} before, {after} after" for name, (before, after) in found.datasets.items()]
    lines.append(f"conversations: {found.rows_before} before, {found.rows_after} after")
    return [*lines, f"messages: {found.messages_before} before, {found.messages_after} after"]
