"""CLI: `flask --app app release publish …` and `purge-hub …`: what carries final releases elsewhere, and takes them back."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sharelm.cli.opening import needs_server
from sharelm.cli.release import NEW_FOLDER
from sharelm.errors import ReleaseRefused, ShareLMError
from sharelm.server import Server

if TYPE_CHECKING:
    from sharelm.release.publish import Changes, Hub

hub_option = click.option("--hub", "repo", metavar="OWNER/NAME", help="A dataset repository on the Hub; HF_TOKEN is a token that may write to it.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")


@click.command("publish", help="Copy a final release to a folder, or to the Hugging Face Hub; doing it again finishes what was interrupted.")
@click.argument("version")
@click.option("--to", "target", type=NEW_FOLDER, help="Copy it to FOLDER/VERSION.")
@hub_option
@click.option("--private", is_flag=True, help="If the repository has to be made, make it a private one.")
@click.option("--gated", type=click.Choice(["auto", "manual", "no"]), help="Who may read it: those who agree, those whom you let in, everybody.")
@dry_run_option
@needs_server
def publish(server: Server, version: str, target: Path | None, repo: str | None, private: bool, gated: str | None, dry_run: bool) -> None:
    if (target is None) == (repo is None):
        raise ShareLMError("Say where to: either --to FOLDER or --hub OWNER/NAME.")
    release = final_release(server, version)
    if repo is not None:
        publish_to(open_hub(server, repo), release, is_private=private, gated=gated, is_dry_run=dry_run)
    elif target is not None:
        copy_to(target.resolve(), release, is_dry_run=dry_run)


@click.command("purge-hub", help="Leave nothing on the Hub but this release: no older commit, tag or stored file.")
@click.argument("version")
@hub_option
@dry_run_option
@needs_server
def purge_hub(server: Server, version: str, repo: str | None, dry_run: bool) -> None:
    from sharelm.release import publish

    if repo is None:
        raise ShareLMError("Say where: --hub OWNER/NAME.")
    hub, release = open_hub(server, repo), final_release(server, version)
    tags, files = publish.plan_purge(hub, release) if dry_run else publish.purge_hub(hub, release)
    word = "would be" if dry_run else "were"
    click.echo(
        f"{repo}: {tags} tags of other releases and {files} stored files {word} deleted; {version} alone {'would stay' if dry_run else 'is left'}."
    )


def final_release(server: Server, version: str) -> Path:
    """The folder of a final release that holds nothing which was withdrawn since. Raises ReleaseRefused."""
    from sharelm.release.known import count_gone
    from sharelm.store import release as releases
    from sharelm.store.engine import read

    with read(server.engine) as connection:
        known = {row.version for row in releases.select_releases(connection)}
    folder = server.releases_folder / version
    if version not in known or not folder.is_dir():
        raise ReleaseRefused("There is no such final release; `release list` shows all. What waits for approval is not published.")
    if gone := count_gone(server.engine, folder):
        raise ReleaseRefused(f"{gone} of its conversations were withdrawn or rejected since it was built: build a new release and publish that one.")
    return folder


def open_hub(server: Server, repo: str) -> Hub:
    from sharelm.release.publish import hub_at

    config = server.config
    if not config.hub_token:
        raise ReleaseRefused("HF_TOKEN is not set: it has to be a token of the Hub that may write to the repository.")
    return hub_at(repo, endpoint=config.hub_endpoint, token=config.hub_token, pause=time.sleep)


def publish_to(hub: Hub, release: Path, *, is_private: bool, gated: str | None, is_dry_run: bool) -> None:
    from sharelm.release.publish import publish_to_hub

    published = publish_to_hub(hub, release, is_private=is_private, gated=gated, is_dry_run=is_dry_run)
    if is_dry_run:
        for line in change_lines(published.changes):
            click.echo(line)
        click.echo(f"{release.name} would be tagged in {hub.repo}; nothing was done.")
    elif published.changes:
        click.echo(f"{release.name} is in {hub.repo}, commit {published.commit}.")
    else:
        click.echo(f"{release.name} was in {hub.repo} already, commit {published.commit}.")


def copy_to(target: Path, release: Path, *, is_dry_run: bool) -> None:
    from sharelm.release.publish import publish_to_folder

    place = target / release.name
    if is_dry_run:
        click.echo(f"{place} is there already." if place.exists() else f"{release.name} would be copied to {place}; nothing was done.")
    else:
        click.echo(f"{release.name} is in {place}." if publish_to_folder(release, target) else f"{release.name} was in {place} already.")


def change_lines(changes: Changes) -> list[str]:
    return [*(f"+ {path}" for path in changes.added), *(f"- {path}" for path in changes.deleted)]
