"""The gate loses nothing: with it, with either engine, the spans are those that all detectors find."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharelm.anonymise.detectors import DETECTORS
from sharelm.anonymise.gate import TRIGGERS, Gate, hyperscan_gate, judge, python_gate
from sharelm.anonymise.spans import find_spans, mask_placeholders
from sharelm.vocabulary import PiiSpan
from tests.anonymise import detectors
from tests.anonymise.texts import PARTS

ENGINES: dict[str, Callable[[], Gate]] = {"python": lambda: python_gate, "hyperscan": hyperscan_gate}


def strings_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from strings_in(part)


def tables() -> Iterator[str]:
    """Whatever stands in the tables of the detectors' tests, hits and near misses."""
    for module in pkgutil.iter_modules(detectors.__path__):
        if module.name.startswith("test_"):
            tests = importlib.import_module(f"{detectors.__name__}.{module.name}")
            for name, value in vars(tests).items():
                if name.isupper() and isinstance(value, list | tuple):
                    yield from strings_in(value)


TEXTS = sorted({*PARTS, *tables()})
WORDS = sorted({word for text in TEXTS for word in text.split(" ") if len(word) < 40})
GLUE = ["", " ", "\n", ", ", ": ", "=", "-", ".", "/", "@", "\xa0", "\u2011", "é", "ſ", "٣", "_", "```\n", "`", "[PERSON_1]"]
PROSE = st.lists(st.sampled_from(WORDS) | st.sampled_from(GLUE) | st.text(max_size=3), max_size=14).map(" ".join)
MIXED = st.lists(st.sampled_from(TEXTS) | st.sampled_from(GLUE), max_size=4).map("".join)


@pytest.fixture(params=list(ENGINES), scope="module")
def gate(request: pytest.FixtureRequest) -> Gate:
    if request.param == "hyperscan":
        pytest.importorskip("hyperscan")
    return ENGINES[request.param]()


def ungated(text: str) -> list[PiiSpan]:
    return find_spans(text, judged_by=lambda _: None)


def gated(text: str, gate: Gate) -> list[PiiSpan]:
    return find_spans(text, judged_by=partial(judge, gate=gate))


def test_it_opens_for_everything_in_the_detectors_own_tables(gate: Gate) -> None:
    for text in TEXTS:
        for changed in (text, text.upper(), text.lower(), text.title(), text.replace(" ", "\xa0"), f"é{text}é", f"\n{text}\n"):
            assert gated(changed, gate) == ungated(changed), changed


@settings(max_examples=300, deadline=None)
@given(text=MIXED | PROSE)
def test_it_loses_nothing(gate: Gate, text: str) -> None:
    assert gated(text, gate) == ungated(text)


@settings(max_examples=200, deadline=None)
@given(text=st.sampled_from(TEXTS), place=st.integers(0, 60), put=st.sampled_from(GLUE) | st.text(max_size=2), gone=st.integers(0, 3))
def test_it_loses_nothing_in_texts_that_are_nearly_hits(gate: Gate, text: str, place: int, put: str, gone: int) -> None:
    changed = text[:place] + put + text[place + gone :]
    assert gated(changed, gate) == ungated(changed)


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.entity_type)
def test_every_detector_stands_behind_it(detector: object) -> None:
    assert detector.entity_type in TRIGGERS  # type: ignore[attr-defined]


def test_it_is_closed_to_plain_prose(gate: Gate) -> None:
    text = "The weather was fine yesterday, so we walked along the river and talked about nothing in particular.\n\nIt took three hours."
    verdict = judge(text, gate)
    assert verdict is not None
    assert verdict.kinds <= ({"CREDENTIAL", "EMAIL_ADDRESS", "MAC_ADDRESS"} if gate is python_gate else set()) | {
        "PERSON"
    }  # these look for themselves


@pytest.mark.parametrize("text", ["٣٤٥", "ſecret", "\u212aey", "İD", "ı"])
def test_it_is_open_where_other_scripts_mean_the_same(text: str, gate: Gate) -> None:
    assert judge(text, gate) is None


def test_threads_do_not_disturb_each_other(gate: Gate) -> None:
    texts = [mask_placeholders(text) for text in TEXTS] * 5
    alone = [judge(text, gate) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(partial(judge, gate=gate), texts)) == alone
