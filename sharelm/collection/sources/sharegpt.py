"""ShareGPT dumps: conversations with ChatGPT that people published by a link. Answers may be the HTML of the page."""

from __future__ import annotations

from collections.abc import Iterator

from sharelm.collection.digest import digest_of
from sharelm.collection.fields import id_of, maybe_text, micros_of
from sharelm.collection.found import Found, Item, Said
from sharelm.collection.html_text import is_answer_html, text_of_html
from sharelm.collection.source import Row, Source
from sharelm.collection.turns import messages_of
from sharelm.vocabulary import Role

NAME = "sharegpt"
LICENCE = "LicenseRef-uncertain"
KNOWN = {"id", "conversations", "items", "model", "title", "timestamp"}


def read_row(row: Row) -> Iterator[Item]:
    value = row.value
    turns = value["items"] if "conversations" not in value and "items" in value else value["conversations"]
    said = [_plain(message) for message in messages_of(turns, "from", "value")]
    native = value.get("id")
    yield Found(
        f"sharegpt:{id_of(native) if native not in (None, '') else digest_of(said)[:32]}",
        said,
        model_name=maybe_text(value.get("model")),
        timestamp=micros_of(value.get("timestamp")),
        title=maybe_text(value.get("title")),
        extra={name: inside for name, inside in value.items() if name not in KNOWN},
    )


def _plain(message: Said) -> Said:
    role, text = message
    return (role, text_of_html(text)) if role is Role.ASSISTANT and is_answer_html(text) else message


SOURCE = Source(
    NAME,
    LICENCE,
    read_row,
    rows_told="about 90,000 in the usual dumps",
    how="a dump in ShareGPT's JSON, such as sg_90k_part1.json",
    is_redistributable=False,
)
