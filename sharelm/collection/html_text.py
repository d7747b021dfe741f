"""The text of an answer that a dump keeps as the HTML of its page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

ANSWER = re.compile(r'\s*<div class="[^"]*\b(?:markdown|prose)\b')
BLOCKS = {"p", "div", "pre", "ul", "ol", "table", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}
LINES = {"br", "tr", "li"}
UNSEEN = {"button", "script", "style", "svg"}


def is_answer_html(text: str) -> bool:
    """ChatGPT's own frame of an answer; HTML that an answer merely shows is none."""
    return ANSWER.match(text) is not None


def text_of_html(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = re.sub(r"^- \s+", "- ", "".join(reader.pieces), flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in UNSEEN
        self._code += tag == "pre"
        self._mark(tag)
        if tag == "li":
            self.pieces.append("- ")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in UNSEEN and self._unseen > 0
        self._code -= tag == "pre" and self._code > 0
        if tag != "br":
            self._mark(tag)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data if self._code else re.sub(r"\s+", " ", data))

    def _mark(self, tag: str) -> None:
        if tag in BLOCKS:
            self.pieces.append("\n\n")
        elif tag in LINES:
            self.pieces.append("\n")
