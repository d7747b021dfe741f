"""Every table, so that the migrations see all of them."""

from __future__ import annotations

from sharelm.store.contributor import consent, contributor
from sharelm.store.conversation import conversation
from sharelm.store.figure import figure
from sharelm.store.job_run import job_run
from sharelm.store.release import release
from sharelm.store.session import login_session

TABLES = (contributor, consent, conversation, login_session, job_run, release, figure)
