"""Texts that put the rules of both engines to the test: golden ones, and random ones of hits, near misses and what makes engines differ."""

from __future__ import annotations

import json
import random
from pathlib import Path

from tests.anonymise.detectors import (
    test_credit_card,
    test_email_address,
    test_iban_code,
    test_ip_address,
    test_mac_address,
    test_phone_number,
    test_secret,
    test_us_ssn,
)

GOLDEN = json.loads((Path(__file__).parent / "golden/redaction.json").read_text(encoding="utf-8"))

TABLES = (
    *(test_credit_card, test_email_address, test_iban_code, test_ip_address),
    *(test_mac_address, test_phone_number, test_us_ssn),
)
PARTS = [text for table in TABLES for text in [*(hit for hit, _ in table.HITS), *table.NEAR_MISSES]]
PARTS += [*test_secret.TOKENS, *test_secret.NEAR_MISSES, test_secret.KEY, *(text for text, _ in test_secret.PASSWORDS)]
PARTS += ["[EMAIL_ADDRESS_1]", "[EMAIL_ADDRESS_09]", "[IP_ADDRESS_99999]", "[HIDDEN_1]", "[PERSON_1]", "NAME_1", "<PRESIDIO_ANONYMIZED_PERSON>"]
PARTS += [
    "```\n",
    "~~~",
    "`",
    "\n",
    "\r\n",
    "\u2028",
    "\x85",
    "\xa0",
    "\u3000",
    "，",
    "。",
    "“",
    "”",
    "😀",
    "🏳️‍🌈",
    "𝒶",
    "é",
    "u\u0308",
    "ſ",
    "\u212a",
    "İ",
    "ı",
]
PARTS += [
    "ß",
    "ς",
    "中文",
    "４１１１",
    "１",
    "Straße@X.example",
    "STRASSE@x.example",
    "ANNA@EXAMPLE.ORG",
    "Ольга@Пример.рф",
    "version ",
    "server ",
    "my ssn is ",
]


def conversations(count: int, *, seed: int) -> list[list[str]]:
    chosen = random.Random(seed)
    return [[_text(chosen) for _ in range(chosen.randint(1, 3))] for _ in range(count)]


def _text(chosen: random.Random) -> str:
    return "".join(_part(chosen) + chosen.choice(["", "", " ", "\n", ", ", "😀", " ` "]) for _ in range(chosen.randint(1, 7)))


def _part(chosen: random.Random) -> str:
    part = chosen.choice(PARTS)
    place = chosen.randrange(len(part))
    changes = {
        "one sign else": part[:place] + chosen.choice(["😀", "é", "1", "-", " ", "A", ".", "@", ":", "k"]) + part[place + 1 :],
        "upper case": part.upper(),
        "cut": part[place:],
    }
    return chosen.choice([part, part, *changes.values()])
