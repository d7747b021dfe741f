"""Merging and the shown path: pure rules, messages in, messages out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharelm.ingest.merge import Kept, beside_path, merge_by_id, merge_whole, shown_path, without_last_turn
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


def answered(content, **more):
    return said(content, Role.ASSISTANT, **more)


TREE = [
    said("u1", id="u1"), answered("a1x", id="a1x", parent_id="u1"), answered("a1", id="a1", parent_id="u1"), said("u2", id="u2", parent_id="a1"),
    answered("a1y", id="a1y", parent_id="u1"), said("u2x", id="u2x", parent_id="a1"), answered("a2x", id="a2x", parent_id="u2x"),
    answered("a2", id="a2", parent_id="u2"),
]  # fmt: skip


def test_versions_stand_beside_the_message_that_they_are_a_version_of():
    path = shown_path(TREE)
    assert [TREE[place].content for place in path] == ["u1", "a1", "u2", "a2"]
    assert beside_path(TREE, path) == {2: [[1], [4]], 3: [[5, 6]]}


def test_an_edited_beginning_stands_beside_the_beginning():
    tree = [said("old", id="o"), answered("reply", id="r", parent_id="o"), said("new", id="n"), answered("answer", id="a", parent_id="n")]
    assert beside_path(tree, shown_path(tree)) == {2: [[0, 1]]}


def test_the_last_turn_goes_with_its_versions_and_earlier_versions_stay():
    kept_messages, gone = without_last_turn(TREE)
    assert sorted(message.content for message in gone) == ["a2", "a2x", "u2", "u2x"]
    assert [kept_messages[place].content for place in shown_path(kept_messages)] == ["u1", "a1"]
    assert without_last_turn(kept_messages) is None


@pytest.mark.parametrize(
    ("messages", "stays"),
    [
        ([], None),
        ([said("u1")], None),
        ([said("u1"), answered("a1")], None),
        ([answered("a0")], None),
        ([said("s", Role.SYSTEM), said("u1"), answered("a1")], None),
        ([answered("a0"), said("u1")], 1),
        ([said("u1"), said("u2")], 1),
        ([said("u1"), answered("a1"), said("u2")], 2),
        ([said("u1"), answered("a1"), said("u2"), said("t", Role.TOOL), answered("a2"), answered("a3")], 2),
    ],
)
def test_the_only_turn_cannot_be_deleted(messages, stays):
    cut = without_last_turn(messages)
    assert (None if cut is None else len(cut[0])) == stays


def test_an_edited_beginning_does_not_come_back_when_a_turn_is_deleted():
    tree = [said("old", id="o"), said("new", id="n"), said("more", id="m", parent_id="n")]
    kept_messages, gone = without_last_turn(tree)
    assert ([message.content for message in kept_messages], [message.content for message in gone]) == (["new"], ["old", "more"])


@st.composite
def trees(draw):
    """Messages that each hang on an earlier one, or on none."""
    messages = []
    for number in range(draw(st.integers(1, 12))):
        parent = draw(st.sampled_from([None, *(message.id for message in messages)]))
        role = draw(st.sampled_from([Role.USER, Role.ASSISTANT]))
        messages.append(said(f"text {number}", role, id=str(number), parent_id=parent, gap=draw(st.booleans())))
    return messages


@given(messages=trees())
def test_deleting_the_last_turn_leaves_the_path_as_it_was_before_it(messages):
    cut = without_last_turn(messages)
    if cut is not None:
        path = [messages[place] for place in shown_path(messages)]
        last = max(step for step, message in enumerate(path) if message.role is Role.USER)
        assert [cut[0][place] for place in shown_path(cut[0])] == path[:last]
        assert sorted(message.id for part in cut for message in part) == sorted(message.id for message in messages)


@given(messages=trees())
def test_every_message_is_on_the_path_or_beside_it(messages):
    path = shown_path(messages)
    beside = [place for versions in beside_path(messages, path).values() for version in versions for place in version]
    assert sorted([*path, *beside]) == list(range(len(messages)))
