"""Links that lead to a person: profiles, shared documents, tokens or addresses inside. Plain links to documentation stay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from sharelm.vocabulary import PiiSpan

# Where people have profiles, also without the beginning of a link.
_BARE = (
    r"(?:(?:linkedin|facebook|fb|instagram|twitter|tiktok|youtube|reddit|github|gitlab|medium|snapchat|threads|pinterest|soundcloud|calendly|strava"
    r"|patreon|flickr|behance|dribbble|venmo|x|vk)\.com|(?:t|wa|paypal|about)\.me|linktr\.ee)/(?=\w|@)"
)
_LINK = re.compile(rf"(?:(?<![a-z])(?:https?|ftp)://|(?<![\w.@/\-])(?:www\.|{_BARE}))[^\s<>\"'`|\\^{{}}]+", re.IGNORECASE)
# Every link has one of these near its beginning; Python skips to them.
_ANCHOR = re.compile(r"[:wW.](?:(?<=:)//|(?<=[wW])[wW]{2}\.|(?<=\.)(?i:com|me|ee)/)")
_BEFORE_ANCHOR = 12  # characters
_PARTS = re.compile(r"(?:(https?|ftp)://)?([^/?#]*)([^?#]*)", re.IGNORECASE)
_BRACKET = re.compile(r"[()\[\]]")
_PAIR = {")": "(", "]": "["}

_PERSONAL_FIELD = re.compile(
    r"[?&;#](?:[\w\-]{0,30}(?:token|e-?mail|auth|session|passw(?:or)?d|secret|signature|api_?key|access_?key|user_?name|user_?id|phone|invite)"
    r"|sid|sig|pwd|uid|jwt|otp)=(?![{$<\[*.]|your|my|xx|example)[^&#;]{3}",
    re.IGNORECASE,
)
_EMAIL_INSIDE = re.compile(r"[\w.+\-]{1,64}(?:@|%40)[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){0,4}\.[a-z]{2,24}(?![\w.])", re.IGNORECASE)
_HOME_PAGE = re.compile(r"/~[a-z]\w{0,40}(?:/|$)|^/@\w{2,40}(?:@[\w.\-]{3,60})?(?:/\d{1,30})?/?$|/(?:u|profiles?)/[\w.\-]{2,}", re.IGNORECASE)
_DOCUMENTATION = re.compile(r"^(?:docs?|developers?|help|support|learn|api|pkg)\.|\.readthedocs\.io$")
_MINE = re.compile(
    r"\b(?:my|our|his|her)\s(?:\w{1,15}\s)?(?:web ?site|site|blog|portfolio|profile|home ?page|web ?page|page|channel|resume|cv)"
    r"\s?(?:is|at|:|=|\()?(?:\sat)?[\s\"']{0,2}\Z"
    r"|\bposted\s(?:an?|some|my)\s(?:new\s)?(?:photo|picture|video|selfie)s?:?\s\Z",
    re.IGNORECASE,
)
_MINE_WORDS = ("my", "our", "his", "her", "posted")
_LABEL_BEFORE = re.compile(r"\[(?:@|[a-z]{2,12}/)?([\w.\-]{1,40})\]\(\Z")
_FORGES = frozenset({"github.com", "gitlab.com", "codeberg.org", "bitbucket.org"})
_SELF_MADE = re.compile(r"^(?:www\.)?[a-z0-9\-]{2,40}-(?:photo\w{0,8}|portfolio|blog|music|studio|wedding)\.[a-z]{2,10}$")

# Hosts where a path says who somebody is or what somebody shared: the hosts of a line, and what their path looks like then.
_SHARED_FILES = r"/(?:d|folders)/|/open"
_ANY_PATH = r"^/."
_RESERVED = {
    "facebook": r"sharer?|help|policies|login|business|groups/?$|dialog|plugins|developers?|legal|about",
    "twitter": r"home|search|hashtag|intent|share|login|explore|i|settings|tos|privacy",
    "github": r"features|pricing|login|join|about|explore|topics|marketplace|sponsors|search|settings|new|trending|enterprise|security|site|orgs",
}
_RULES = (
    ("linkedin.com", r"^/(?:in|pub)/."),
    ("facebook.com fb.com instagram.com threads.net", rf"^/(?!(?:{_RESERVED['facebook']})\b)\w"),
    ("twitter.com x.com", rf"^/(?!(?:{_RESERVED['twitter']})\b)\w"),
    ("github.com gitlab.com bitbucket.org codeberg.org", rf"^/(?!(?:{_RESERVED['github']})\b)[\w.\-]+/?$"),
    ("youtube.com", r"^/(?:@|user/|channel/|c/)."),
    ("tiktok.com medium.com", r"^/@."),
    ("reddit.com", r"^/(?:u|user)/."),
    ("stackoverflow.com stackexchange.com", r"^/users/."),
    ("quora.com", r"^/profile/."),
    ("orcid.org", r"^/\d{4}-"),
    ("scholar.google.com", r"^/citations"),
    ("t.me wa.me paypal.me venmo.com calendly.com snapchat.com linktr.ee about.me strava.com keybase.io", _ANY_PATH),
    ("soundcloud.com patreon.com flickr.com pinterest.com vk.com xing.com behance.net dribbble.com", _ANY_PATH),
    ("docs.google.com drive.google.com", _SHARED_FILES),
    ("photos.google.com photos.app.goo.gl meet.google.com maps.app.goo.gl", _ANY_PATH),
    ("dropbox.com", r"^/(?:s|sh|scl|l|t)/."),
    ("zoom.us", r"^/(?:j|my|s|w|rec)/."),
    ("wetransfer.com we.tl 1drv.ms onedrive.live.com sharepoint.com icloud.com", _ANY_PATH),
    ("chatgpt.com chat.openai.com claude.ai", r"^/(?:share|c|chat|g)/."),
)
_PERSONAL_PATHS = {host: re.compile(path) for hosts, path in _RULES for host in hosts.split()}
_PERSONAL_SITES = re.compile(
    r"^(?!(?:www|en|blog|support|help|about)\.)[\w\-]+\."
    r"(?:(?:wordpress|tumblr|substack|wixsite|weebly|livejournal|medium|myportfolio)\.com|blogspot\.[a-z.]{2,6}|notion\.site|carrd\.co)$"
)


class _Parts(NamedTuple):
    scheme: str
    netloc: str
    path: str


def find(text: str) -> Iterator[PiiSpan]:
    for match in _links(text):
        link = _without_punctuation(match[0])
        if text.startswith("](", match.start() - 2) and _is_credit(text, match.start(), link):
            continue
        if carries_personal_data(link) or _is_mine(text, match.start()):
            yield PiiSpan(match.start(), match.start() + len(link), "URL")


def _links(text: str) -> Iterator[re.Match[str]]:
    at = 0
    while anchor := _ANCHOR.search(text, at):
        link = _LINK.search(text, max(at, anchor.start() - _BEFORE_ANCHOR))
        if link is None:
            return
        yield link
        at = link.end()


def _is_credit(text: str, start: int, link: str) -> bool:
    """`[@name](https://github.com/name)`: how change logs name who wrote what; the name is what one reads."""
    label = _LABEL_BEFORE.search(text, max(0, start - 60), start)
    parts = _split(link) if label else None
    return bool(label and parts and parts.netloc in _FORGES and parts.path.strip("/").lower() == label[1].lower())


def _is_mine(text: str, start: int) -> bool:
    before = text[max(0, start - 60) : start].lower()
    return any(word in before for word in _MINE_WORDS) and bool(_MINE.search(text, max(0, start - 60), start))


def carries_personal_data(link: str) -> bool:
    """Whether the link leads to a person, or gives one away by what it contains."""
    parts = _split(link)
    if parts is None:
        return False
    if "@" in parts.netloc and not parts.netloc.startswith("git@"):
        return True
    if "=" in link and _PERSONAL_FIELD.search(link) and not parts.path.endswith(".svg"):  # a badge that everybody may fetch
        return True
    if ("@" in link or "%40" in link) and _EMAIL_INSIDE.search(link, len(parts.scheme)):
        return True
    return _belongs_to_somebody(parts)


def _belongs_to_somebody(parts: _Parts) -> bool:
    host = parts.netloc.partition(":")[0].lower()
    path_rule = _rule_for(host)
    if path_rule is not None:
        return bool(path_rule.search(parts.path))
    if _DOCUMENTATION.search(host):
        return False
    return bool(_PERSONAL_SITES.search(host) or ("-" in host and _SELF_MADE.search(host)) or _HOME_PAGE.search(parts.path))


def _rule_for(host: str) -> re.Pattern[str] | None:
    """The rule of the host or of the domain it stands under (`de.linkedin.com`, `us02web.zoom.us`)."""
    labels = host.split(".")[-4:]
    for i in range(len(labels) - 1):
        rule = _PERSONAL_PATHS.get(".".join(labels[i:]))
        if rule is not None:
            return rule
    return None


def _split(link: str) -> _Parts | None:
    plain = _PARTS.match(link) if link.isascii() and "[" not in link and "]" not in link else None
    if plain:
        return _Parts(plain[1] or "", plain[2], plain[3])
    try:
        parts = urlsplit(link if "://" in link[:8] else f"http://{link}")
    except ValueError:  # brackets that hold no IPv6 address
        return None
    return _Parts(parts.scheme, parts.netloc, parts.path)


def _without_punctuation(link: str) -> str:
    """The link up to a bracket that was opened before it, without what ends the sentence."""
    opened = {"(": 0, "[": 0}
    for bracket in _BRACKET.finditer(link):
        sign = bracket[0]
        if sign in opened:
            opened[sign] += 1
        else:
            opened[_PAIR[sign]] -= 1
            if opened[_PAIR[sign]] < 0:
                link = link[: bracket.start()]
                break
    return link.rstrip(".,;:!?*_([")
