"""The pages that people see."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sharelm import ShareLM


def register(app: ShareLM) -> None:
    from sharelm.web.pages import (
        about_you,
        assets,
        conversations,
        downloads,
        figures,
        handover,
        home,
        install,
        login,
        overview,
        own,
        receipts,
        releases,
        texts,
        visitor,
        withdraw_all,
        wording,
    )  # fmt: skip

    for module in (assets, wording, visitor, login, downloads):
        module.prepare(app)
    for module in (
        home,
        install,
        login,
        handover,
        overview,
        conversations,
        texts,
        releases,
        figures,
        receipts,
        withdraw_all,
        own,
        downloads,
        about_you,
    ):
        app.register_blueprint(module.blueprint)
