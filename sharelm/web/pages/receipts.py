"""Receipts of withdrawals: readable by whoever has the address, without a login; and a page that checks one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Row

from sharelm.errors import English, NotFound
from sharelm.keys import token_digest
from sharelm.store import receipt as receipts
from sharelm.store.engine import read
from sharelm.web.current import server
from sharelm.web.htmx import is_htmx, vary
from sharelm.withdraw.proof import instant
from sharelm.withdraw.receipt import NotGenuine, check_receipt, read_keys, receipt_keys

TOKEN = re.compile(r"[A-Za-z0-9_\-]{43}")
SHOWN_IDS = 5  # of a receipt for many; the file has all
RETRY_AFTER_SECONDS = 5

blueprint = Blueprint("receipts", __name__)
blueprint.after_request(vary)


@dataclass(frozen=True, slots=True)
class Proof:
    """A receipt as its page shows it; without `erased_at` it is not signed yet."""

    receipt_id: str
    public_ids: list[str]
    count: int
    asked_at: datetime
    erased_at: datetime | None
    is_everything: bool
    releases: list[str]
    key_id: str = ""
    signature: str = ""


@blueprint.get("/receipts/<token>")
def show(token: str) -> ResponseReturnValue:
    if is_htmx():
        return show_change(token)
    return render_template("receipts/show.html", token=token, proof=find_proof(token))


@blueprint.get("/receipts/<token>.json")
def file(token: str) -> ResponseReturnValue:
    """The signed receipt, byte for byte the same at each download; before that 202 with what is known."""
    with read(server().engine) as connection:
        receipt = find_receipt(connection, token)
        if receipt.signed is None:
            asked = {"receipt_id": receipt.receipt_id, "asked_at": instant(receipt.asked_at), "erased_at": None}
            public_ids = receipts.select_public_ids(connection, receipt.id)
            return jsonify(**asked, public_ids=public_ids), 202, {"Retry-After": str(RETRY_AFTER_SECONDS)}
    name = f"sharelm-receipt-{receipt.receipt_id}.json"
    return Response(receipt.signed, mimetype="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@blueprint.get("/receipts/verify")
def verify() -> ResponseReturnValue:
    return render_template("receipts/verify.html", receipt=None, problem=None)


@blueprint.post("/receipts/verify")
def check() -> ResponseReturnValue:
    """Nothing of it is kept. A receipt that is not genuine is an answer, not an error."""
    try:
        receipt = check_receipt(read_given(), read_keys(receipt_keys(server().keys)))
    except NotGenuine as problem:
        return render_template("receipts/verify.html", receipt=None, problem=problem.message)
    proof = signed_proof(receipt)
    return render_template("receipts/verify.html", receipt=proof, address=receipt["server"], problem=None)


def show_change(token: str) -> ResponseReturnValue:
    """For the page that asks again and again: nothing while nothing has changed, the signed receipt once, the page anew if it was taken back."""
    try:
        proof = find_proof(token)
    except NotFound:
        return Response(status=204, headers={"HX-Refresh": "true"})
    if proof.erased_at is None:
        return Response(status=204)
    return render_template("receipts/_receipt.html", token=token, proof=proof, has_changed=True)


def find_proof(token: str) -> Proof:
    with read(server().engine) as connection:
        receipt = find_receipt(connection, token)
        if receipt.signed is not None:
            return signed_proof(json.loads(receipt.signed))
        public_ids = receipts.select_public_ids(connection, receipt.id)
    return Proof(receipt.receipt_id, public_ids[:SHOWN_IDS], len(public_ids), receipt.asked_at, None, receipt.is_everything, [])


def find_receipt(connection: Connection, token: str) -> Row[Any]:
    """Raises NotFound where no receipt has this token, or not any more."""
    found = receipts.select_receipt(connection, token_digest(token)) if TOKEN.fullmatch(token) else None
    if found is None:
        raise NotFound(English("There is no receipt at this address. If the withdrawal was undone, its receipt is gone with it."))
    return found


def signed_proof(receipt: dict[str, Any]) -> Proof:
    """What a receipt says that was signed here."""
    return Proof(
        receipt["receipt_id"],
        receipt["public_ids"][:SHOWN_IDS],
        len(receipt["public_ids"]),
        datetime.fromisoformat(receipt["asked_at"]),
        datetime.fromisoformat(receipt["erased_at"]),
        receipt["everything"],
        receipt["releases"],
        receipt["key_id"],
        receipt["signature"],
    )


def read_given() -> bytes:
    """The file if one was chosen, else what was pasted."""
    given = request.files.get("file")
    return given.read() if given and given.filename else request.form.get("receipt", "").strip().encode()
