"""The badge: a band and perhaps a name, as an SVG of its own that has no script, no style and no link."""

from __future__ import annotations

import unicodedata

from markupsafe import Markup

BANDS = (100, 50, 10, 1)
HIGHEST = BANDS[0]
# An exact count would match one pseudonym in the dataset, so there is none.
WORDS = "{} conversations in open data"
PADDING = 7
NARROW, WIDE = 6.2, 11.5  # widths of letters at 11 px; `textLength` makes whatever font there is fit
ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"  # a name from right to left leaves the words around it where they are
SVG = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" viewBox="0 0 {width} 20" role="img" aria-label="{label}">'
    '<title>{label}</title><rect width="{width}" height="20" rx="3" fill="#1a1d19"/>'
    '<path d="M{left} 0h{inner}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{inner}z" fill="#0f6148"/>'
    '<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">'
    '<text x="7" y="14" textLength="{left_text}" lengthAdjust="spacingAndGlyphs">ShareLM</text>'
    '<text x="{text_at}" y="14" textLength="{right_text}" lengthAdjust="spacingAndGlyphs">{text}</text></g></svg>\n'
)


def band_of(count: int) -> str | None:
    """1+, 10+, 50+ or 100+; None for none."""
    return next((f"{low}+" for low in BANDS if count >= low), None)


def badge_svg(name: str | None, band: str | None) -> str:
    """The name must have passed `read_public_name`; it is escaped all the same."""
    words = WORDS.format(band) if band else "contributor"
    text = f"{ISOLATE}{name}{END_OF_ISOLATE} · {words}" if name else words
    left_text, right_text = _width("ShareLM"), _width(text)
    left, right = left_text + 2 * PADDING, right_text + 2 * PADDING
    places = {"left": left, "inner": right - 3, "width": left + right, "text_at": left + PADDING, "left_text": left_text, "right_text": right_text}
    return str(SVG.format(label=f"ShareLM: {text}", text=text, **places))


def _width(text: str) -> int:
    seen = [letter for letter in text if unicodedata.category(letter) not in {"Mn", "Me", "Cf"}]
    return round(sum(WIDE if unicodedata.east_asian_width(letter) in "WF" else NARROW for letter in seen))
