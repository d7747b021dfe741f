"""What a text must hold for the gate to look closer: necessary for anything that it looks for, and quick, since Arrow asks a whole column at once.

Written for RE2, which knows no look-around. A test holds it against everything that the detectors find in their own tests.
"""

from __future__ import annotations

import re

WATCHED = ("SECRET", "EMAIL_ADDRESS", "IBAN_CODE", "CREDIT_CARD", "US_SSN", "MAC_ADDRESS", "IP_ADDRESS")
"""The entity types that must not be in a release at all: their forms leave no doubt."""

_HEX = "[0-9A-Fa-f]"
_SEPARATOR = r"[ .\-\x{a0}]"
SUSPECT = "|".join(
    (
        "@",
        r"(?i:[(\[{].?at.?[)\]}])|(?i:\bdot\b)",  # an e-mail address in words
        r"-----BEGIN|(?i:password=|pwd=)",
        "(?:AKIA|ASIA|AGPA|AROA|AIDA)[A-Z0-9]{16}|gh[pousr]_|github_pat_|gl(?:pat|dt|rt|ptt|cbt)-|sk-[0-9A-Za-z_-]{20}|[spr]k_(?:live|test)_|whsec_",
        r"xox[abeoprs]-|xapp-|AIza|ya29\.|GOCSPX-|hf_|npm_|pypi-|SG\.|EAA[A-Za-z0-9]{30}|shp(?:at|ca|pa|ss)_|do[opr]_v1_|eyJ|[0-9]{8}:AA",
        "(?:SK|AC)[a-f0-9]{32}",
        r"[A-Za-z]{2}[0-9]{2}[ \-\x{a0}]?[A-Za-z0-9]{2}",  # an IBAN's beginning
        f"[0-9]{{4}}{_SEPARATOR}[0-9]{{4,6}}{_SEPARATOR}[0-9]{{4}}|[0-9]{{13}}",
        r"[0-9]{3}-[0-9]{2}-[0-9]{4}|(?i:ssn|social)[^\n]{0,60}[0-9]{3}[ .]?[0-9]{2}[ .]?[0-9]{4}",
        rf"{_HEX}{{2}}[:\-]{_HEX}{{2}}[:\-]{_HEX}{{2}}[:\-]{_HEX}{{2}}[:\-]|{_HEX}{{4}}\.{_HEX}{{4}}\.{_HEX}{{4}}",
        rf"[0-9]\.[0-9]{{1,3}}\.[0-9]{{1,3}}\.[0-9]|::|:{_HEX}{{1,4}}:{_HEX}{{1,4}}:",
    )
)
LONG_TOKEN = "[0-9A-Za-z_-]{22}"
TOKEN = re.compile("(?<![0-9A-Za-z_-])[0-9A-Za-z_-]{22,64}(?![0-9A-Za-z_-])")
"""What may be a user ID, or the digest of one in hexadecimal digits."""
