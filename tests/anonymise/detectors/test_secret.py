"""Secrets: known prefixes, private keys, passwords in links; what documentation writes in their place stays.

Every token is put together here, so that no scanner of repositories takes one for real.
"""

from __future__ import annotations

import pytest

from sharelm.anonymise.detectors import secret

BODY = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF3gH5jK7m"
UPPER = "Q3S7T5V2W7Y6Z4B3"
HEX = "0123456789abcdef" * 4
LONG = BODY * 3

TOKENS = [
    "AKIA" + UPPER,
    "ASIA" + UPPER,
    "ghp_" + BODY[:36],
    "github_pat_" + BODY[:22],
    "glpat-" + BODY[:20],
    "sk-" + BODY[:40],
    "sk-proj-" + BODY[:40],
    "sk-ant-" + BODY[:40],
    "sk_live_" + BODY[:24],
    "rk_test_" + BODY[:24],
    "xoxb-123456789012-" + BODY[:24],
    "AIza" + BODY[:35],
    "ya29." + BODY[:30],
    "hf_" + BODY[:34],
    "npm_" + BODY[:36],
    "pypi-" + BODY[:40],
    "SG." + BODY[:22] + "." + BODY[:40],
    "EAA" + BODY[:40],
    "shpat_" + HEX[:32],
    "dop_v1_" + HEX,
    "eyJ" + BODY[:20] + ".eyJ" + BODY[:20] + "." + BODY[:20],
    "123456789:AA" + BODY[:33],
    "SK" + HEX[:32],
    "gsk_" + LONG[:52],
    "xai-" + LONG[:80],
    "r8_" + BODY[:37],
    "pplx-" + LONG[:48],
    "nvapi-" + LONG[:64],
    "dckr_pat_" + BODY[:27],
    "lsv2_pt_" + HEX[:32] + "_" + HEX[:10],
    "tvly-dev-" + BODY[:32],
    "jina_" + LONG[:60],
    "tgp_v1_" + LONG[:43],
    "sk_" + HEX[:48],
    "ABIA" + UPPER,
    "1//0" + LONG[:60],
    "glft-" + BODY[:20],
    "xkeysib-" + HEX + "-" + BODY[:16],
    "key-" + HEX[:32],
    HEX[:32] + "-us12",
    "lin_api_" + BODY[:40],
    "ntn_" + LONG[:46],
    "PMAK-" + HEX[:24] + "-" + HEX[:34],
    "glsa_" + BODY[:32] + "_" + HEX[:8],
    "dapi" + HEX[:32],
    "hvs." + BODY[:24],
    "dp.pt." + LONG[:43],
    "pat" + BODY[:14] + "." + HEX,
    "sk.eyJ" + LONG[:50] + "." + BODY[:22],
    "ATATT3" + LONG,
    "ATBB" + BODY[:32],
    "figd_" + BODY[:40],
    "rubygems_" + HEX[:48],
    "oy2" + HEX[:43],
    "AGE-SECRET-KEY-1" + (UPPER * 4)[:58],
    "sntrys_" + LONG[:64],
    "HRKU-" + BODY[:40],
    "LTAI" + BODY[:20],
    "dt0c01." + UPPER + UPPER[:8] + "." + UPPER * 4,
    "EZAK" + LONG[:54],
    "FLWSECK_TEST-" + HEX[:32],
    "access-sandbox-01234567-89ab-cdef-0123-456789abcdef",
    "pul-" + HEX[:40],
    "shippo_live_" + HEX[:40],
    "tskey-auth-" + BODY[:30],
    "CFPAT-" + BODY + "abc",
    "nfp_" + BODY[:36],
    "pscale_tkn_" + BODY,
    "sbp_" + HEX[:40],
    "sb_secret_" + BODY[:24],
    "sq0atp-" + BODY[:22],
    BODY[:3] + "8Q~" + BODY[:34],
    BODY[:14] + ".atlasv1." + LONG[:64],
    "MTIz" + BODY[:20] + ".Gx4yZ8." + BODY[:38],
    "https://hooks.slack.com/services/T0123ABCD/B0456EFGH/" + BODY[:24],
    "https://discord.com/api/webhooks/123456789012345678/" + LONG[:68],
    "https://example.webhook.office.com/webhookb2/" + HEX[:36] + "@" + HEX[:36] + "/IncomingWebhook/" + HEX[:32],
    "https://hooks.zapier.com/hooks/catch/1234567/" + BODY[:7],
]
KEY = f"-----BEGIN RSA PRIVATE KEY-----\n{BODY}\n{BODY}\n-----END RSA PRIVATE KEY-----"

