"""Passwords, keys and tokens that only the words around them give away: `API_KEY=…`, "the password is …", `Authorization: Bearer …`.

Keys that are known by their form are in `secret.py`, which the extension runs too.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from sharelm.anonymise.entry import Entry
from sharelm.vocabulary import PiiSpan

_NAME = (
    r"(?:pass(?:word|wd|phrase|code|wort)?|pwd|secret(?:[_-]?(?:key|access[_-]?key|token))?|api[_-]?(?:key|secret|token)|access[_-]?(?:key|token)"
    r"|auth(?:[_-]?(?:token|key))|account[_-]?key|shared[_-]?access[_-]?key|token|credentials?|private[_-]?key|client[_-]?secret"
    r"|encryption[_-]?key|signing[_-]?key|master[_-]?key"
    r"|webhook[_-]?secret|session[_-]?key|storage[_-]?key|service[_-]?key|license[_-]?key)"
)
# PASSWORD=…, "api_key": "…", client_secret => '…', --token …; the name may have something in front and an index behind.
_ASSIGNED = Entry(
    rf"(?<![A-Za-z0-9]){_NAME}(?:_?\d{{1,2}})?(?:[\"']?\])?[\"']?"
    r"(?:[ \t]{0,3}(?:=>|:=|=|:)[ \t]{0,3}|[ \t]+(?=[\"']))"
    r"(?:(?P<mark>[\"'`])(?P<quoted>[^\"'`\s]{4,300})(?P=mark)|(?P<bare>[^\s\"'`,;)\]}(<>{\[][^\s\"'`,;)\]}<>{]{3,300}))",
    re.IGNORECASE,
)
_OPTION = Entry(
    r"(?<!\S)(?:--?(?:password|pass|token|secret|api-?key|auth-token)[= ]|-u ?[\w.@\-]{1,40}:)(?P<bare>[^\s\"'`<>$({\[]{6,200})", re.IGNORECASE
)
_PASSWORD = (
    r"(?:pass(?:word|wd|phrase|code)s?|pwd|pw|pin(?: code)?|kennwort|passwort|mot de passe|mdp|code secret|contraseña|contrasena|clave|senha"
    r"|palavra-passe"
    r"|wachtwoord|hasło|haslo|hasłem|parola d'ordine|(?:wi-?fi|wlan|wpa2?|network|security) key"
    r"|(?:wi-?fi|wlan|login|my|the|your) pass|(?:gate|door|alarm|entry|access|safe|lock|security|unlock) (?:pin|code))"
)
_IS = r"(?:(?<!\w)(?:is|was|are|to|as|ist|war|lautet|heißt|est|es|era|è|é|foi|jest|to jest|brzmi|auf|en)(?!\w)|[:\-–→])"
_SAID = Entry(
    rf"(?<!\w){_PASSWORD}\b(?P<between>[^\n.!?;@]{{0,40}}?)\s?{_IS}(?:\s(?:now|set to|currently|still|also|called|jetzt|mais|maintenant|ora))?"
    r"\s{0,3}[\"'“”«„`*]{0,2}(?P<value>[^\s\"'“”«»„`,;<>]{4,64})",
    re.IGNORECASE,
)
_SCHEME = Entry(r"(?<![\w\-])(?:bearer|basic|token|apikey)[ \t]+(?P<value>[\w\-+/=.~]{16,2000})", re.IGNORECASE)
_RANDOM = Entry(r"(?<![\w/+=.\-@#%&])[A-Za-z0-9/+_\-]{32,200}={0,2}(?![\w/+=\-@]|\.\w)")

_STAND_IN = re.compile(
    r"your|example|change_?me|placeholder|xxx|dummy|insert|replace|redacted|foo|\bbar\b|test|sample|todo|hidden|\*\*\*|\.\.\.|…|lorem|abcdef"
    r"|12345678|<|>|\$\{|%\(|\{\{",
    re.IGNORECASE,
)
# An expression, a type, a path or a call instead of a value.
_CODE = re.compile(
    r"[(){}\[\]<>|]|^[$&%*!]|^\w+::|\.\w+\(|^(?:self|os|env|process|config|settings|request|req|this|args|params|opts|options|data|app|ctx"
    r"|user|cls|None|null|nil)\b"
    r"|^[a-z_]+(?:\.[A-Za-z_]\w*)+$|^[\w\-]+/[\w\-/]+$|^\.{0,2}/|^[a-z]:\\|://$|^\d{1,5}(?:\.\d+)?[a-z]{0,2}$",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(r"[A-Za-z]+(?:[_\-][A-Za-z]+)+[_\-]?\d{0,4}|[A-Za-z]+\d{0,2}|[a-z]+(?:[A-Z][a-z]+)+\d{0,2}")
_DIGEST = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})|(?:[0-9A-F]{32}|[0-9A-F]{40}|[0-9A-F]{64})")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DIGEST_NAME = re.compile(r"(?:sha-?\d{0,3}|md5|hash|digest|integrity|checksum|commit|etag|nonce)\S{0,12}[\s:=\"'\-(]{0,4}\Z", re.IGNORECASE)
_BY_DIGITS = re.compile(r"\b(?:pin|code)\b", re.IGNORECASE)
_TO_SAY = re.compile(
    r"(?i)(?:must|should|need|at least|long|strong|weak|requires?|contain|characters?|manager|reset|policy|field|hash(?:ed|ing)?|encrypt)"
)
_CALL = re.compile(r"[^\W\d]\(.*\)|^[(\[{<].*[)\]}>]?\Z(?<=[)\]}>])|[{$%]\{|\]\(")
_OPENS = {")": "(", "]": "[", "}": "{"}
_ROW_BEFORE = re.compile(r"[A-Za-z0-9+/=]{16}(?:\\n)?[\"']?[ \t]*\r?\n[ \t>#]*b?[\"']?\Z")
_ROW_AFTER = re.compile(r"(?:\\n)?[\"']?[ \t]*\r?\n[ \t>#]*b?[\"']?[A-Za-z0-9+/=]{16}")
_LEAST_ENTROPY = 2.9  # bits per character; words stay below with few letters, random values of that length above
_LEAST_RANDOM = 4.2

ENTRIES = (_ASSIGNED, _OPTION, _SAID, _SCHEME, _RANDOM)


def find(text: str) -> Iterator[PiiSpan]:
    for start, end in (*_assigned(text), *_said(text), *_after_scheme(text), *_by_entropy(text)):
        yield PiiSpan(start, end, "CREDENTIAL")


def entropy(value: str) -> float:
    """Bits per character, after Shannon."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())


