"""The pages that people see."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sharelm import ShareLM


def register(app: ShareLM) -> None:
    from sharelm.web.pages import assets, conversations, handover, home, install, login, receipts, releases, texts, visitor, withdraw_all, wording

    for module in (assets, wording, visitor, login):
        module.prepare(app)
    for module in (home, install, login, handover, conversations, texts, releases, receipts, withdraw_all):
        app.register_blueprint(module.blueprint)
