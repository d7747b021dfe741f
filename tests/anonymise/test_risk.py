"""The residual risk: what raises it, what does not, and the edges between the levels."""

from __future__ import annotations

import pytest

from sharelm.anonymise.risk import REASONS, Level, find_risk
from sharelm.vocabulary import Message, Role

TOLD = [
    ("I work for a small brewery", "employer"),
    ("ich arbeite bei einer kleinen Brauerei", "employer"),
    ("je travaille chez un notaire", "employer"),
    ("I live in a village by the sea", "town"),
    ("ich wohne in einem Dorf", "town"),
    ("vivo en un pueblo", "town"),
    ("I'm a paediatric nurse", "occupation"),
    ("I am a structural engineer", "occupation"),
    ("I'm 34 and tired", "age"),
    ("our 5-year-old never sleeps", "age"),
    ("j'ai 34 ans", "age"),
    ("my husband says no", "family"),
    ("meine Tochter ist krank", "family"),
    ("I was diagnosed last year", "health"),
    ("I study at a small university", "school"),
    ("1234567 and 2345678 and 3456789", "long-numbers"),
]
HARMLESS = [
    "Write a poem about the sea.",
    "def work(at): return live[in]",
    "What does a nurse do all day?",
    "I'm 34 % done",
    "I am not sure about this one",
    "He works for the best brewery of the country.",
    "",
]


def risk_of(*texts: str, counts: dict[str, int] | None = None, names_ran: bool = True, role: Role = Role.USER):
    return find_risk([Message(role, text) for text in texts], counts or {}, names_ran=names_ran)


@pytest.mark.parametrize(("text", "reason"), TOLD)
def test_it_sees_what_people_tell_of_themselves(text: str, reason: str) -> None:
    assert reason in risk_of(text).reasons


@pytest.mark.parametrize("text", HARMLESS)
def test_it_lets_other_talk_be(text: str) -> None:
    assert risk_of(text) == find_risk([], {}, names_ran=True)


def test_what_a_model_says_tells_nothing_of_the_person() -> None:
    assert risk_of("I work for a brewery and live in a village", role=Role.ASSISTANT).reasons == ()


@pytest.mark.parametrize(
    ("told", "level"),
    [
        (["I work for a brewery"], Level.LOW),
        (["I work for a brewery", "I live in a village"], Level.LOW),
        (["I work for a brewery", "I live in a village", "my son is ill"], Level.RAISED),
        (["I work for a brewery", "I live in a village", "I'm a brewer"], Level.HIGH),
        (["I'm 34", "I live in a village", "my son is ill", "I was diagnosed"], Level.HIGH),
    ],
)
def test_together_a_few_things_fit_few_people(told: list[str], level: Level) -> None:
    assert risk_of(*told).level is level


@pytest.mark.parametrize(
    ("counts", "reasons"),
    [
        ({"EMAIL_ADDRESS": 1}, ()),
        ({"STREET_ADDRESS": 1}, ("grave",)),
        ({"EMAIL_ADDRESS": 1, "URL": 1, "IP_ADDRESS": 1}, ()),
        ({"EMAIL_ADDRESS": 1, "URL": 1, "IP_ADDRESS": 1, "PERSON": 1}, ("many-kinds",)),
        ({"EMAIL_ADDRESS": 14}, ()),
        ({"EMAIL_ADDRESS": 15}, ("many-places",)),
        ({"PERSON": 15}, ("many-places", "many-persons")),
        ({"STREET_ADDRESS": 0}, ()),
    ],
)
def test_much_that_was_replaced_raises_it(counts: dict[str, int], reasons: tuple[str, ...]) -> None:
    assert risk_of("", counts=counts).reasons == reasons


def test_without_names_it_is_higher_only_where_something_was_told() -> None:
    assert risk_of("Write a poem.", names_ran=False).reasons == ()
    assert risk_of("my son is ill", names_ran=False).reasons == ("family", "without-names")


def test_reasons_fit_their_column_and_stay_in_order() -> None:
    everything = risk_of(*(text for text, _ in TOLD), counts=dict.fromkeys("ABCDE", 20) | {"US_SSN": 1, "PERSON": 20}, names_ran=False)
    assert everything.reasons == REASONS
    assert len(everything.columns()["risk_reasons"]) <= 255
