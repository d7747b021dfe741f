"""A platform proves its selectors: each example page yields as many messages as it says, and the expected Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright

from tests.extension.conftest import ARGUMENTS, HOSTS, PATHS, PLATFORMS, SOURCE, serve
from tests.extension.scenes import shown

EXAMPLES = [(platform, example) for platform in PLATFORMS for example in platform["examples"]]
FILES = ("browser.js", "shared/markdown.js", "shared/platform.js", "capture.js")


@pytest.fixture(scope="module")
def plain(playwright: Playwright, chromium: str) -> Iterator[Page]:
    """A browser without the extension: the files that read are put into the page itself."""
    browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
    context = browser.new_context()
    serve(context)
    yield context.new_page()
    browser.close()


def read(page: Page, platform: dict[str, Any]) -> list[dict[str, Any]]:
    for name in FILES:
        page.add_script_tag(content=(SOURCE / name).read_text())
    script = "platform => new ShareLM.Capture(platform, document).read().map(({ node, ...turn }) => turn)"
    return list(page.evaluate(script, platform))


@pytest.mark.parametrize(("platform", "example"), EXAMPLES, ids=[example["page"] for _, example in EXAMPLES])
def test_an_example_yields_what_it_says(plain: Page, platform: dict[str, Any], example: dict[str, Any]) -> None:
    shell, scene = example["page"].split("/")
    plain.goto(f"{HOSTS[platform['id']]}{PATHS[platform['id']]}?shell={shell}&scene={scene}")
    turns = read(plain, platform)
    assert [turn["role"] for turn in turns].count("user") == example["user"]
    assert [turn["role"] for turn in turns].count("assistant") == example["assistant"]
    assert [(turn["role"], turn["text"]) for turn in turns] == [(said.role, said.text) for said in shown(scene)]
    has_mark = any(platform["streaming"].values())
    assert [turn["isStreaming"] for turn in turns] == [bool(said.isStreaming) and has_mark for said in shown(scene)]


EDITOR = """<div><p>So <span class=font-bold>bold</span> and <span class=italic>soft</span>:</p>
<div class=cm-editor><div class=cm-content data-language=python>
<div class=cm-line>def rise():</div><div class=cm-line>    return 2</div></div></div></div>"""


def test_code_in_an_editor_and_emphasis_as_a_class_are_markdown_too(plain: Page) -> None:
    plain.goto(HOSTS["gradio"])
    plain.add_script_tag(content=(SOURCE / "shared/markdown.js").read_text())
    script = "html => ShareLM.markdown(new DOMParser().parseFromString(html, 'text/html').body)"
    assert plain.evaluate(script, EDITOR) == "So **bold** and *soft*:\n\n```python\ndef rise():\n    return 2\n```"


PIECES = {
    "line breaks in code": ("<pre><code>one<br>two</code></pre>", "```\none\ntwo\n```"),
    "an element for each line of code": ("<pre><code><div>one</div><div>two</div></code></pre>", "```\none\ntwo\n```"),
    "a span for each line of code": ("<pre><code><span class=line>one</span><span class=line>two</span></code></pre>", "```\none\ntwo\n```"),
    "spans and line breaks": ("<pre><code><span class=line>one</span>\n<span class=line>two</span></code></pre>", "```\none\ntwo\n```"),
    "a formula in an attribute": ("<p>So <span data-math='E=mc^2'><span aria-hidden=true>E=mc2</span></span>.</p>", "So $E=mc^2$."),
    "ticks in code": ("<p><code>a``b</code></p>", "```a``b```"),
}


@pytest.mark.parametrize("name", PIECES)
def test_a_piece_of_a_page_is_its_markdown(plain: Page, name: str) -> None:
    html, expected = PIECES[name]
    plain.goto(HOSTS["gradio"])
    plain.add_script_tag(content=(SOURCE / "shared/markdown.js").read_text())
    assert plain.evaluate("html => ShareLM.markdown(new DOMParser().parseFromString(html, 'text/html').body)", html) == expected


DRAWN = {
    "cohere": "<div data-component=MessageBody><p>Question</p></div><div data-source-file='Markdown.tsx'><p>Answer</p></div>",
    "meta": "<div><div>Question</div></div><div><div data-testid=assistant-message>Answer</div></div>",
    "chainlit": "<div data-step-type=user_message id=step-1><div class=message-content>Question</div></div>"
    "<div data-step-type=assistant_message id=step-2><div class=message-content>Answer</div></div>",
    "poe": "<div class=ChatMessage_chatMessage__x><div class=Message_rightSideMessageBubble__y>Question</div></div>"
    "<div class=ChatMessage_chatMessage__x><div class=LeftSideMessageHeader_z><div class=BotHeader_textContainer__q><p>Heron-2</p></div></div>"
    "<div class=Markdown_markdownContainer__k>Answer</div></div>",
}


@pytest.mark.parametrize("name", DRAWN)
def test_other_forms_of_a_page_are_read_too(plain: Page, name: str) -> None:
    [platform] = [one for one in PLATFORMS if one["id"] == name]
    plain.goto(HOSTS["gradio"])
    plain.evaluate("html => document.querySelector('#list').innerHTML = html", DRAWN[name])
    turns = read(plain, platform)
    assert [(turn["role"], turn["text"]) for turn in turns] == [("user", "Question"), ("assistant", "Answer")]
    assert turns[1]["model"] == ("Heron-2" if name == "poe" else None)
