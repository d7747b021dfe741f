"""Charts as SVG: data in, markup out. Classes only and no styles, so that the CSP holds; the colours come from sharelm.css.

Every chart stands in a figure beside a table with the same numbers; those in the cells of a table are hidden from screen readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sharelm.web.pages.wording import number

WIDTH, HEIGHT, TOP, FOOT, LEFT = 480, 200, 24, 24, 44
FLOOR = HEIGHT - FOOT
CELL = 196  # of 200 units in a table's cell: room for half a line at both ends
MOST_TICKS = 4
LABELS = 5
WIDEST = 96  # of a bar with its share of white: a single month is no wall
LABEL_ROOM = 60  # below it, the last label would leave the picture if it stood under the middle of its bar


@dataclass(frozen=True, slots=True)
class Words:
    """What a chart is called, and what one sees in it; `id` is unique on the page."""

    id: str
    title: str
    description: str


def bars(words: Words, values: Sequence[tuple[str, int | None]]) -> Markup:
    """One upright bar for each label, from zero; the highest carries its number. None is no bar at all."""
    most = max((value for _, value in values if value), default=0)
    steps = ticks(most)
    width = min((WIDTH - LEFT) / max(len(values), 1), WIDEST)
    highest = next((place for place, (_, value) in enumerate(values) if value and value == most), None)
    drawn = [_bar(place, value, width=width, top=steps[-1]) for place, (_, value) in enumerate(values) if value]
    if highest is not None:
        drawn.append(_number(LEFT + (highest + 0.5) * width, most, top=steps[-1]))
    return _frame(words, Markup("").join([*_scale(steps), *drawn, *_labels([label for label, _ in values], width)]))


def ticks(most: int) -> list[int]:
    """Round numbers from 0 to at least `most`, and at least to 1: five at most."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if step * MOST_TICKS >= most:
                return list(range(0, max(most, 1) + step, step))[: -(-max(most, 1) // step) + 1]
        size *= 10


def bar(value: float, top: float) -> Markup:
    """A lying bar for a table's cell; `top` fills it."""
    length = round(CELL * value / top, 1) if top else 0
    return _cell(Markup('<rect class="fill v1" x="2" y="5" width="{}" height="14"/>').format(length))


def whisker(low: float, middle: float, high: float, *, top: float) -> Markup:
    """An interval for a table's cell: a line with ends, and a dot for the estimate."""
    a, b, c = (round(CELL * value / top + 2, 1) for value in (low, middle, high))
    rules = '<line class="rule" x1="{x}" x2="{x}" y1="0" y2="24"/>'
    grid = Markup("").join(Markup(rules).format(x=x) for x in (2, 100, 198))
    line = Markup('<path class="line" vector-effect="non-scaling-stroke" d="M{a} 12H{c}M{a} 7v10M{c} 7v10"/>').format(a=a, c=c)
    dot = Markup('<path class="line dot" vector-effect="non-scaling-stroke" d="M{} 12h.01"/>').format(b)
    return _cell(grid + Markup('<g class="v1">{}</g>').format(line + dot))


def _frame(words: Words, inside: Markup) -> Markup:
    return Markup(
        '<svg viewBox="0 0 {w} {h}" role="img" aria-labelledby="{id}-t {id}-d">'
        '<title id="{id}-t">{title}</title><desc id="{id}-d">{text}</desc>{inside}</svg>'
    ).format(w=WIDTH, h=HEIGHT, id=words.id, title=words.title, text=words.description, inside=inside)


def _cell(inside: Markup) -> Markup:
    return Markup('<svg viewBox="0 0 200 24" preserveAspectRatio="none" aria-hidden="true">{}</svg>').format(inside)


def _height(value: int, top: int) -> float:
    return round(FLOOR - value / top * (FLOOR - TOP), 1)


def _scale(steps: Sequence[int]) -> list[Markup]:
    lines = []
    for step in steps:
        y = _height(step, steps[-1])
        lines.append(Markup('<line class="{}" x1="0" x2="{}" y1="{y}" y2="{y}"/>').format("rule" if step else "axis", WIDTH, y=y))
        if step:
            lines.append(Markup('<text x="0" y="{}">{}</text>').format(round(y - 4, 1), number(step)))
    return lines


def _bar(place: int, value: int, *, width: float, top: int) -> Markup:
    x, y = LEFT + place * width, _height(value, top)
    shape = '<rect class="fill v1" x="{:.1f}" y="{}" width="{:.1f}" height="{:.1f}"/>'
    return Markup(shape).format(x + width * 0.14, y, width * 0.72, FLOOR - y)


def _number(x: float, value: int, *, top: int) -> Markup:
    # Near the ends it would leave the picture.
    inside = min(max(x, LEFT + 12), WIDTH - 16)
    return Markup('<text class="label" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(inside, _height(value, top) - 6, number(value))


def _labels(labels: Sequence[str], width: float) -> list[Markup]:
    """As many as fit, the last one always; every second one goes where the chart is narrow."""
    every = max(1, -(-len(labels) // LABELS))
    last = len(labels) - 1
    return [
        _label(labels[place], LEFT + place * width, width, nth=(last - place) // every, is_last=place == last)
        for place in range(last % every, len(labels), every)
    ]


def _label(label: str, x: float, width: float, *, nth: int, is_last: bool) -> Markup:
    at, anchor = (x + width * 0.86, "end") if is_last and width < LABEL_ROOM else (x + width / 2, "middle")
    spare = Markup(' class="spare"') if nth % 2 else ""
    return Markup('<text{} x="{:.1f}" y="{}" text-anchor="{}">{}</text>').format(spare, at, HEIGHT - 4, anchor, label)
