"""The pages that people see."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sharelm import ShareLM


def register(app: ShareLM) -> None:
    from sharelm.web.pages import (
        assets,
        conversations,
        copies,
        correcting,
        figures,
        handover,
        home,
        install,
        login,
        overview,
        receipts,
        releases,
        texts,
        visitor,
        withdraw_all,
        wording,
    )  # fmt: skip

    for module in (assets, wording, visitor, login, copies):
        module.prepare(app)
    for module in (home, install, login, handover, overview, conversations, correcting, copies, texts, releases, figures, receipts, withdraw_all):
        app.register_blueprint(module.blueprint)
