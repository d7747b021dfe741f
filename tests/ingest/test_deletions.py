"""What a later copy holds of deleted turns: the place stays empty whatever is said there, and what comes after it comes in."""

from __future__ import annotations

import pytest

from sharelm.ingest.deletions import without_deleted
from sharelm.ingest.merge import shown_path, without_last_turn
from sharelm.store.corrections import Corrections, Deleted, dump_corrections, free_turn, load_corrections
from tests.ingest.test_merging import answered, digest, said


def id_digest(message_id):
    return f"#{message_id}"


def arriving(kept, arrived, marks):
    return [message.content for message in without_deleted(kept, arrived, marks, digest=digest, id_digest=id_digest)[0]]


def left_of(kept, arrived, *deleted):
    return arriving(kept, arrived, [Deleted(digest(message), id_digest(message.id) if message.id else None) for message in deleted])


def test_what_was_deleted_is_left_out_by_its_words_and_by_its_id():
    gone = said("gone", id="b")
    copies = [said("a", id="a"), gone, said("other words", id="b"), said("gone", id="z"), said("new", id="c")]
    assert left_of([said("a", id="a")], copies, gone) == ["a", "gone", "new"]  # the words once, as often as they were deleted
    assert left_of([said("a", id="a")], copies, gone, gone) == ["a", "new"]


def test_what_is_kept_stays_where_something_deleted_said_the_same():
    ok, gone = said("ok"), said("ok")
    assert left_of([ok], [ok, said("new"), gone], gone) == ["ok", "new"]
    assert left_of([ok], [ok, gone, said("ok")], gone) == ["ok", "ok"]
    assert left_of([said("ok", id="a")], [said("ok", id="a")], said("ok", id="b")) == ["ok"]


def test_without_deletions_everything_arrives():
    assert left_of([], [said("a"), said("a")]) == ["a", "a"]


def spoken(text):
    """`u1 a1 u2` as the plugin sends it: questions begin with u."""
    return [said(word) if word.startswith("u") else answered(word) for word in text.split()]


def linked(text):
    """`u2<a1 a2<u2` as our own clients send it, `u2'<a1` being another message than `u2<a1`, `u2+<a1` the same with other words."""
    messages = []
    for word in text.split():
        name, _, parent = word.partition("<")
        speak = said if name.startswith("u") else answered
        messages.append(speak(name, id=name.rstrip("+"), parent_id=parent or None))
    return messages


def deleting(messages, turns):
    """What is kept, and the marks, once so many turns are deleted one after the other."""
    from sharelm.anonymise.by_hand import Digests, _marks

    marks = ()
    for _ in range(turns):
        messages, gone = without_last_turn(messages)
        path = [messages[place] for place in shown_path(messages)]
        marks += tuple(_marks(path, gone, Corrections(deleted=marks), Digests(digest, id_digest, str)))
    return messages, marks


WHOLE = {
    "the same": ("u1 a1 u2 a2", 1, "u1 a1 u2 a2", "u1 a1"),
    "a fuller answer": ("u1 a1 u2 a2", 1, "u1 a1 u2 a2+ u3 a3", "u1 a1 u3 a3"),
    "another question": ("u1 a1 u2 a2", 1, "u1 a1 u2x a2", "u1 a1"),
    "all of it is new": ("u1 a1 u2 a2", 1, "u1 a1 u2x a2x", "u1 a1"),
    "the answer before it too": ("u1 a1 u2 a2", 1, "u1 a1x u2x a2x u3 a3", "u1 a1x u3 a3"),
    "an answer where there was none": ("u1 a1 u2", 1, "u1 a1 u2 a2", "u1 a1"),
    "two turns, last first": ("u1 a1 u2 a2 u3 a3", 2, "u1 a1 u2x a2x u3x a3x u4 a4", "u1 a1 u4 a4"),
    "the same words later": ("u1 a1 u2 ok", 1, "u1 a1 u2 ok-and-more u3 ok", "u1 a1 u3 ok"),
    "the same question again": ("u1 a1 u2 a2", 1, "u1 a1 u2 a2x u2 a3", "u1 a1 u2 a3"),
    "all the same": ("u a u a", 1, "u a u a u a", "u a u a"),
    "a greeting first": ("a0 u1 a1 u2 a2", 2, "a0 u1x a1x u2x a2x u3 a3", "a0 u3 a3"),
}


@pytest.mark.parametrize(("before", "turns", "copy", "stays"), WHOLE.values(), ids=WHOLE.keys())
def test_in_whole_copies_without_ids_the_number_of_the_question_counts(before, turns, copy, stays):
    kept, marks = deleting(spoken(before), turns)
    assert " ".join(arriving(kept, spoken(copy), marks)) == stays
    assert " ".join(arriving(spoken(stays), spoken(copy), marks)) == stays  # and once more when that is kept


def test_what_is_kept_stays_where_the_copy_holds_the_deleted_turn_no_more():
    _, marks = deleting(spoken("u1 a1 u2 a2"), 1)
    kept = spoken("u1 a1 u3 a3")
    assert " ".join(arriving(kept, spoken("u1 a1 u3 a3 u4 a4"), marks)) == "u1 a1 u3 a3 u4 a4"


