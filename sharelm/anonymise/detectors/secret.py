"""Keys, tokens and passwords that are recognisable by their form, and private key blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharelm.vocabulary import PiiSpan

# One line per issuer; each group of characters is bounded so that a long text cannot make it slow.
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:AKIA|ASIA|AGPA|AROA|AIDA)[A-Z0-9]{16}(?![A-Za-z0-9])"  # AWS
    r"|gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_\w{22,255}"  # GitHub
    r"|gl(?:pat|dt|rt|ptt|cbt)-[\w\-]{20,255}"  # GitLab
    r"|sk-(?:proj-|svcacct-|ant-|or-)?[\w\-]{20,255}"  # OpenAI, Anthropic, OpenRouter
    r"|(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{16,255}|whsec_[A-Za-z0-9+/=]{24,255}"  # Stripe
    r"|xox[abeoprs]-[\w\-]{10,255}|xapp-\d-[\w\-]{10,255}"  # Slack
    r"|AIza[\w\-]{35}|ya29\.[\w\-]{20,1000}|GOCSPX-[\w\-]{28}"  # Google
    r"|hf_[A-Za-z0-9]{20,255}"  # Hugging Face
    r"|npm_[A-Za-z0-9]{30,255}|pypi-[\w\-]{30,255}"  # package registries
    r"|SG\.[\w\-]{16,255}\.[\w\-]{20,255}"  # SendGrid
    r"|EAA[A-Za-z0-9]{30,500}"  # Facebook
    r"|shp(?:at|ca|pa|ss)_[a-f0-9]{32}"  # Shopify
    r"|do[opr]_v1_[a-f0-9]{64}"  # DigitalOcean
    r"|eyJ[\w\-]{8,4000}\.eyJ[\w\-]{4,8000}\.[\w\-]{6,2000}"  # JSON Web Token (RFC 7519)
    r"|\d{8,10}:AA[\w\-]{32,35}"  # Telegram bot
    r"|(?:SK|AC)[a-f0-9]{32}(?![A-Za-z0-9])"  # Twilio
    r")"
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]){0,8}"
    r"(?:[A-Za-z][A-Za-z\-]{1,20}: [^\n]{1,120}\n\s{0,4}){0,6}"  # Proc-Type, DEK-Info, Version
    r"[A-Za-z0-9+/=]{16}[A-Za-z0-9+/=\s\\]*(?:-----END [A-Z0-9 ]{0,40}-----)?"
)
_LINK_WITH_PASSWORD = re.compile(r"://[^\s:/@\"'`<>]{0,64}:(?P<password>[^\s@/\"'`<>]{1,128})@[^\s\"'`<>)\]]{1,500}")
_KEYED_PASSWORD = re.compile(r"\b(?:server|host|data source)=[^\n\"']{1,200}?\b(?:password|pwd)=(?P<password>[^;\"'\s]{1,128})", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]{0,20}\Z", re.IGNORECASE)
_STAND_IN = re.compile(
    r"pass(?:word|wd|phrase)?|pwd|pw|secret|changeme|example|token|your\w{0,40}|my\w{0,20}|x+|\*+|[.…]+|[${%\[<(].{0,200}", re.IGNORECASE
)


def find(text: str) -> Iterator[PiiSpan]:
    for match in _TOKEN.finditer(text):
        if _is_random(match[0]):
            yield PiiSpan(match.start(), match.end(), "SECRET")
    if "-----BEGIN" in text:
        for match in _PRIVATE_KEY.finditer(text):
            yield PiiSpan(match.start(), match.start() + len(match[0].rstrip()), "SECRET")
    yield from _find_passwords(text)


def _find_passwords(text: str) -> Iterator[PiiSpan]:
    for match in _LINK_WITH_PASSWORD.finditer(text):
        scheme = _SCHEME.search(text, max(0, match.start() - 21), match.start())
        if scheme and not _STAND_IN.fullmatch(match["password"]):
            yield PiiSpan(scheme.start(), match.start() + len(match[0].rstrip(".,;:!?")), "SECRET")
    if "=" in text:
        for match in _KEYED_PASSWORD.finditer(text):
            if not _STAND_IN.fullmatch(match["password"]):
                yield PiiSpan(match.start("password"), match.end("password"), "SECRET")


def _is_random(value: str) -> bool:
    """Documentation writes `ghp_xxxxxxxx` or `sk-your-key-goes-here` where a key would stand."""
    body = value[4:]
    is_words = value.islower() and "-" in body and not any(char.isdecimal() for char in value)
    return not set(body) <= set("xX*.-_") and not is_words
