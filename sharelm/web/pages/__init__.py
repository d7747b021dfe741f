"""The pages that people see."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sharelm import ShareLM


def register(app: ShareLM) -> None:
    from sharelm.web.pages import assets, conversations, figures, home, login, overview, releases, texts, visitor, wording

    for module in (assets, wording, visitor, login):
        module.prepare(app)
    for module in (home, login, overview, conversations, texts, releases, figures):
        app.register_blueprint(module.blueprint)