def test_a_kept_question_in_the_words_of_a_deleted_one_does_not_bring_its_answer_back():
    _, marks = deleting(spoken("u1 a1 u ok"), 1)
    kept = spoken("u1 a1 u a3")
    assert " ".join(arriving(kept, spoken("u1 a1 u ok-and-more u a3"), marks)) == "u1 a1 u a3"


def test_turns_are_counted_as_their_sender_does():
    _, marks = deleting(spoken("u1 a1 u2 a2"), 1)
    assert {mark.turn for mark in marks} == {1}
    assert free_turn(1, marks) == 2
    assert [free_turn(count, []) for count in range(3)] == [0, 1, 2]
    assert [free_turn(count, [Deleted("x", None, 0), Deleted("x", None, 2)]) for count in range(3)] == [1, 3, 4]


TURN = "u1 a1<u1 u2<a1 a2<u2"
LINKED = {
    "the same": (TURN, TURN, "u1 a1"),
    "other words under the same ids": (TURN, "u1 a1<u1 u2+<a1 a2+<u2", "u1 a1"),
    "a regenerated answer": (TURN, f"{TURN} a2'<u2", "u1 a1"),
    "only that": (TURN, "a2'<u2", ""),
    "and what goes on from it": (TURN, "t2<u2 a2'<t2", ""),
    "an edited question": (TURN, f"{TURN} u2'<a1 a2'<u2'", "u1 a1"),
    "only that one": (TURN, "u2'<a1 a2'<u2'", ""),
    "another question after it": (TURN, f"{TURN} u3<a2 a3<u3", "u1 a1 u3 a3"),
    "only the other question": (TURN, "u3<a2 a3<u3", "u3 a3"),
    "another question after an edited one": (TURN, f"{TURN} u2'<a1 a2'<u2' u3<a2' a3<u3", "u1 a1 u3 a3"),
    "another version of what stands before": (TURN, "a1'<u1", "a1'"),
    "the first question edited": (TURN, f"{TURN} u1' a1'<u1'", "u1 a1 u1' a1'"),
    "an answer whose parent nobody sent": (TURN, "u1 a1<u1 u2<a1 a2'<lost", "u1 a1"),
    "a question whose parent nobody sent": (TURN, "u1 a1<u1 u2'<lost a2'<u2'", "u1 a1"),
    "no parents, a fuller answer": ("u1 a1 u2 a2", "u1 a1 u2 a2'", "u1 a1"),
    "no parents, edited": ("u1 a1 u2 a2", "u1 a1 u2' a2' u3 a3", "u1 a1 u3 a3"),
    "no parents, a tail": ("u1 a1 u2 a2", "a1 u2' a2'", "a1"),
    "no parents, the same and more": ("u1 a1 u2 a2", "u1 a1 u2 a2 u3 a3", "u1 a1 u3 a3"),
}


@pytest.mark.parametrize(("before", "copy", "stays"), LINKED.values(), ids=LINKED.keys())
def test_in_copies_with_ids_the_parent_counts(before, copy, stays):
    kept, marks = deleting(linked(before), 1)
    assert " ".join(message.rstrip("+") for message in arriving(kept, linked(copy), marks)) == stays


def test_two_turns_that_are_deleted_one_after_the_other_both_stay_out():
    kept, marks = deleting(linked(f"{TURN} u3<a2 a3<u3"), 2)
    copy = f"{TURN} u3<a2 a3<u3 u3'<a2 a3'<u3' u2'<a1 a2'<u2' u4<a3 a4<u4"
    assert arriving(kept, linked(copy), marks) == ["u1", "a1", "u4", "a4"]


@pytest.mark.parametrize(
    ("copy", "stays"),
    [
        (TURN, "u1 a1"),
        (f"{TURN} u3<a2 a3<u3", "u1 a1 u3 a3"),
        ("u1 a1<u1 u2<a1 a2'<u2", "u1 a1"),
        ("u1 a1<u1 u2'<a1 a2'<u2' u3<a2' a3<u3", "u1 a1 u3 a3"),
        ("u1 a1' u2' a2' u3 a3", "u1 a1' u3 a3"),
    ],
)
def test_a_turn_that_was_deleted_without_ids_stays_out_of_copies_with_ids(copy, stays):
    kept, marks = deleting(spoken("u1 a1 u2 a2"), 1)
    assert " ".join(arriving(kept, linked(copy), marks)) == stays


def test_a_turn_that_was_deleted_with_ids_stays_out_of_copies_without():
    kept, marks = deleting(linked(TURN), 1)
    assert arriving(kept, spoken("u1 a1 u2x a2x u3 a3"), marks) == ["u1", "a1", "u3", "a3"]


def test_what_was_left_out_is_told():
    kept, marks = deleting(linked(TURN), 1)
    out = without_deleted(kept, linked("u2'<a1 a2'<u2' u3<a2"), marks, digest=digest, id_digest=id_digest)[1]
    assert [message.id for message in out] == ["u2'", "a2'"]


def test_marks_are_kept_and_older_ones_are_still_read():
    marks = (Deleted("d", "i", 2, ("p",)), Deleted(None, "x"), Deleted("e", None, 0))
    assert load_corrections(dump_corrections(Corrections(deleted=marks))).deleted == marks
    assert load_corrections('{"deleted": [["d", null]]}').deleted == (Deleted("d", None),)
