"""Messages as HTML: what is drawn, and that nothing but that comes through."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharelm.web.pages.markup import MAX_MARKDOWN, SECONDS_OF_A_PAGE, Renderer, verbatim
from tests.web.pages.attacks import ATTACKS

TAGS = {"p", "h3", "ul", "ol", "li", "blockquote", "hr", "pre", "table", "thead", "tbody", "tr", "th", "td", "div"}
TAGS |= {"strong", "em", "s", "code", "br", "a", "span", "bdi", "button"}
ATTRIBUTES = {"class", "dir", "title", "href", "rel", "tabindex", "role", "aria-label", "aria-live", "start", "scope", "type", "data-copy", "hidden"}


def names(label):
    return "e-mail address"


def drawn(text, *, has_labels=False):
    return str(Renderer(names).render(text, has_labels=has_labels))


class Inspector(HTMLParser):
    """Reads HTML as a browser would, and complains about whatever we never make."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.complaints = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag not in TAGS or not set(found) <= ATTRIBUTES:
            self.complaints.append((tag, attributes))
        if tag == "a" and not found["href"].lower().startswith(("http://", "https://", "mailto:")):
            self.complaints.append((tag, attributes))
        if tag == "a" and found["rel"] != "noopener noreferrer nofollow ugc":
            self.complaints.append((tag, attributes))

    def handle_comment(self, data):
        self.complaints.append(("comment", data))

    def handle_decl(self, decl):
        self.complaints.append(("declaration", decl))

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("has_labels", [False, True])
def test_no_attack_becomes_markup(attack, has_labels):
    assert Inspector(drawn(attack, has_labels=has_labels)).complaints == []


@given(text=st.text(max_size=300))
def test_nothing_that_we_do_not_make_comes_through(text):
    assert Inspector(drawn(text, has_labels=True)).complaints == []


@given(
    pieces=st.lists(st.sampled_from([*ATTACKS, "\n", "\n\n", "> ", "- ", "```", "`", "|", "[", "](", ")", "*", "<", "[EMAIL_ADDRESS_1]"]), max_size=8)
)
def test_attacks_do_not_help_each_other(pieces):
    assert Inspector(drawn("".join(pieces), has_labels=True)).complaints == []


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**a** *b* ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <s>c</s> <code>d</code></p>"),
        ("a\nb", "<p>a<br>\nb</p>"),
        ("# A", '<h3 class="said-h1">A</h3>'),
        ("###### A", '<h3 class="said-h6">A</h3>'),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("[PERSON_1]: hello", "<p>[PERSON_1]: hello</p>"),
        ("<https://a.example/b>", '<p><a href="https://a.example/b" rel="noopener noreferrer nofollow ugc">https://a.example/b</a></p>'),
    ],
)
def test_it_draws_markdown(text, html):
    assert drawn(text).strip() == html


def test_a_link_shows_where_it_goes():
    html = drawn("[your bank](https://evil.example/login?x=1)")
    assert 'href="https://evil.example/login?x=1"' in html
    assert '<bdi dir="ltr">evil.example/login?x=1</bdi>' in html


def test_letters_that_look_alike_are_seen_as_what_they_are():
    assert "xn--" in drawn("[bank](https://аррӏе.example/)")


def test_a_picture_is_named_and_never_fetched():
    html = drawn("![a cat](https://evil.example/pixel.png)")
    assert "<img" not in html
    assert "Picture: <a" in html
    assert "a cat" in html


@pytest.mark.parametrize(
    "text", ["[EMAIL_ADDRESS_1]", "a [EMAIL_ADDRESS_1](b c) d", "[EMAIL_ADDRESS_1]: b", "[[EMAIL_ADDRESS_1]](mailto:[EMAIL_ADDRESS_1])"]
)
def test_a_label_says_what_it_stands_for(text):
    assert 'title="e-mail address">[EMAIL_ADDRESS_1]<span class="sr"> (e-mail address)</span>' in drawn(text, has_labels=True)
    assert 'class="redacted"' not in drawn(text)


def test_a_label_may_stand_in_a_link():
    html = drawn("[write to [EMAIL_ADDRESS_1] here](https://a.example/b)", has_labels=True)
    assert re.search(r'<a href="https://a.example/b"[^>]*>write to <span class="redacted".*</span> here</a>', html)


def test_code_is_left_as_it_is():
    html = drawn("```python x\nprint('[EMAIL_ADDRESS_1] **a** <b>')\n```\n`[EMAIL_ADDRESS_1]`", has_labels=True)
    assert Inspector(html).text.startswith("pythonCopyprint('[EMAIL_ADDRESS_1] **a** <b>')\n")
    assert 'class="redacted"' not in html
    assert 'aria-label="python"' in html


def test_a_table_can_be_scrolled_and_has_headings():
    html = drawn("| a | b |\n|---|--:|\n| c | 1 |")
    assert '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>' in html
    assert '<th scope="col" class="num">b</th>' in html


@pytest.mark.parametrize(("length", "is_drawn"), [(MAX_MARKDOWN, True), (MAX_MARKDOWN + 1, False), (1_000_000, False)])
def test_what_is_too_long_is_shown_as_it_stands(length, is_drawn):
    text = "**a**" + "b" * (length - 5)
    assert ("<strong>" in drawn(text)) is is_drawn
    assert ("**a**" in drawn(text)) is not is_drawn


def test_what_is_nested_too_deep_is_shown_as_it_stands():
    assert "deep" in drawn("> " * 60 + "deep")


def test_when_the_time_of_a_page_is_over_the_rest_is_shown_as_it_stands():
    ticks = iter((0.0, SECONDS_OF_A_PAGE + 1, 0.0, 0.0))
    renderer = Renderer(names, clock=lambda: next(ticks))
    assert "<strong>" in renderer.render("**a**", has_labels=False)
    assert "**b**" in renderer.render("**b**", has_labels=False)


HARD = ("[", "*a ", "**a", "_a*", "[a](", "![a", "<a", "~~a", "[](", "&#", "\\[", "[A_", "`a``", "- a\n  ", "|a")


@pytest.mark.parametrize("piece", HARD)
def test_a_message_of_double_length_takes_about_double_the_steps(piece):
    text = piece * (6_000 // len(piece))
    assert steps(text) < 3 * steps(text[: len(text) // 2])


def steps(text):
    """The calls that drawing makes: they are the same on every machine."""
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += 1

    drawn("warm", has_labels=True)
    sys.setprofile(note)
    try:
        drawn(text, has_labels=True)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a[URL_12]b", 'a<span class="redacted" dir="ltr" title="e-mail address">[URL_12]<span class="sr"> (e-mail address)</span></span>b'),
        ("[A_1]", "[A_1]"),
        ("[email_address_1]", "[email_address_1]"),
        ("[EMAIL_ADDRESS_]", "[EMAIL_ADDRESS_]"),
        ("[EMAIL_ADDRESS]", "[EMAIL_ADDRESS]"),
        ("[<b>_1]", "[&lt;b&gt;_1]"),
        ("", ""),
    ],
)
def test_text_as_it_stands_has_its_labels_marked_and_the_rest_escaped(text, expected):
    assert verbatim(text, names) == f'<div class="verbatim">{expected}</div>'
    assert "redacted" not in verbatim(text, None)
