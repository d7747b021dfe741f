"""Charts: numbers in, SVG out."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from sharelm.web.pages.charts import Words, bar, bars, ticks, whisker

SVG = "{http://www.w3.org/2000/svg}"
WORDS = Words("x", "Bread & <butter>", 'Most on "Monday".')


def parse(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(str(markup).replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1))


@pytest.mark.parametrize(
    ("most", "steps"),
    [
        (0, [0, 1]), (1, [0, 1]), (3, [0, 1, 2, 3]), (4, [0, 1, 2, 3, 4]), (5, [0, 2, 4, 6]), (8, [0, 2, 4, 6, 8]), (9, [0, 5, 10]),
        (20, [0, 5, 10, 15, 20]), (21, [0, 10, 20, 30]), (1_234_567, [0, 500_000, 1_000_000, 1_500_000]),
    ],
)  # fmt: skip
def test_it_chooses_round_steps(most: int, steps: list[int]) -> None:
    assert ticks(most) == steps


def test_it_says_in_words_what_it_shows() -> None:
    svg = parse(bars(WORDS, [("Mon", 2), ("Tue", 1)]))
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "x-t x-d"
    assert svg.findtext(f"{SVG}title") == "Bread & <butter>"
    assert svg.findtext(f"{SVG}desc") == 'Most on "Monday".'


def test_its_bars_stand_on_zero_and_are_as_high_as_their_numbers() -> None:
    rects = parse(bars(WORDS, [("a", 4), ("b", 2), ("c", 0), ("d", None), ("e", 1)])).findall(f"{SVG}rect")
    heights = [float(rect.get("height", "0")) for rect in rects]
    assert heights == [152.0, 76.0, 38.0]
    assert {float(rect.get("height", "0")) + float(rect.get("y", "0")) for rect in rects} == {176.0}


def test_only_the_highest_bar_carries_its_number() -> None:
    labels = [text for text in parse(bars(WORDS, [("a", 3), ("b", 7_000), ("c", 7_000)])).findall(f"{SVG}text") if text.get("class") == "label"]
    assert [label.text for label in labels] == ["7\u202f000"]


@pytest.mark.parametrize("count", [1, 2, 5, 12, 30, 365])
def test_it_labels_the_last_bar_and_few_others(count: int) -> None:
    texts = [text.text for text in parse(bars(WORDS, [(f"d{n}", 1) for n in range(count)])).findall(f"{SVG}text")]
    labels = [text for text in texts if text and text.startswith("d")]
    assert labels[-1] == f"d{count - 1}"
    assert len(labels) <= 6


def test_nothing_in_it_leaves_the_picture() -> None:
    for values in ([("a", 1)], [(f"{n}", n) for n in range(60)], [("big", 10**9), ("small", 1)]):
        for x in re.findall(r' x="([\d.]+)"', bars(WORDS, values)):
            assert 0 <= float(x) <= 480


def test_it_draws_without_any_value() -> None:
    assert not parse(bars(WORDS, [])).findall(f"{SVG}rect")
    assert not parse(bars(WORDS, [("a", None), ("b", 0)])).findall(f"{SVG}rect")


def test_it_has_no_style_and_no_script_whatever_it_is_given() -> None:
    foreign = "</text><script>alert(1)</script>"
    chart = bars(Words("x", foreign, foreign), [(foreign, 1)]) + bar(1, 2) + whisker(1, 2, 3, top=4)
    assert "<script" not in chart
    assert not re.search(r"\sstyle=|\son\w+=", chart)


@pytest.mark.parametrize(("value", "top", "width"), [(0, 10, 0), (5, 10, 98), (10, 10, 196), (0, 0, 0)])
def test_a_bar_in_a_table_fills_its_share(value: int, top: int, width: float) -> None:
    svg = parse(bar(value, top))
    rect = svg.find(f"{SVG}rect")
    assert rect is not None
    assert float(rect.get("width", "-1")) == width
    assert svg.get("aria-hidden") == "true"


def test_a_whisker_goes_from_end_to_end() -> None:
    assert 'd="M51.0 12H149.0M51.0 7v10M149.0 7v10"' in whisker(25, 50, 75, top=100)
    assert 'd="M100.0 12h.01"' in whisker(25, 50, 75, top=100)
