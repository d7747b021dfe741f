"""The text of a piece of HTML, with the little Markdown that keeps lists and code readable."""

from __future__ import annotations

import re
from html.parser import HTMLParser

UNSEEN = {"script", "style", "template", "head", "title"}
BLOCKS = {"p", "div", "section", "article", "ul", "ol", "table", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
LINES = {"br", "tr", "li", "dt", "dd"}
MANY_BREAKS = re.compile(r"\n{3,}")
BLANKS = re.compile(r"[ \t\r\n\f]+")


def text_of_html(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = "\n".join(line.rstrip() for line in "".join(reader.pieces).split("\n"))
    return MANY_BREAKS.sub("\n\n", text).strip()


class _Reader(HTMLParser):
    """Collects pieces of text; lives during one call."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = 0
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in UNSEEN
        self._code += tag == "pre"
        if tag in BLOCKS:
            self.pieces.append("\n\n```\n" if tag == "pre" else "\n\n")
        elif tag in LINES:
            self.pieces.append("\n- " if tag == "li" else "\n")
        elif tag in {"td", "th"}:
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in UNSEEN))
        if tag == "pre" and self._code:
            self._code -= 1
            self.pieces.append("\n```\n\n")
        elif tag in BLOCKS:
            self.pieces.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data if self._code else BLANKS.sub(" ", data))
