"""Messages as safe HTML: Markdown without any HTML of its own, nothing fetched, labels marked, links that show where they go.

Two walls: the parser lets no markup through but what is made here, and nh3 lets only the tags and attributes below pass.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from sharelm.web.language import gettext

LABEL = re.compile(r"\[([A-Z][A-Z_]{1,40})_\d{1,6}\]")
ALLOWED_ADDRESS = re.compile(r"(?:https?://[^\s/]|mailto:)", re.IGNORECASE)
MAX_MARKDOWN = 30_000  # characters of one message; longer ones are shown as they are
SECONDS_OF_A_PAGE = 1.5  # after that, what is left of a page is shown as it is
LONGEST_TARGET = 60
REL = "noopener noreferrer nofollow ugc"
NESTED = 50  # the parser leaves out what is deeper: such a text is shown as it is

BLOCKS = {"p", "h3", "ul", "ol", "li", "blockquote", "hr", "pre", "table", "thead", "tbody", "tr", "th", "td", "div"}
INLINE = {"strong", "em", "s", "code", "br", "a", "span", "bdi"}
ATTRIBUTES = {
    "a": {"href", "rel"},
    "span": {"class", "dir", "title"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "pre": {"class", "tabindex", "role", "aria-label", "data-language"},
    "ol": {"start"},
    "bdi": {"dir"},
    "th": {"scope", "class"},
    "td": {"class"},
    "h3": {"class"},
}

PRE = re.compile(r'<pre data-language="([^"]*)"><code>(.*?)</code></pre>', re.DOTALL)
FRAME = Markup(
    '<div class="code"><div><span dir="auto">{language}</span><button class="button quiet small" type="button" data-copy="{copied}" hidden>{icon}'
    '<span aria-live="polite">{copy}</span></button></div><pre tabindex="0" role="group" aria-label="{language}"><code>{code}</code></pre></div>'
)

Name = Callable[[str], str]
"""What a label such as `[EMAIL_ADDRESS_1]` stands for, in words."""


class Renderer:
    """Renders the messages of one page, as long as there is time; `names` says what labels stand for."""

    def __init__(self, names: Name, *, copy_icon: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self._names = names
        self._copy_icon = copy_icon
        self._clock = clock
        self._spent = 0.0

    def render(self, text: str, *, has_labels: bool) -> Markup:
        """`has_labels`: whether labels in this text are ours; who writes `[URL_1]` has replaced nothing."""
        if len(text) > MAX_MARKDOWN or self._spent > SECONDS_OF_A_PAGE:
            return verbatim(text, self._names if has_labels else None)
        began = self._clock()
        names = self._names if has_labels else None
        env = {"names": names}
        tokens = _parser().parse(text, env)
        is_too_deep = any(token.level >= NESTED - 1 for token in tokens)
        html = verbatim(text, names) if is_too_deep else self._finished(_cleaned(_parser().renderer.render(tokens, _parser().options, env)))
        self._spent += self._clock() - began
        return html

    def _finished(self, html: str) -> Markup:
        """Around each piece of code, after the last wall: its language, and a button that the script shows where copying works."""
        return Markup(PRE.sub(self._framed, html))

    def _framed(self, match: re.Match[str]) -> str:
        language, code = Markup(match[1]).unescape(), Markup(match[2])  # what is harmless in an attribute need not be so in a text
        return str(FRAME.format(language=language, icon=self._copy_icon, code=code, copy=gettext("Copy"), copied=gettext("Copied")))


def verbatim(text: str, names: Name | None) -> Markup:
    """The text as it stands, its labels marked if they are ours."""
    return Markup('<div class="verbatim">{}</div>').format(Markup("").join(_pieces(text, names)))


def chip(label: str, words: str) -> Markup:
    """A label, with what it stands for to point at and to listen to."""
    return Markup('<span class="redacted" dir="ltr" title="{words}">{label}<span class="sr"> ({words})</span></span>').format(
        label=label, words=words
    )


def shown_target(address: str) -> str:
    """Where a link goes, as it is: no letters of other scripts that look alike, not longer than a line."""
    bare = address.split("://", 1)[-1].removeprefix("mailto:")
    return bare if len(bare) <= LONGEST_TARGET else bare[: LONGEST_TARGET - 1] + "…"


def _pieces(text: str, names: Name | None) -> Iterator[Markup]:
    end = 0
    for match in LABEL.finditer(text) if names else ():
        yield escape(text[end : match.start()])
        yield chip(match[0], names(match[0])) if names else Markup("")
        end = match.end()
    yield escape(text[end:])


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": NESTED}, renderer_cls=SafeRenderer)
    parser.enable(["table", "strikethrough"])
    # A definition would vanish from the page, and `[PERSON_1]: hello` looks like one.
    parser.disable(["reference", "html_block", "html_inline"])
    parser.inline.ruler.before("link", "label", _label)
    parser.validateLink = lambda url: ALLOWED_ADDRESS.match(url) is not None  # type: ignore[method-assign]
    return parser


def _label(state: StateInline, silent: bool) -> bool:
    """Our labels come before links: `[PERSON_1](born 1980)` is none.

    Silent is the look ahead of a link for its end: a label there would look like a link within a link, and undo the outer one.
    """
    names = state.env.get("names")
    match = LABEL.match(state.src, state.pos) if names and not silent and state.src[state.pos] == "[" else None
    if not match:
        return False
    state.push("label", "", 0).content = match[0]
    state.pos = match.end()
    return True


class SafeRenderer(RendererHTML):
    """What becomes of the parser's tokens: headings that fit into the page, links that show their target, pictures that are only named."""

    def label(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return str(chip(tokens[index].content, env["names"](tokens[index].content)))

    def heading_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return f'<h3 class="said-{tokens[index].tag}">'

    def heading_close(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return "</h3>\n"

    def link_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return str(Markup('<a href="{}" rel="{}">').format(tokens[index].attrGet("href"), REL))

    def link_close(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        opened = next(place for place in range(index, -1, -1) if tokens[place].type == "link_open" and tokens[place].level == tokens[index].level)
        address = str(tokens[opened].attrGet("href"))
        said = "".join(token.content for token in tokens[opened + 1 : index])
        return "</a>" if said in {address, address.removeprefix("mailto:")} else f"</a>{_target(address)}"

    def image(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        """Never fetched: whoever wrote it would learn who reads this, and when."""
        address = str(tokens[index].attrGet("src"))
        words = Markup('{}: <a href="{}" rel="{}">{}</a>').format(
            gettext("Picture"), address, REL, tokens[index].content or gettext("without a name")
        )
        return f"{words}{_target(address)}"

    def fence(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return _code(tokens[index].content, tokens[index].info.split(maxsplit=1)[:1])

    def code_block(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return _code(tokens[index].content, [])

    def table_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return str(Markup('<div class="scroll" tabindex="0" role="group" aria-label="{}"><table>').format(gettext("Table")))

    def table_close(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return "</table></div>"

    def th_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return f'<th scope="col"{_alignment(tokens[index])}>'

    def td_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return f"<td{_alignment(tokens[index])}>"


def _alignment(token: Token) -> str:
    return ' class="num"' if "right" in str(token.attrGet("style") or "") else ""


def _target(address: str) -> str:
    return str(Markup(' <span class="target">(<bdi dir="ltr">{}</bdi>)</span>').format(shown_target(address)))


def _code(content: str, info: Sequence[str]) -> str:
    language = info[0][:20] if info else gettext("Code")
    return str(Markup('<pre data-language="{}"><code>{}</code></pre>\n').format(language, content))


def _cleaned(html: str) -> str:
    return nh3.clean(
        html,
        tags=BLOCKS | INLINE,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
        generic_attribute_prefixes=set(),
    )
