"""The release that waits for approval, with its numbers, the final ones, and what the release job did."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from sharelm.errors import English, Refused
from sharelm.release.layout import MANIFEST
from sharelm.review import decide
from sharelm.store import candidate as candidates
from sharelm.store import job_run
from sharelm.store import release as releases
from sharelm.store.engine import read, write
from sharelm.web.current import server
from sharelm.web.review.visitor import current_reviewer, decider

RUNS = 10
DONE = {
    "waiting for approval": English("built one that waits for approval"),
    "released": English("released"),
    "refused": English("refused"),
}
# What plans call a reason, for whoever can still do something about it; the public page says it in the past.
REASONS = {
    "in hold": English("still within the hold"),
    "not yet anonymised": English("not yet anonymised"),
    "not yet approved": English("nobody has approved them yet"),
    "approved later": English("approved after the release was looked at"),
    "quarantined": English("could not be anonymised"),
    "rejected": English("not accepted"),
    "empty": English("without text"),
    "one-sided": English("only one side recorded"),
    "provider-error": English("an error message in place of an answer"),
}

blueprint = Blueprint("review_releases", __name__)


@blueprint.get("/review/releases")
def index() -> ResponseReturnValue:
    current_reviewer()
    with read(server().engine) as connection:
        waiting, final = candidates.select_candidate(connection), releases.select_releases(connection)
        runs = [run_facts(run) for run in job_run.select_runs(connection, "release", limit=RUNS)]
    manifest = read_manifest(waiting) if waiting else {}
    return render_template("review/releases.html", waiting=waiting, manifest=manifest, releases=final, runs=runs, reasons=REASONS, done_words=DONE)


@blueprint.post("/review/releases/<version>/approve")
def approve(version: str) -> ResponseReturnValue:
    """A job makes it final, as `release approve` does: that may take longer than a request lasts."""
    by = decider()
    if server().config.review == "auto":
        raise Refused(English("With SHARELM_REVIEW=auto a release is final as soon as it is built."), status=409, title=decide.NOT_DECIDED)
    with write(server().engine) as connection:
        decide.approve_release(connection, version, manifest_sha256=request.form.get("manifest", ""), by=by)
    return redirect(url_for("review_releases.index", done="release"), 303)


def read_manifest(waiting: Row[Any]) -> dict[str, Any]:
    """Empty where its files are just being replaced."""
    path = server().config.instance / "candidates" / waiting.version / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest


def run_facts(run: Row[Any]) -> dict[str, Any]:
    return {"started_at": run.started_at, "finished_at": run.finished_at, "counts": json.loads(run.counts), "error_type": run.error_type}
