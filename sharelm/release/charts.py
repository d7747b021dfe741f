"""Charts of a card as SVG files that stand alone: lying bars with their numbers, on paper of their own, for light and dark pages."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

WIDTH, ROW, TOP = 720, 28, 44
LABELS, NUMBERS = 250, 90  # the room left and right of the bars
MOST_LETTERS = 28  # of a label; the table beside the chart has it whole
PAPER, INK, FILL = "#fafaf7", "#1a1d19", "#0f6148"
FONT = "system-ui, sans-serif"


def bars(title: str, counts: Mapping[str, int]) -> str:
    """One bar for each count, from zero, in the order that is given."""
    most = max(counts.values(), default=0) or 1
    height = TOP + ROW * len(counts) + 12
    rows = [_row(place, label, count, share=count / most) for place, (label, count) in enumerate(counts.items())]
    text, size = escape(title), f'width="{WIDTH}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" {size} role="img" aria-label="{text}">',
            f"<title>{text}</title>",
            f'<rect {size} fill="{PAPER}"/>',
            f'<g font-family="{FONT}" font-size="14" fill="{INK}">',
            f'<text x="16" y="28" font-size="16" font-weight="600">{text}</text>',
            *rows,
            "</g>",
            "</svg>",
            "",
        ]
    )


def _row(place: int, label: str, count: int, *, share: float) -> str:
    y = TOP + place * ROW
    length = max(round((WIDTH - LABELS - NUMBERS) * share, 1), 1)
    short = label if len(label) <= MOST_LETTERS else label[: MOST_LETTERS - 1] + "…"
    name = f'<text x="{LABELS - 8}" y="{y + 18}" text-anchor="end">{escape(short)}</text>'
    bar = f'<rect x="{LABELS}" y="{y + 4}" width="{length}" height="{ROW - 8}" fill="{FILL}"/>'
    return f'{name}{bar}<text x="{LABELS + length + 8:g}" y="{y + 18}">{count:,}</text>'
