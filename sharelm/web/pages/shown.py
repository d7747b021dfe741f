"""What the pages show of a conversation. Pure: rows in, facts for the templates out; what may not be shown is not in them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row

from sharelm.errors import English
from sharelm.store import listing
from sharelm.store.message_json import load_content_opening
from sharelm.vocabulary import Message, Rejection, Role, Stage
from sharelm.web.language import gettext, ngettext, translated
from sharelm.web.pages.figures import platform_name
from sharelm.web.pages.markup import Renderer, verbatim
from sharelm.web.pages.wording import moment_text, number

WITHDRAWN, NEEDS_A_LOOK = listing.WITHDRAWN, listing.NEEDS_A_LOOK
UNTITLED = English("Untitled")
TITLE_LENGTH = 80
PLACEHOLDER = re.compile(r"\[([A-Z][A-Z_]{1,40})_\d{1,6}\]")
FOLDED_CHARACTERS = 3_000  # longer messages, or with more lines, are folded
FOLDED_LINES = 60
OPENING = 400  # characters of a folded message that are seen
FENCE = re.compile(r"\A\s*(?:```|~~~)\w*\n")  # a title that begins with code begins with its first line
INVISIBLE = r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
VISIBLE = re.compile(rf"[^\s{INVISIBLE}\U000e0000-\U000e0fff]")
MARKS = re.compile(r"\*\*|^#{1,6} |^> |^```\w*$", re.MULTILINE)  # of Markdown, which would be in the way there
BEGINS_WITH_TEXT = re.compile(r'\[\{"role":"[a-z]+","content":')
SPEAKERS = {Role.USER: English("You"), Role.ASSISTANT: English("Model"), Role.SYSTEM: English("System"), Role.TOOL: English("Tool")}
WORDS = {
    "CREDENTIAL": English("password or key"),
    "CREDIT_CARD": English("credit card"),
    "DATE_OF_BIRTH": English("date of birth"),
    "EMAIL_ADDRESS": English("e-mail address"),
    "HIDDEN": English("hidden by you"),
    "IBAN_CODE": English("bank account"),
    "ID_NUMBER": English("ID number"),
    "IP_ADDRESS": English("network address"),
    "LOCATION": English("location"),
    "MAC_ADDRESS": English("device address"),
    "NATIONAL_ID": English("national ID number"),
    "PERSON": English("person"),
    "PHONE_NUMBER": English("phone number"),
    "SECRET": English("secret"),
    "STREET_ADDRESS": English("street address"),
    "URL": English("web address"),
    "USERNAME": English("user name"),
    "US_SSN": English("social security number"),
    "VEHICLE_PLATE": English("vehicle plate"),
}
HELD_BACK = {
    "empty": English("Held back: it holds no text."),
    "one-sided": English("Held back: only one side of it was recorded."),
    "provider-error": English("Held back: an answer in it is an error message of the chat site."),
}
TURNED_DOWN = {
    "empty": English("Not accepted: it holds no text."),
    "one-sided": English("Not accepted: only one side of it was recorded."),
    "provider-error": English("Not accepted: an answer in it is an error message of the chat site."),
}

REJECTED = {
    Rejection.PRIVATE: English("Not accepted: it says too much about somebody."),
    Rejection.HARMFUL: English("Not accepted: it is dangerous or illegal."),
    Rejection.COPYRIGHT: English("Not accepted: it holds somebody else’s work."),
    Rejection.SPAM: English("Not accepted: it looks like spam, or as if made to fill the dataset."),
    Rejection.NO_CONVERSATION: English("Not accepted: it is no conversation."),
}
WAS_RELEASED = English(
    "It was in release %(release)s. Later ones leave it out, and the public list of what is gone names it. Copies of others cannot be called back."
)
NOT_ACCEPTED = English("Not accepted: a reviewer decided that it goes into no release.")
ANONYMISED, APPROVED, IN_A_RELEASE = English("Anonymised"), English("Approved"), English("In a release")
STUCK = English("This has failed so far. It stays out of every release.")
SOON = English("Within a minute. Until then only you see this text.")
FAILED = English("Anonymising it has failed so far, so somebody has to look at why. It stays out of every release.")


@dataclass(frozen=True, slots=True)
class Line:
    """A conversation in a list. A withdrawn one has its id, dates and what opens its receipt only. `note` says why it does not go on."""

    public_id: str
    stage: str
    received_at: datetime
    release: str | None = None
    title: str | None = None
    model: str | None = None
    site: str | None = None
    message_count: int = 0
    replaced: int = 0
    withdrawn_at: datetime | None = None
    erased_at: datetime | None = None
    can_undo: bool = False
    receipt: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message; `body` is safe HTML, `opening` its first characters where it is folded. `key` names it in forms."""

    key: str
    speaker: str
    is_user: bool
    is_answer: bool
    body: Markup
    opening: str | None
    length: int
    sent_at: datetime | None
    rating: int | None
    reason: str
    follows_gap: bool
    versions: tuple[tuple[Spoken, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the path: `state` is done, now or nothing yet."""

    state: str
    icon: str
    word: str
    text: str


def line(row: Row[Any], *, now: datetime, hide: Callable[[Row[Any], str], str], receipt: str | None = None) -> Line:
    """For a row of the list query. `hide` takes out of its text what is hidden in it."""
    if row.withdrawn_at is not None:
        return withdrawn_line(row, now=now, receipt=receipt)
    return Line(
        public_id=row.public_id,
        stage=NEEDS_A_LOOK if needs_a_look(row) else row.stage,
        received_at=row.received_at,
        release=row.first_release,
        title=first_words(hide(row, opening_text(row.opening, row.kept_opening) or "")),
        model=row.model,
        site=row.page_host or (platform_name(row.platform) if row.platform else None),
        message_count=row.message_count,
        replaced=count_replaced(row),
        note=why_not(row),
    )


def withdrawn_line(row: Row[Any], *, now: datetime, receipt: str | None) -> Line:
    can_undo = row.erased_at is None and row.erase_after is not None and row.erase_after > now
    dates = {"received_at": row.received_at, "withdrawn_at": row.withdrawn_at, "erased_at": row.erased_at}
    return Line(row.public_id, WITHDRAWN, release=row.first_release, can_undo=can_undo, receipt=receipt, **dates)


def needs_a_look(row: Row[Any]) -> bool:
    return bool(row.quarantined and row.stage == Stage.RECEIVED)


def why_not(row: Row[Any]) -> str | None:
    """Why it does not go on, in one sentence; None where it does."""
    if needs_a_look(row):
        return FAILED
    flag = row.flags.split(" ")[0]
    if row.stage == Stage.REJECTED:
        return _rejected(row.rejection) if row.rejection else TURNED_DOWN.get(flag, NOT_ACCEPTED)
    return HELD_BACK.get(flag) if row.stage == Stage.ANONYMISED else None


def _rejected(rejection: str) -> str:
    """The reason in our words, and what the reviewer added."""
    reason, _, words = rejection.partition("\n")
    sentence = str(translated(REJECTED.get(reason, NOT_ACCEPTED)))  # type: ignore[call-overload]
    return gettext("%(sentence)s The reviewer adds: “%(words)s”", sentence=sentence, words=words) if words else sentence


def opening_text(opening: str | None, kept_opening: str | None) -> str | None:
    """The first message as far as it was read; where it is anonymised already, the pending copy does not hold it."""
    return load_content_opening(opening if BEGINS_WITH_TEXT.match(opening or "") else kept_opening)


def first_words(text: str | None) -> str:
    """A title, made of what was said first; never stored."""
    words = " ".join(FENCE.sub("", text or "", count=1).split())
    if not VISIBLE.search(words):
        return UNTITLED
    if len(words) <= TITLE_LENGTH:
        return words
    cut = words[:TITLE_LENGTH]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut) + "…"


def spoken(message: Message, *, key: str, model: str | None, reason: str, renderer: Renderer) -> Spoken:
    is_answer = message.role is Role.ASSISTANT
    return Spoken(
        key=key,
        speaker=(message.model or model if is_answer else None) or SPEAKERS[message.role],
        is_user=message.role is Role.USER,
        is_answer=is_answer,
        body=body(message, renderer),
        opening=opening_of(message.content),
        length=len(message.content),
        sent_at=message.sent_at,
        rating=message.rating,
        reason=reason,
        follows_gap=message.gap,
    )


def body(message: Message, renderer: Renderer) -> Markup:
    """What a tool said is data, not Markdown."""
    if message.role is Role.TOOL:
        return verbatim(message.content, label_words if has_placeholders(message) else None)
    return renderer.render(message.content, has_labels=has_placeholders(message))


def opening_of(text: str) -> str | None:
    is_long = len(text) > FOLDED_CHARACTERS or text.count("\n") > FOLDED_LINES
    return " ".join(MARKS.sub("", text[:OPENING]).split()) + "…" if is_long else None


def has_placeholders(message: Message) -> bool:
    """Of ours: who writes `[URL_1]` has replaced nothing."""
    return message.redactions > 0 and (message.digest is not None or message.sent_digest is not None)


def label_words(label: str) -> str:
    """What a label stands for, to point at and to listen to."""
    words = kind_of(label)
    return words if label.startswith("[HIDDEN_") else gettext("replaced: %(words)s", words=words)


def legend(messages: Iterable[Message]) -> list[tuple[str, str]]:
    """What stands for what, and how often: (`[EMAIL_ADDRESS_1]`, `e-mail address, 2 times`), in the order of the text."""
    counts = Counter(match[0] for message in messages if has_placeholders(message) for match in PLACEHOLDER.finditer(message.content))
    return [(label, f"{kind_of(label)}, {_times(count)}") for label, count in counts.items()]


def _times(count: int) -> str:
    return ngettext("once", "%(count)s times", count, count=number(count))


def kind_of(label: str) -> str:
    entity_type = label[1:-1].rpartition("_")[0]
    return str(translated(WORDS.get(entity_type) or entity_type.replace("_", " ").lower()))


def count_replaced(row: Row[Any]) -> int:
    return sum(json.loads(row.redactions).values()) if row.redactions else 0


def path(row: Row[Any], *, now: datetime, is_automatic: bool) -> list[Step]:
    """How far the conversation has come and what comes next."""
    received = Step("done", "inbox", English("Received"), moment_text(row.received_at))
    return [received, _anonymised(row), _approved(row, is_automatic=is_automatic), _released(row, now=now)]


def _anonymised(row: Row[Any]) -> Step:
    if row.stage != Stage.RECEIVED:
        found = count_replaced(row)
        return Step("done", "redact", ANONYMISED, _places(found) if found else English("Nothing was found to replace."))
    return Step("now", "redact", ANONYMISED, STUCK if row.quarantined else SOON)


def _places(count: int) -> str:
    return ngettext("%(count)s place replaced.", "%(count)s places replaced.", count, count=number(count))


def _approved(row: Row[Any], *, is_automatic: bool) -> Step:
    if row.stage == Stage.REJECTED:
        return Step("now", "ban", English("Not accepted"), why_not(row) or NOT_ACCEPTED)
    if row.stage in {Stage.APPROVED, Stage.RELEASED}:
        by_whom = English("By rule: nothing spoke against it.") if is_automatic else English("By a reviewer.")
        return Step("done", "circle-check", APPROVED, by_whom)
    held_back = HELD_BACK.get(row.flags.split(" ")[0]) if row.stage == Stage.ANONYMISED else None
    waits = English("By rule, if nothing speaks against it.") if is_automatic else English("A reviewer looks at it first.")
    return Step("now" if row.stage == Stage.ANONYMISED else "", "circle-check", APPROVED, held_back or waits)


def _released(row: Row[Any], *, now: datetime) -> Step:
    if row.stage == Stage.RELEASED:
        named = English("In release %(release)s", release=row.first_release)
        return Step("done", "package", named, English("And in later ones, until you withdraw it."))
    earlier = gettext("An earlier form is in release %(release)s.", release=row.first_release) + " " if row.first_release else ""
    if row.stage == Stage.REJECTED and row.first_release:
        return Step("", "package", IN_A_RELEASE, English(WAS_RELEASED, release=row.first_release))
    if row.stage == Stage.REJECTED or (row.stage == Stage.ANONYMISED and row.flags) or row.quarantined:
        return Step("", "package", IN_A_RELEASE, earlier + gettext("This form goes into none for now."))
    when = gettext("With the next one.")
    if row.releasable_at > now:
        when = gettext("Not before %(moment)s.", moment=moment_text(row.releasable_at))
    state = "now" if row.stage == Stage.APPROVED else ""
    until_then = gettext("Until then nobody outside sees this form.")
    return Step(state, "package", IN_A_RELEASE, f"{earlier}{when} {until_then}")
