"""Links: those that lead to a person are found, documentation stays."""

from __future__ import annotations

import pytest

from sharelm.anonymise.detectors import url

HITS = [
    ("https://www.linkedin.com/in/anna-meyer-4711", ["https://www.linkedin.com/in/anna-meyer-4711"]),
    ("see https://github.com/annameyer.", ["https://github.com/annameyer"]),
    ("[me](https://twitter.com/anna/status/1) and (https://x.com/anna)", ["https://twitter.com/anna/status/1", "https://x.com/anna"]),
    ("https://de.linkedin.com/in/anna", ["https://de.linkedin.com/in/anna"]),
    ("https://example.org/reset?token=a1b2c3d4&x=1", ["https://example.org/reset?token=a1b2c3d4&x=1"]),
    ("https://example.org/?a[]=1&email=anna%40example.org", ["https://example.org/?a[]=1&email=anna%40example.org"]),
    ("https://example.org/u?to=anna@example.org", ["https://example.org/u?to=anna@example.org"]),
    ("https://anna:geheim@example.org/", ["https://anna:geheim@example.org/"]),
    ("https://docs.google.com/document/d/abc/edit", ["https://docs.google.com/document/d/abc/edit"]),
    ("https://us02web.zoom.us/j/346?pwd=abc", ["https://us02web.zoom.us/j/346?pwd=abc"]),
    ("https://chatgpt.com/share/abc", ["https://chatgpt.com/share/abc"]),
    ("https://anna.wordpress.com/about", ["https://anna.wordpress.com/about"]),
    ("https://www.uni.example/~meyer/", ["https://www.uni.example/~meyer/"]),
    ("https://mastodon.example/@anna", ["https://mastodon.example/@anna"]),
    ("find me: linkedin.com/in/anna-meyer or t.me/anna", ["linkedin.com/in/anna-meyer", "t.me/anna"]),
    ("My website is http://anna-und-max.example/", ["http://anna-und-max.example/"]),
    ("www.anna-photography.com!", ["www.anna-photography.com"]),
    ("https://www.youtube.com/@anna https://www.reddit.com/u/anna", ["https://www.youtube.com/@anna", "https://www.reddit.com/u/anna"]),
]

NEAR_MISSES = [
    "https://docs.python.org/3/library/re.html",
    "https://github.com/pallets/flask",
    "https://github.com/features",
    "https://github.com/",
    "https://www.youtube.com/watch?v=abc",
    "https://en.wikipedia.org/wiki/Foo_(bar)",
    "https://www.npmjs.com/package/@types/node",
    "https://cdn.jsdelivr.net/npm/vue@3.2.1/dist/vue.js",
    "https://twitter.com/search?q=x",
    "https://example.org/?page=2&sort=asc",
    "https://example.org/?token={token}",
    "https://example.org/?token=<token>",
    "https://example.org/?api_key=YOUR_KEY",
    "https://www.linkedin.com/company/acme",
    "https://stackoverflow.com/questions/1",
    "https://docs.google.com/spreadsheets",
    "github.com/pallets/flask",
    "* by [@anna](https://github.com/anna) in #12",
    "http://localhost:8000/u",
    "https://",
    "www.",
    "http://[::1",
    "my website uses https://react.example",
    "https://docs.example.org/profiles/setup",
    "https://ci.example.org/graph/badge.svg?token=a1b2c3d4",
    "https://discord.gg/pallets",
]


@pytest.mark.parametrize(("text", "expected"), HITS)
def test_it_finds_links_to_people(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_it_leaves_what_only_looks_like_a_link_to_somebody(text: str) -> None:
    assert found(text) == []


def test_it_ends_before_the_bracket_that_was_opened_outside() -> None:
    assert found("(https://x.com/anna_(artist)) and so on") == ["https://x.com/anna_(artist)"]


def found(text: str) -> list[str]:
    spans = list(url.find(text))
    assert {span.entity_type for span in spans} <= {"URL"}
    return [text[span.start : span.end] for span in sorted(spans, key=lambda span: span.start)]
