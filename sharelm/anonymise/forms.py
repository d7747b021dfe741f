"""What the anonymiser makes of one stored conversation: the columns to write back. Pure: a row in, values out.

Messages that are anonymised already keep their stored form, unless they were anonymised by an older version or without the model for names:
then every form that is kept runs again, from the anonymised text, since nothing else is left.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row

from sharelm.anonymise.content import ShownPath, content_hash
from sharelm.anonymise.detectors import DETECTORS
from sharelm.anonymise.engine import ANONYMISER_VERSION, anonymise_texts
from sharelm.anonymise.hidden import FindHidden
from sharelm.anonymise.labels import count_labels
from sharelm.anonymise.language import find_language
from sharelm.anonymise.quality import find_flags
from sharelm.anonymise.risk import find_risk
from sharelm.anonymise.user_ids import FindIds
from sharelm.passages import find_places
from sharelm.store.corrections import dump_reasons, load_corrections, load_reasons
from sharelm.store.measures import measures
from sharelm.store.message_json import dump_placed, load_current, load_placed
from sharelm.vocabulary import Message, Role

Digest = Callable[[str, str], str]
"""(public_id, text) → keyed digest; different for every conversation."""

TO_READ_AGAIN = "to be read again"
"""Stands in place of the version where a name has come up since, and the forms that are kept may hold it."""
_VERSIONS = {detector.entity_type: detector.version for detector in DETECTORS}


@dataclass(frozen=True, slots=True)
class How:
    """`words` digests words that were hidden by hand; `names` lets the model look for persons too; `find_ids` finds user IDs."""

    digest: Digest
    shown_path: ShownPath
    words: Digest
    names: bool = False
    find_ids: FindIds | None = None


def is_outdated(row: Row[Any], *, names: bool) -> bool:
    """Whether what is kept of it would come out better today."""
    return row.anonymiser_version is not None and (row.anonymiser_version != ANONYMISER_VERSION or (names and not row.names_ran))


def anonymised_values(row: Row[Any], how: How) -> tuple[dict[str, Any], list[Message]]:
    """What is written to the row, and the messages that its owner sees from now on."""
    messages = load_current(row.pending, row.messages, row.branches)
    is_old = is_outdated(row, names=how.names)
    read = [message for message in messages if is_old or message.digest is None]
    kept = [message for message in messages if not is_old and message.digest is not None]
    beside = [Message(Role.USER, text) for text in _texts_beside(row)]
    new, taken = ([*read, *beside], kept) if is_old else (read, [*kept, *beside])
    found = anonymise_texts(
        [message.content for message in new],
        roles=[message.role for message in new],
        names=how.names,
        digest=lambda text: how.digest(row.public_id, text),
        known=json.loads(row.placeholders) if row.placeholders else {},
        taken=[message.content for message in taken],
        hidden=hidden_in(row, how),
        find_ids=how.find_ids,
    )
    read_forms = iter(zip(found.texts, found.redactions, strict=True))
    kept_forms = iter(zip(found.kept, found.kept_redactions, strict=True))
    # A name that a new message brings up is taken out of those that are kept, too.
    done = [_again(message, *next(read_forms if is_old or message.digest is None else kept_forms)) for message in messages]
    done = [_known_by_digest(row.public_id, before, after, how.digest) for before, after in zip(messages, done, strict=True)]
    shown_at = how.shown_path(done)
    shown = [done[place] for place in shown_at]
    given = (count_labels(message.content) for message in read if message.redactions and message.digest is None)
    counts = Counter(json.loads(row.redactions) if row.redactions else {}) + sum(given, Counter(found.counts))
    names_ran = how.names and (is_old or row.anonymiser_version is None or bool(row.names_ran))
    return {
        "pending": None,
        **_stored(done, shown_at),
        **_stored_beside(row, read_forms if is_old else kept_forms),
        "placeholders": json.dumps(found.known, sort_keys=True, separators=(",", ":")),
        **redaction_log(counts, names_ran=names_ran),
        **find_risk(shown, counts, names_ran=names_ran).columns(),
        "content_hash": content_hash(shown),
        "flags": " ".join(find_flags(shown)),
        "language": find_language(shown),
        **measures(done),
        "failures": 0,
    }, shown


def hidden_in(row: Row[Any], how: How) -> FindHidden | None:
    """How to find what the contributor hid in this conversation by hand; None where that is nothing."""
    passages = load_corrections(row.corrections).hidden
    if not passages:
        return None
    return lambda text: find_places(text, passages, lambda words: how.words(row.public_id, words))


def redaction_log(counts: Counter[str], *, names_ran: bool) -> dict[str, Any]:
    """What was replaced, without a word of it: places by entity type, by which versions of what."""
    versions = {entity_type: _VERSIONS[entity_type] for entity_type in counts if entity_type in _VERSIONS}
    return {
        "redactions": json.dumps(counts, sort_keys=True),
        "detector_versions": json.dumps(versions, sort_keys=True),
        "anonymiser_version": ANONYMISER_VERSION,
        "names_ran": names_ran,
    }


def _again(message: Message, content: str, redactions: int) -> Message:
    return replace(message, content=content, redactions=message.redactions + redactions)


def _known_by_digest(public_id: str, before: Message, after: Message, digest: Digest) -> Message:
    """What is kept of a message is recognised by what was sent."""
    known_by = before.digest or before.sent_digest or digest(public_id, f"{before.role}\0{before.content}")
    return replace(after, digest=known_by, sent_digest=None)


def _stored(done: Sequence[Message], shown_at: Sequence[int]) -> dict[str, Any]:
    is_shown = set(shown_at)
    aside = [(place, message) for place, message in enumerate(done) if place not in is_shown]
    return {"messages": dump_placed((place, done[place]) for place in shown_at), "branches": dump_placed(aside) if aside else None}


def _texts_beside(row: Row[Any]) -> list[str]:
    """What is kept beside the current messages: the form that the last release holds, and why something was rated so."""
    published = [message.content for _, message in load_placed(row.published)] if row.published else []
    return [*published, *load_reasons(row.reasons).values()]


def _stored_beside(row: Row[Any], forms: Iterator[tuple[str, int]]) -> dict[str, Any]:
    """Only what has changed: somebody may be writing another reason meanwhile."""
    values: dict[str, Any] = {}
    if row.published:
        placed = [(place, _again(message, *next(forms))) for place, message in load_placed(row.published)]
        values |= {"published": dump_placed(placed), "published_hash": content_hash([message for _, message in placed])}
    before = load_reasons(row.reasons)
    reasons = {key: next(forms)[0] for key in before}
    return values if reasons == before else {**values, "reasons": dump_reasons(reasons)}