def _assigned(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_ASSIGNED, _OPTION):
        for match in pattern.finditer(text):
            name = "quoted" if match.groupdict().get("quoted") else "bare"
            value = match[name].rstrip(".,;:!?" if name == "bare" else "")
            is_login = match[0].startswith("-u") and _is_spoken(value, kind="")
            if (is_login or _is_value(value)) and (name == "quoted" or text[match.end() : match.end() + 1] not in {"(", "[", "{"}):
                yield match.start(name), match.start(name) + len(value)


def _said(text: str) -> Iterator[tuple[int, int]]:
    """ "The password for the wifi is Sunny2961!": a value has a digit or a sign in it, or is quoted."""
    for match in _SAID.finditer(text):
        value = _without_bracket(match["value"].rstrip(".,:?"))  # an exclamation mark may well be part of it
        if _CALL.search(value) or _TO_SAY.search(match["between"]) or not _is_spoken(value, kind=match[0]):
            continue
        yield match.start("value"), match.start("value") + len(value)


def _without_bracket(value: str) -> str:
    """Without what closes a bracket that was opened before: "(the password is …)"."""
    while value[-1:] in _OPENS and value.count(value[-1]) > value.count(_OPENS[value[-1]]):
        value = value[:-1].rstrip(".,:?")
    return value


def _after_scheme(text: str) -> Iterator[tuple[int, int]]:
    for match in _SCHEME.finditer(text):
        value = match["value"].rstrip(".")
        if (
            any(char.isdecimal() for char in value)
            and not _STAND_IN.search(value)
            and not _IDENTIFIER.fullmatch(value)
            and entropy(value) > _LEAST_ENTROPY
        ):
            yield match.start("value"), match.start("value") + len(value)


def _by_entropy(text: str) -> Iterator[tuple[int, int]]:
    for match in _RANDOM.finditer(text):
        if _is_random(match[0]) and not _is_in_block(text, match) and not _DIGEST_NAME.search(text, max(0, match.start() - 24), match.start()):
            yield match.span()


def _is_in_block(text: str, match: re.Match[str]) -> bool:
    """Whether the lines around are of the same sort: an encoded file, not a key."""
    return bool(_ROW_BEFORE.search(text, max(0, match.start() - 160), match.start()) or _ROW_AFTER.match(text, match.end()))


def _is_value(value: str) -> bool:
    """Whether what is assigned can be a secret itself, not a name for one, a stand-in or an expression."""
    if len(value) < 4 or _STAND_IN.search(value) or _CODE.search(value) or _IDENTIFIER.fullmatch(value):
        return False
    if any(char.isdecimal() for char in value):
        return len(value) >= 6 and len(set(value)) >= 4 and any(char.isalpha() for char in value)
    return len(value) >= 8 and entropy(value) > _LEAST_ENTROPY and any(not char.isalnum() and char not in "-_." for char in value)


def _is_spoken(value: str, *, kind: str) -> bool:
    has_digit, has_letter = any(char.isdecimal() for char in value), any(char.isalpha() for char in value)
    if _BY_DIGITS.search(kind) and value.isdecimal():
        return 4 <= len(value) <= 8
    has_sign = any(char in "!@#$%^&*+?=~" for char in value[1:])
    return len(value) >= 5 and has_letter + has_digit + has_sign >= 2 and "://" not in value and not _UUID.fullmatch(value)


def _is_random(value: str) -> bool:
    """A row of 32 characters or more that no person and no program would write as a name, a path or a digest."""
    if sum(char.isdecimal() for char in value) < 3 or value.islower() or value.isupper() or _UUID.search(value) or _DIGEST.fullmatch(value):
        return False
    if value.startswith("sha"):  # sha256-…: what a page says of a script that it loads
        return False
    if value.count("/") > 3 or value.count("-") + value.count("_") > 5:
        return False
    return not any(char * 4 in value for char in set(value)) and entropy(value) > _LEAST_RANDOM
