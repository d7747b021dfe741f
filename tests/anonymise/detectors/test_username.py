"""User names and handles where words speak of them; decorators, packages and ordinary words stay."""

from __future__ import annotations

import pytest

from sharelm.anonymise.detectors import username

HITS = [
    ("the wifi, login ana-beatriz83. Also", ["ana-beatriz83"]),
    ("login diasvinicius. Also", ["diasvinicius"]),
    ("username: maxpower", ["maxpower"]),
    ("my username is annameyer and I forgot", ["annameyer"]),
    ("user name: anna_m, password: x", ["anna_m"]),
    ("my handle is @jo_k", ["jo_k"]),
    ("my gamertag is xXslayerXx", ["xXslayerXx"]),
    ("add me on Discord: jess#1234", ["jess#1234"]),
    ("my insta is jess.k.92", ["jess.k.92"]),
    ("follow me @jessk", ["jessk"]),
    ("telegram @annam", ["annam"]),
    ("skype live:anna.m", ["live:anna.m"]),
    ("posted by u/anna_m on reddit", ["anna_m"]),
    ("Benutzername lautet anna_m", ["anna_m"]),
    ("nom d'utilisateur : jdupont", ["jdupont"]),
    ("nombre de usuario: pepe77", ["pepe77"]),
    ("nome utente: luca.b", ["luca.b"]),
    ("gebruikersnaam: jan_v", ["jan_v"]),
    ("nazwa użytkownika: kasia88", ["kasia88"]),
    ("Add me on discord: annameyer", ["annameyer"]),
    ("You can find me on Instagram as anna.meyer!", ["anna.meyer"]),
    ("Ticket 8: user annameyer15 cannot log in", ["annameyer15"]),
    ("user anna_1987 is gone", ["anna_1987"]),
]

NEAR_MISSES = [
    "add me on discord please",
    "Filename or file handle to read.",
    "Use LOGIN authentication.",
    "I'm on Twitter as a beginner",
    "user input12 is empty",
    "user id12345",
    "the user ROLE_42 may",
    "users 1234 and 5678",
    "@app.route('/')",
    "follow @property decorators, use @app.route and @media queries",
    "@pytest.fixture\ndef user(): ...",
    "    @test.support.cpython_only\n    def test_user(self): ...",
    "npm i @types/node, follow the docs",
    "* fixed by [@anna](https://github.com/anna) in #12, follow up",
    "pypa/pip#8761",
    "please login here.",
    "login with google, login failed, login page",
    "username or email is required",
    "- `username`: optional username if included",
    "ftps.login()  # login anonymously before securing",
    "how to handle conflicts",
    "on twitter people say, the best discord server",
    "x = foo_bar",
    "-u/--unit: set the unit",
    "user id",
    "lambda x: x.split",
    "C#1234",
]


@pytest.mark.parametrize(("text", "expected"), HITS)
def test_it_finds_user_names(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_it_leaves_what_only_looks_like_a_user_name(text: str) -> None:
    assert found(text) == []


def test_it_compares_handles_with_and_without_the_sign() -> None:
    assert username.normalise("@Jess") == username.normalise("jess")


def found(text: str) -> list[str]:
    spans = list(username.find(text))
    assert {span.entity_type for span in spans} <= {"USERNAME"}
    return [text[start:end] for start, end in sorted({(span.start, span.end) for span in spans})]
