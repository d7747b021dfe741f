"""The pages that people see."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sharelm import ShareLM


def register(app: ShareLM) -> None:
    from sharelm.web.pages import (
        about_you,
        asked,
        assets,
        badge,
        contact,
        conversations,
        copies,
        correcting,
        downloads,
        figures,
        grouping,
        handover,
        history,
        history_preview,
        home,
        install,
        listing,
        login,
        overview,
        own,
        public_name,
        receipts,
        release_files,
        releases,
        replace_id,
        selected,
        texts,
        visitor,
        withdraw_all,
        withdrawals,  # noqa: F401 - as those of listing
        wording,
    )  # fmt: skip

    for module in (assets, asked, listing, wording, visitor, login, copies, selected, downloads, replace_id, contact, history_preview):
        module.prepare(app)
    public = (home, install, texts, releases, release_files, figures, receipts, badge, contact)
    gifts = (login, handover, overview, conversations, correcting, copies)
    private = (own, downloads, history, about_you, public_name, grouping, replace_id, withdraw_all)
    for module in (*public, *gifts, *private):
        app.register_blueprint(module.blueprint)
        app.after_request_funcs.setdefault(module.blueprint.name, []).append(assets.compress_page)
