"""Merging and the shown path: pure rules, messages in, messages out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharelm.ingest.merge import Kept, merge_by_id, merge_whole, shown_path
from sharelm.vocabulary import Conversation, Message, Role


def digest(message):
    return f"{message.role}:{message.content}"


def kept(*messages, **more):
    facts = {"rating": None, "message_count": len(messages), "character_count": sum(len(m.content) for m in messages), "sent_at": None, "revision": 1}
    return Kept(messages, **facts | more)


def arrived(*messages, **more):
    return Conversation("c", messages, "extension", revision=more.pop("revision", 1), **more)


def said(content, role=Role.USER, **more):
    return Message(role, content, **more)


def stored(content, role=Role.USER, form="[X_1]", **more):
    """As it stands once anonymised: another text, and the digest of the one that was sent."""
    return Message(role, form, digest=f"{role}:{content}", **more)


def test_a_message_whose_digest_is_known_keeps_its_stored_form():
    merged = merge_whole(kept(stored("one")), arrived(said("one"), said("two", Role.ASSISTANT)), digest)
    assert [message.content for message in merged.messages] == ["[X_1]", "two"]
    assert [message.digest is not None for message in merged.messages] == [True, False]


def test_it_recognises_moved_messages_too():
    merged = merge_whole(kept(stored("one"), message_count=1), arrived(said("zero"), said("one")), digest)
    assert [message.content for message in merged.messages] == ["zero", "[X_1]"]


@pytest.mark.parametrize(("new", "result"), [(None, 1), (0, None), (-1, -1), (1, 1)])
def test_a_rating_is_kept_taken_back_or_changed(new, result):
    before = kept(stored("one", rating=1))
    merged = merge_whole(before, arrived(said("one", rating=new)), digest)
    assert (merged.messages[0].rating if merged else 1) == result


def test_by_id_it_keeps_an_anonymised_message_whose_id_changed():
    merged = merge_by_id(kept(stored("one", id="old")), arrived(said("one", id="new")), digest)
    assert merged.messages[-1].content == "[X_1]"


def test_by_id_it_takes_a_changed_text_under_a_known_id():
    merged = merge_by_id(kept(stored("one", id="a")), arrived(said("one more", id="a")), digest)
    assert [(message.content, message.digest) for message in merged.messages] == [("one more", None)]


ids = st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1)


@given(first=ids, second=ids)
def test_by_id_nothing_is_lost_and_nothing_doubled(first, second):
    before = tuple(said(f"text {one}", id=one) for one in first)
    merged = merge_by_id(kept(*before), arrived(*(said(f"text {one}", id=one) for one in second), revision=2), digest)
    found = [message.id for message in (merged.messages if merged else before)]
    assert sorted(found) == sorted(set(first) | set(second))


@given(first=ids, second=ids)
def test_by_id_the_second_time_changes_nothing(first, second):
    before = tuple(said(f"text {one}", id=one) for one in first)
    copy = arrived(*(said(f"text {one}", id=one) for one in second), revision=2)
    merged = merge_by_id(kept(*before), copy, digest)
    if merged is not None:
        assert merge_by_id(kept(*merged.messages, revision=2), copy, digest) is None


def chain(*links):
    return [
        Message(Role.USER if place % 2 == 0 else Role.ASSISTANT, one, id=one, parent_id=parent, gap=gap)
        for place, (one, parent, gap) in enumerate(links)
    ]


PATHS = {
    "a line": (chain(("a", None, False), ("b", "a", False), ("c", "b", False)), "abc"),
    "no parents at all": ([said("a", id="a"), said("b", id="b")], "ab"),
    "no ids at all": ([said("a"), said("b")], "ab"),
    "regenerated": ([*chain(("a", None, False), ("b", "a", False)), Message(Role.ASSISTANT, "c", id="c", parent_id="a")], "ac"),
    "the first message edited": (chain(("a", None, False), ("b", "a", False), ("c", None, False), ("d", "c", False)), "cd"),
    "a gap": (chain(("a", None, False), ("b", "a", False), ("y", None, True), ("z", "y", False)), "abyz"),
    "a parent that never came": (chain(("a", None, False), ("b", "a", False), ("y", "lost", False), ("z", "y", False)), "abyz"),
    "a circle": (chain(("a", "b", False), ("b", "a", False)), "ab"),
    "its own parent": (chain(("a", None, False), ("b", "b", False)), "b"),
}  # fmt: skip


@pytest.mark.parametrize(("messages", "path"), PATHS.values(), ids=PATHS.keys())
def test_the_shown_path(messages, path):
    assert "".join(messages[place].content for place in shown_path(messages)) == path


def test_an_empty_conversation_has_an_empty_path():
    assert shown_path([]) == []


def test_labels_of_the_newer_copy_win():
    before = kept(said("one", id="a", model="old"))
    merged = merge_by_id(before, arrived(said("one", id="a", model="new")), digest)
    assert merged.messages == (replace(before.messages[0], model="new"),)
    assert not merged.is_new_text
