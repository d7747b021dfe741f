"""The pages of reviewers: what waits, decisions, reports, and the log of what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sharelm import ShareLM


def register(app: ShareLM) -> None:
    from sharelm.web.review import deciding, log, login, messages, queue, releases

    login.prepare(app)
    queue.prepare(app)
    for module in (login, queue, deciding, messages, releases, log):
        app.register_blueprint(module.blueprint)
