"""Every table, so that the migrations see all of them."""

from __future__ import annotations

from sharelm.store.audit import audit_entry
from sharelm.store.candidate import candidate
from sharelm.store.contact_message import contact_message
from sharelm.store.contributor import consent, contributor, retired_id
from sharelm.store.conversation import conversation
from sharelm.store.download import download, download_part
from sharelm.store.figure import figure
from sharelm.store.job_run import job_run
from sharelm.store.login_code import login_code
from sharelm.store.near_duplicate import near_duplicate, near_duplicate_band
from sharelm.store.own_export import export_candidate, export_part, own_export
from sharelm.store.receipt import receipt, receipt_conversation
from sharelm.store.release import left_out, release
from sharelm.store.reviewer import reviewer, reviewer_session
from sharelm.store.search import search_block, search_part
from sharelm.store.session import login_session
from sharelm.store.tombstone import tombstone

TABLES = (
    contributor, retired_id, consent, conversation, login_session, login_code, contact_message, job_run,
    release, left_out, candidate, receipt, receipt_conversation, tombstone, figure, download, download_part, search_block, search_part,
    reviewer, reviewer_session, audit_entry, near_duplicate, near_duplicate_band,
    own_export, export_part, export_candidate,
)  # fmt: skip
