"""The pages that people see."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sharelm import ShareLM


def register(app: ShareLM) -> None:
    from sharelm.web.pages import (
        about_you,
        assets,
        badge,
        contact,
        conversations,
        downloads,
        figures,
        grouping,
        handover,
        home,
        install,
        login,
        overview,
        own,
        public_name,
        receipts,
        releases,
        replace_id,
        texts,
        visitor,
        withdraw_all,
        wording,
    )  # fmt: skip

    for module in (assets, wording, visitor, login, downloads, replace_id, contact):
        module.prepare(app)
    public = (home, install, texts, releases, figures, receipts, badge, contact)
    private = (login, handover, overview, conversations, own, downloads, about_you, public_name, grouping, replace_id, withdraw_all)
    for module in (*public, *private):
        app.register_blueprint(module.blueprint)
