"""Which reviewer looks at the pages. Their login is none of a contributor's: another token, in another table."""

from __future__ import annotations

from flask import abort, redirect, session, url_for

from sharelm.keys import token_digest
from sharelm.review.decide import Decider
from sharelm.store import reviewer as reviewers
from sharelm.store.engine import read
from sharelm.web.current import now, server

TOKEN = "review"


def current_reviewer() -> str:
    """The name of who is logged in. Ends the request with a redirect to the reviewers' login for everybody else."""
    with read(server().engine) as connection:
        found = reviewers.select_session_reviewer(connection, token_digest(session.get(TOKEN, "")), now=now())
    if found is None:
        session.pop(TOKEN, None)
        abort(redirect(url_for("review_login.show"), 303))
    return found[1]


def decider() -> Decider:
    return Decider(current_reviewer(), now())
