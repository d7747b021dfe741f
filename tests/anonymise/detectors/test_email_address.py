"""E-mail addresses: what is found, and what has an @ and is none."""

from __future__ import annotations

import pytest

from sharelm.anonymise.detectors import email_address

HITS = [
    ("anna@example.org", ["anna@example.org"]),
    ("write to anna.meyer+news@mail.example.co.uk.", ["anna.meyer+news@mail.example.co.uk"]),
    ("a@b.example, c@d.example", ["a@b.example", "c@d.example"]),
    ("jürgen@müller.example asked", ["jürgen@müller.example"]),
    ("анна@пример.рф", ["анна@пример.рф"]),
    ("<mailto:o'neil@example.org>", ["o'neil@example.org"]),
    ("See ...anna@example.org!", ["anna@example.org"]),
    ("anna@xn--mller-kva.xn--p1ai ok", ["anna@xn--mller-kva.xn--p1ai"]),
    ("ssh anna@host.example.org", ["anna@host.example.org"]),
    ("git@example.org is our mailbox", ["git@example.org"]),
    ("https://anna@example.org/x", ["anna@example.org"]),
    ("anna (at) example (dot) org", ["anna (at) example (dot) org"]),
    ("anna[at]example.org please", ["anna[at]example.org"]),
    ("anna at example dot com", ["anna at example dot com"]),
    ("anna dot meyer at example dot com", ["anna dot meyer at example dot com"]),
    ("schreib an anna punkt meyer at example punkt de", ["anna punkt meyer at example punkt de"]),
    ("mario punto rossi chiocciola example punto com", ["mario punto rossi chiocciola example punto com"]),
    ("es ana.ruiz arroba example.com, gracias", ["ana.ruiz arroba example.com"]),
    ("ana underscore ruiz arroba example punto es", ["ana underscore ruiz arroba example punto es"]),
    ("jean point petit arobase example point fr", ["jean point petit arobase example point fr"]),
    ("max ät example punkt de", ["max ät example punkt de"]),
    ("skriv till max.berg\u00a0ät\u00a0example.se", ["max.berg\u00a0ät\u00a0example.se"]),
    ("anna.meyer (\nat) example.org", ["anna.meyer (\nat) example.org"]),
    ("jan kropka nowak małpa example kropka pl", ["jan kropka nowak małpa example kropka pl"]),
    ("piet apenstaartje example punt nl", ["piet apenstaartje example punt nl"]),
    ("anna＠example．org", ["anna＠example．org"]),
    ("anna．meyer@example．org", ["anna．meyer@example．org"]),
]

NEAR_MISSES = [
    "git@github.com:owner/name.git",
    "ssh://git@gitlab.example.org/owner/name",
    "@app.route",
    "@dataclass",
    "npm install react@18.2.0",
    "actions/checkout@v4",
    "q@k.transpose(0, 1)",
    "a@b",
    "anna@",
    "@anna hi",
    "anna@example",
    "anna@@example.org",
    "x @ y.shape",
    "meet me at home",
    "the dot at the end",
    "postgres://user:password@db.example.org/x",
    "user@10.0.0.7",
    "anna@example.o",
    "at this point in time",
    "we arrived at some point in May",
    "una arroba de trigo",
    "la chiocciola del giardino",
    "arroba example punto com",
    "＠example．org",
    "anna ＠ home",
]


@pytest.mark.parametrize(("text", "expected"), HITS)
def test_it_finds_e_mail_addresses(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_it_leaves_what_only_looks_like_an_e_mail_address(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("value", "same"),
    [
        ("Anna@Example.ORG", "anna@example.org"),
        ("anna (at) example (dot) org", "anna@example.org"),
        ("anna at example dot com", "anna@example.com"),
        ("Mario punto Rossi chiocciola example punto it", "mario.rossi@example.it"),
        ("Ａnna＠example．org", "anna@example.org"),
    ],
)
def test_it_compares_spellings_of_one_address(value: str, same: str) -> None:
    assert email_address.normalise(value) == same


def found(text: str) -> list[str]:
    spans = list(email_address.find(text))
    assert {span.entity_type for span in spans} <= {"EMAIL_ADDRESS"}
    return [text[span.start : span.end] for span in sorted(spans, key=lambda span: span.start)]
