"""Passwords and keys by the words around them; names, expressions and stand-ins stay."""

from __future__ import annotations

import pytest

from sharelm.anonymise.detectors import credential

HITS = [
    ("Password for the wifi is Sunny2961!, login", ["Sunny2961!"]),
    ("das Passwort lautet Sommer2024!", ["Sommer2024!"]),
    ("mot de passe : Soleil99", ["Soleil99"]),
    ("la contraseña es Gato#4711", ["Gato#4711"]),
    ("my pin is 4821", ["4821"]),
    ("password: qwerty8115@@", ["qwerty8115@@"]),
    ("AWS_SECRET=MwHO+AdF5CDuJu2VDaV+256PCLB8dQqlm1ynrfXA", ["MwHO+AdF5CDuJu2VDaV+256PCLB8dQqlm1ynrfXA"]),
    ('"api_key": "a8f5f167f44f4964e6c998dee827110c"', ["a8f5f167f44f4964e6c998dee827110c"]),
    ("client_secret => 'q9X-27ab.z1'", ["q9X-27ab.z1"]),
    ("DB_PASSWORD=hunter2x\nPORT=80", ["hunter2x"]),
    ("mysql --password=s3cr3tPw -u root", ["s3cr3tPw"]),
    ("Authorization: Bearer 0wBe/TgZLmc7VMPENbYFZSbWoQpXqH8wrpsIhKUR", ["0wBe/TgZLmc7VMPENbYFZSbWoQpXqH8wrpsIhKUR"]),
    ("the blob 7tnmODUVhEK32yk0mHkHuPKrAzX4j6qs4C and", ["7tnmODUVhEK32yk0mHkHuPKrAzX4j6qs4C"]),
    ("wifi password is 0_bY7Y!iQo)Q, how", ["0_bY7Y!iQo)Q"]),
    ("(the password is Sunny2961!)", ["Sunny2961!"]),
    ("Mi contraseña es )#6SfzYNYReS", [")#6SfzYNYReS"]),
    ("curl -u anna:&!fENMwepA3I https://x.example/api", ["&!fENMwepA3I"]),
    ("my wifi pass is BlueHorse77", ["BlueHorse77"]),
    ("our gate code is 2580#", ["2580#"]),
    ("curl -u admin:S3cretPw https://x.example/api", ["S3cretPw"]),
    ("AccountKey=Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZg==;", ["Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZg=="]),
]

NEAR_MISSES = [
    "password = getpass()",
    "password = lexer.get_token()",
    "password = os.environ['DB_PASSWORD']",
    "token: str = None",
    "# the password is make_password(12)",
    "the password is [SECRET_1] or {pass1}",
    "[the password is](reset1.html)",
    "tokens = 5000, token_limit=4096",
    "api_key=YOUR_KEY",
    'api_key = "your-api-key-1"',
    "api_key=sk-xxxx1234",
    "secret = settings.SECRET_KEY_2",
    '{"password": "string"}',
    "PASSWORD=${DB_PASSWORD1}",
    "password must have 8characters",
    "The password is incorrect. Set password to something strong.",
    "The token is expired. The secret is out.",
    "key=value",
    "commit 3f2a9c1d8e7b6a5f4c3d2e1f0a9b8c7d6e5f4a3b",
    "sha256-Vq3x1QmLz8pB5nR2sT7uW0yK4jH6gF9dC1aE3bN8oXI=",
    "550e8400-e29b-41d4-a716-446655440000",
    "test_that_it_returns_404_when_there_is_no_user_2",
    "src/components/Button2/index3/Primary4Button",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA111",
    "aW5nWE5TT2JqZWN0ohobXxAPT0NfUHl0aG9u\n  U3RyaW5nWE5TU3RyaW5nXxAPTlNLZXllZEFyY2hpdmVy0R4fVHJvb3SAAQAI\n  ABEAGgAjAC0",
    "pin 5 of the connector is 3.3",
]


@pytest.mark.parametrize(("text", "expected"), HITS)
def test_it_finds_credentials(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_it_leaves_what_only_looks_like_a_credential(text: str) -> None:
    assert found(text) == []


def test_entropy_counts_bits_per_character() -> None:
    assert credential.entropy("aaaa") == 0
    assert credential.entropy("abcd") == 2


def found(text: str) -> list[str]:
    spans = {(span.start, span.end) for span in credential.find(text)}
    return [text[start:end] for start, end in sorted(spans)]
