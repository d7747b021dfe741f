"""Invented talk in all the forms that pages show: what a site draws, and the Markdown that it must become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

CODE = """<p>Like this:</p>
<pre><div class="bar"><span>python</span><button>Copy</button></div><div><code class="hljs language-python"><span class="k">def</span> rise(hours):
    <span class="k">return</span> hours * 2   # ``twice``
</code></div></pre><p>Call <code>rise(3)</code>.</p>"""
CODE_TEXT = "Like this:\n\n```python\ndef rise(hours):\n    return hours * 2   # ``twice``\n```\n\nCall `rise(3)`."

RICH = """<h2>Bread</h2><p>A <strong>warm</strong> and <em>slow</em> rise, see <a href="https://example.org/bread">the page</a>.</p>
<ol><li>Mix<ul><li>flour</li><li>water</li></ul></li><li>Wait</li></ol>
<table><thead><tr><th>Hours</th><th style="text-align:right">Height</th></tr></thead>
<tbody><tr><td>1</td><td>2 cm</td></tr><tr><td>a|b</td><td>3 cm</td></tr></tbody></table>
<blockquote><p>Patience.</p></blockquote>
<p>Energy:
<span class="katex"><math><semantics><mi>E</mi><annotation encoding="application/x-tex">E=mc^2</annotation></semantics>
</math><span aria-hidden="true">E=mc2</span></span></p>
<span class="katex-display"><span class="katex"><math>
<semantics><annotation encoding="application/x-tex">\\int_0^1 x\\,dx</annotation></semantics></math></span></span>
<p>Look: <img src="data:," alt="a loaf" width="90"></p>"""
RICH_TEXT = """## Bread

A **warm** and *slow* rise, see [the page](https://example.org/bread).

1. Mix
   - flour
   - water
2. Wait

| Hours | Height |
| --- | ---: |
| 1 | 2 cm |
| a\\|b | 3 cm |

> Patience.

Energy: $E=mc^2$

$$
\\int_0^1 x\\,dx
$$

Look: [image]"""


@dataclass(frozen=True)
class Said:
    """One message: its Markdown, and as what a page draws it; without `html`, as paragraphs."""

    role: str
    text: str
    html: str | None = None
    reasoning: str | None = None
    isStreaming: bool | None = None
    beside: str | None = None  # what stands beside the text, and is the last part of `text` as a mark

    def on_page(self) -> dict[str, str | bool]:
        return {name: value for name, value in vars(self).items() if value is not None}


SHORT = [Said("user", "Why does my bread not rise?"), Said("assistant", "It may be too cold.")]
SCENES: dict[str, list[Said]] = {
    "empty": [],
    "short": SHORT,
    "rich": [
        *SHORT,
        Said("user", "Show me code.\n\n  with two spaces"),
        Said("assistant", CODE_TEXT, CODE, reasoning="The person wants code."),
        Said("user", "Perché? 为什么?"),
        Said("assistant", RICH_TEXT, RICH),
    ],
    "greeting": [Said("assistant", "Hello, I am Heron."), *SHORT],
    "streaming": [SHORT[0], Said("assistant", "It may be", isStreaming=True)],
    "attached": [Said("user", "What is in it?\n\n[file]", beside="file"), Said("assistant", "A recipe.")],
    "canvas": [SHORT[0], Said("assistant", "I wrote it down.\n\n[canvas]", beside="canvas")],
    "artifact": [SHORT[0], Said("assistant", "I wrote it down.\n\n[artifact]", beside="artifact")],
    "component": [
        SHORT[0],
        Said("assistant", "[image]", "<img src='data:,' alt='a loaf'>", beside="image"),
        Said("assistant", "[file]", "<p></p>", beside="file"),
    ],
    "several": [*SHORT, Said("assistant", "Or the yeast is old.")],
    "regenerated": [SHORT[0], Said("assistant", "Or the yeast is old.")],
    "language": SHORT,
    "long": [said for number in range(30) for said in (Said("user", f"Question {number}"), Said("assistant", f"Answer {number}"))],
}
SCENES["virtualised"] = SCENES["long"]
# How a page shows them: only a part of a long list; with another answer first; in another language than English.
ITALIAN = {"You said": "Hai detto", "You said:": "Hai detto:", "ChatGPT said:": "ChatGPT ha detto:", "Copilot said": "Copilot ha detto"}
ITALIAN |= {"Message": "Messaggio", "Like": "Mi piace", "Edit": "Modifica", "Send": "Invia", "User": "Utente", "Model": "Modello", "Copy": "Copia"}
ITALIAN |= {"Thought": "Ragionamento", "Thought for a second": "Ha riflettuto un secondo"}
ITALIAN |= {"Good Response": "Risposta buona", "Bad Response": "Risposta cattiva"}
MOUNTED = (27, 33)
HOW: dict[str, dict[str, Any]] = {"virtualised": {"mount": MOUNTED}, "regenerated": {"before": SHORT[1].on_page()}, "language": {"words": ITALIAN}}


def shown(scene: str) -> list[Said]:
    """What of a scene stands on the page."""
    return SCENES[scene][slice(*HOW.get(scene, {}).get("mount", (None,)))]
