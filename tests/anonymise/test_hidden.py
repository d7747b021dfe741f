"""What is hidden by hand and what the anonymiser finds: neither takes anything from the other."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from sharelm.anonymise.engine import anonymise_texts
from sharelm.anonymise.hidden import carried, without_overlap
from sharelm.passages import find_places, hide_passages, read_passage
from tests.web.pages.conftest import browser, inside, row, send
from tests.web.pages.test_correcting import hide, page

FIXTURES = (browser, inside, row, send)
GIVEN = [
    "postgres://bob-stone:hunter2passw0rd@db.acme.example:5432/prod",
    "mail bob.stone@tinyfirm.example now",
    "see https://tinyfirm.example/people/bob-stone?token=s3cr3tT0ken123456 ok",
    "call +1 (555) 867-5309 please",
    "my password is tr0ub4dor&3xyz",
    "reach me at first.acme.last@example.org",
]
HIDDEN = ("bob stone", "acme", "555", "password", "tinyfirm", "example org")
SECRETS = ("hunter2", "@", "token", "s3cr3t", "867", "5309", "tr0ub4dor", "prod")


def digest(text):
    return f"<{text}>"


def anonymise(*texts, hidden=(), **more):
    passages = [read_passage(text, digest, number=number) for number, text in enumerate(hidden, start=1)]
    return anonymise_texts(list(texts), digest=digest, hidden=lambda text: find_places(text, passages, digest), **more)


@pytest.mark.parametrize("text", GIVEN)
def test_hiding_a_word_keeps_no_detector_from_its_find(text):
    (plain,) = anonymise(text).texts
    (found,) = anonymise(text, hidden=HIDDEN).texts
    assert plain != text
    assert not any(secret in found for secret in SECRETS), found
    assert len(found) <= len(plain) + len(" [HIDDEN_1]")


CASES = {
    "inside of what is found": ("mail jane@acme.example now", ["acme"], "mail [EMAIL_ADDRESS_1] now", {"EMAIL_ADDRESS": 1}),
    "around what is found": ("mail jane@acme.example now", ["mail jane acme example now"], "[HIDDEN_1]", {"HIDDEN": 1}),
    "exactly what is found": ("mail jane@acme.example now", ["jane acme example"], "mail [HIDDEN_1] now", {"HIDDEN": 1}),
    "into its end": ("mail jane@acme.example now", ["example now"], "mail [EMAIL_ADDRESS_1]", {"EMAIL_ADDRESS": 1}),
    "into its start": ("so mail jane@acme.example now", ["mail jane"], "so [EMAIL_ADDRESS_1] now", {"EMAIL_ADDRESS": 1}),
    "beside it": ("mail jane@acme.example now", ["mail"], "[HIDDEN_1] [EMAIL_ADDRESS_1] now", {"EMAIL_ADDRESS": 1, "HIDDEN": 1}),
    "far from it": ("jane@acme.example, a thing I saw", ["thing"], "[EMAIL_ADDRESS_1], a [HIDDEN_1] I saw", {"EMAIL_ADDRESS": 1, "HIDDEN": 1}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "hidden", "expected", "counts"), CASES.values(), ids=CASES.keys())
def test_a_place_is_replaced_once(text, hidden, expected, counts):
    found = anonymise(text, hidden=hidden)
    assert found.texts == (expected,)
    assert found.counts == counts
    assert found.redactions == (sum(counts.values()),)


def test_a_word_of_a_label_is_no_hit():
    assert anonymise("mail [EMAIL_ADDRESS_1] an address", hidden=["email address", "address"]).texts == ("mail [EMAIL_ADDRESS_1] an [HIDDEN_2]",)


def test_what_is_kept_from_before_is_hidden_too():
    assert anonymise("one", hidden=["blue door"], taken=["a blue door"]).kept == ("a [HIDDEN_1]",)


@pytest.mark.parametrize(
    ("hit", "places", "moved"),
    [
        ((5, 9, 1), [], [(5, 9, 1)]),
        ((5, 9, 1), [(0, 2, "[X_1]")], [(8, 12, 1)]),
        ((5, 9, 1), [(9, 12, "[X_1]")], [(5, 9, 1)]),
        ((5, 9, 1), [(6, 8, "[X_1]")], [(5, 12, 1)]),
        ((5, 9, 1), [(5, 9, "[X_1]")], [(5, 10, 1)]),
        ((5, 9, 1), [(4, 9, "[X_1]")], []),
        ((5, 9, 1), [(3, 6, "[X_1]")], [(8, 11, 0)]),
        ((5, 9, 1), [(8, 11, "[X_1]")], [(5, 8, 0)]),
        ((5, 9, 1), [(3, 6, "[X_1]"), (8, 11, "[X_2]")], [(8, 10, 0)]),
        ((5, 9, 1), [(0, 1, "[X_1]"), (3, 6, "[X_1]"), (6, 7, "[X_2]")], [(12, 19, 0)]),
    ],
)  # fmt: skip
def test_hits_are_carried_along(hit, places, moved):
    assert carried([hit], places) == moved


def test_of_two_hits_at_one_sign_the_first_has_it():
    assert without_overlap([(0, 3, 1), (2, 5, 2), (3, 4, 3)]) == [(0, 3, 1), (3, 5, 2), (5, 5, 3)]


@pytest.mark.parametrize("is_later_copy", [False, True])
def test_what_is_hidden_while_it_waits_is_shown_at_once_and_anonymised_as_given(upload, inside, run_job, row, alice, is_later_copy):
    first = "I am Bob Stone of Acme, tinyfirm, example org, code 555, and this is no password"
    upload(alice, user=[first] if is_later_copy else [first, *GIVEN], bot=["hello"] * (1 if is_later_copy else 7))
    if is_later_copy:
        run_job("anonymise")
    visitor = inside(alice)
    hidden = [passage for passage in HIDDEN if hide(visitor, passage).status_code == 303]
    assert {"acme", "555", "password", "tinyfirm"} <= set(hidden)
    upload(alice, user=[first, *GIVEN], bot=["hello"] * 7)
    assert "acme" not in page(visitor).lower()
    assert "Acme" not in visitor.get("/conversations").text
    digests = [message.get("digest") for message in json.loads(row().pending)]
    assert digests[0] is None or is_later_copy
    run_job("anonymise")
    contents = [message["content"] for message in json.loads(row().messages)]
    assert not any(secret in content for secret in (*SECRETS, "acme", "555") for content in contents), contents
    change = row().change
    upload(alice, user=[first, *GIVEN], bot=["hello"] * 7)
    assert row().change == change  # still the same copy


def test_a_reason_is_anonymised_as_given(upload, inside, run_job, row, alice):
    from tests.web.pages.test_rating import rate, tell

    upload(alice, user=["I am Carla"], bot=["Hello Carla"])
    visitor = inside(alice)
    hide(visitor, "carla")
    rate(visitor, "", "up")
    tell(visitor, "", "mail carla@firm.example or postgres://carla:hunter2passw0rd@db.x.example/prod")
    assert "carla" not in page(visitor).lower()
    run_job("anonymise")
    assert json.loads(row().reasons)[""].startswith("mail [EMAIL_ADDRESS_1] or [")
    assert "hunter2" not in row().reasons


def test_a_name_that_only_a_reason_gives_away_goes_from_the_messages_too(upload, inside, run_job, row, alice):
    from tests.web.pages.test_rating import rate, tell

    upload(alice, user=["Zebbo came late."], bot=["Then Zebbo was home."])
    run_job("anonymise")
    assert json.loads(row().messages)[0]["content"] == "Zebbo came late."
    visitor = inside(alice)
    rate(visitor, "", "up")
    tell(visitor, "", "my brother Zebbo liked it")
    run_job("anonymise")
    assert run_job("improve").counts == {"improved": 1}
    assert json.loads(row().reasons) == {"": "my brother [PERSON_1] liked it"}
    assert [message["content"] for message in json.loads(row().messages)] == ["[PERSON_1] came late.", "Then [PERSON_1] was home."]
    assert run_job("improve").counts == {}


def test_a_name_that_a_reason_gives_away_while_messages_are_read_again_goes_from_them_too(app, upload, inside, run_job, row, alice, monkeypatch):
    from sharelm.anonymise import advance, forms
    from sharelm.jobs import clock, how
    from sharelm.store.engine import write
    from tests.web.pages.test_rating import rate, tell

    upload(alice, user=["Zebbo came late."], bot=["Then Zebbo was home."])
    run_job("anonymise")
    visitor = inside(alice)
    rate(visitor, "", "up")
    tell(visitor, "", "my brother Zebbo liked it")
    for module in (forms, advance):
        monkeypatch.setattr(module, "ANONYMISER_VERSION", "999")
    with write(app.server.engine) as connection:
        (claimed,) = advance.claim_outdated(connection, names=False, now=clock())
    results = [advance.anonymise_row(claimed, how(app.server))]
    run_job("anonymise")
    with write(app.server.engine) as connection:
        assert advance.write_again(connection, results, now=clock()) == {"changed meanwhile": 1}
    assert run_job("improve").counts == {"improved": 1}
    assert [message["content"] for message in json.loads(row().messages)] == ["[PERSON_1] came late.", "Then [PERSON_1] was home."]


def test_what_is_hidden_while_the_job_reads_a_reason_stays_hidden(app, upload, inside, run_job, row, alice):
    from sharelm.anonymise import reasons
    from sharelm.jobs import how
    from sharelm.store.engine import read, write
    from tests.web.pages.test_rating import rate, tell

    upload(alice, user=["A blue door"], bot=["1"])
    visitor = inside(alice)
    rate(visitor, "", "up")
    tell(visitor, "", "the blue door")
    with read(app.server.engine) as connection:
        (waiting,) = reasons.select_waiting(connection)
    hide(visitor, "blue door")
    with write(app.server.engine) as connection:
        found = reasons.anonymise_reasons(waiting, how(app.server))
        assert not +reasons.write_back(connection, [(waiting, found)])
    run_job("anonymise")
    assert json.loads(row().reasons) == {"": "the [HIDDEN_1]"}


def test_a_title_shows_no_first_half_of_what_is_hidden(upload, inside, alice):
    """Lists read the beginning of a text only, and a passage that is cut there is not recognised."""
    passage = " ".join(f"secret{number}" for number in range(50))
    upload(alice, user=[f"{'.' * 60}  {' ' * 280} {passage}"])
    visitor = inside(alice)
    assert "secret1" in visitor.get("/conversations").text
    hide(visitor, passage)
    for path in ("/conversations", "/overview"):
        assert "secret1" not in visitor.get(path).text
        assert "[HIDDEN_1]" in visitor.get(path).text


def test_the_api_shows_nothing_that_is_hidden(client, send, inside, alice):
    said = {"id": "m1", "role": "user", "content": "A blue door", "parent_id": None, "gap": False}
    send(said)
    hide(inside(alice), "blue door")
    answer = client.get("/api/v1/conversations/c-1", headers={"Authorization": f"Bearer {alice}"})
    assert [message["content"] for message in answer.json["messages"]] == ["A [HIDDEN_1]"]


def test_an_anonymised_place_is_counted_once(upload, inside, run_job, row, alice):
    upload(alice, user=["mail jane@acme.example, at acme"], bot=["1"])
    hide(inside(alice), "acme")
    run_job("anonymise")
    assert Counter(json.loads(row().redactions)) == {"EMAIL_ADDRESS": 1, "HIDDEN": 1}
    assert json.loads(row().messages)[0]["redactions"] == 2


@pytest.mark.parametrize("text", ["**blue** door and _blue_door_ here", "`blue` door, ~~blue door~~", "*blue* door *blue door*", "__blue__ door"])
def test_it_leaves_the_same_marks_before_and_after_anonymising(text):
    passage = read_passage("blue door", digest, number=1)
    (waiting,) = anonymise(text, hidden=["blue door"]).texts
    assert waiting == hide_passages(text, [passage], digest)[0]