PASSWORDS = [
    ("DATABASE_URL=postgresql://app:9fX2w@db.example.org:5432/shop", ["postgresql://app:9fX2w@db.example.org:5432/shop"]),
    ("redis://:9fX2w@10.0.0.7:6379, mongodb+srv://u:q8Zt@c.example/x", ["redis://:9fX2w@10.0.0.7:6379", "mongodb+srv://u:q8Zt@c.example/x"]),
    ("https://anna:9fX2w@example.org/x", ["https://anna:9fX2w@example.org/x"]),
    ("Server=db;User Id=app;Password=9fX2w;", ["9fX2w"]),
    (f"DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={LONG[:86]}==;EndpointSuffix=x", [f"{LONG[:86]}=="]),
    (f"Endpoint=sb://shop.example/;SharedAccessKeyName=all;SharedAccessKey={LONG[:43]}=", [f"{LONG[:43]}="]),
]

NEAR_MISSES = [
    "AKIA" + UPPER[:15],
    "AKIA" + UPPER + "X",
    "ghp_" + "x" * 36,
    "ghp_" + BODY[:29],
    "sk-your-key-goes-right-here-please",
    "sk-" + BODY[:19],
    "task_live_" + BODY[:24],
    "SG." + BODY[:22],
    "eyJ" + BODY[:20],
    "dop_v1_" + HEX[:63],
    "-----BEGIN PUBLIC KEY-----\n" + BODY,
    "it starts with -----BEGIN PRIVATE KEY----- and then comes the key",
    "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
    "postgresql://user:password@localhost/db",
    "postgresql://app:${DB_PASSWORD}@localhost/db",
    "postgresql://app@localhost/db",
    "https://example.org:8080/a@b",
    "Server=db;Password=changeme;",
    "password = getpass()",
    "d41d8cd98f00b204e9800998ecf8427e",
    "gsk_" + "x" * 52,
    "gsk_" + BODY[:39],
    "disk-" + LONG[:48],
    "path/to.a" + HEX[:20],
    "en-us, de-at",
    HEX[:31] + "-us12",
    "key-value",
    "1//0 is a division",
    "AccountKey=your-account-key-goes-here",
    "https://hooks.slack.com/services/T00000000/B00000000/" + "X" * 24,
    "https://discord.com/api/webhooks/{id}/{token}",
    "https://discord.com/developers/docs/resources/webhook",
    "MTIz" + BODY[:10] + ".Gx4yZ8." + BODY[:38],
    "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----",
]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("pattern", ["{}", "key={}", "'{}', '{}'", "Bearer {}\n"])
def test_it_finds_tokens_by_their_prefix(token: str, pattern: str) -> None:
    assert found(pattern.replace("{}", token)) == [token] * pattern.count("{}")


@pytest.mark.parametrize(("text", "expected"), PASSWORDS)
def test_it_finds_connections_with_a_password(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_it_finds_private_keys_as_a_whole() -> None:
    assert found(f"{KEY}\n\n{KEY}") == [KEY, KEY]
    assert found(KEY.replace("\n", "\\n")) == [KEY.replace("\n", "\\n")]


def test_it_finds_private_keys_with_headers_and_without_their_end() -> None:
    headed = KEY.replace("KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B2C\n\n", 1)
    assert found(headed) == [headed]
    cut_short = KEY[: KEY.index("-----END")].rstrip()
    assert found(cut_short) == [cut_short]


@pytest.mark.parametrize("body", ["MIIEow", "MIIEowIBAAKCAQ==", "MIIEowIB...", f"{BODY}\n…"])
def test_it_finds_private_keys_of_which_only_a_little_is_there(body: str) -> None:
    key = f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"
    assert found(key) == [key]


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_it_leaves_what_only_looks_like_a_secret(text: str) -> None:
    assert found(text) == []


def found(text: str) -> list[str]:
    spans = list(secret.find(text))
    assert {span.entity_type for span in spans} <= {"SECRET"}
    return [text[span.start : span.end] for span in spans]
