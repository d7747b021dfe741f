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
        listing,  # noqa: F401 - its addresses are in the blueprint of conversations
        login,
        overview,
        receipts,
        releases,
        selected,
        texts,
        visitor,
        withdraw_all,
        withdrawals,  # noqa: F401 - as those of listing
        wording,
    )  # fmt: skip

    for module in (assets, wording, visitor, login, copies, selected):
        module.prepare(app)
    for module in (home, install, login, handover, overview, conversations, correcting, copies, texts, releases, figures, receipts, withdraw_all):
        app.register_blueprint(module.blueprint)
