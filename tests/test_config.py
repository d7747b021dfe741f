"""Settings: read once, one sentence where one is wrong, documented where people look."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields

import pytest

from sharelm.config import CHECKOUT, Config
from sharelm.errors import ConfigError

WRONG = [
    {"PORT": "eighty"},
    {"PORT": "70000"},
    {"SHARELM_HOLD_HOURS": "-1"},
    {"SHARELM_HOLD_HOURS": "1.5"},
    {"SHARELM_SECRET": "short"},
    {"SHARELM_JOBS": "maybe"},
    {"SHARELM_REVIEW": "never"},
    {"DATABASE_URL": "mysql://localhost/x"},
    {"DATABASE_URL": "postgresql://user:pa/ss@host:port/x"},
    {"DATABASE_URL": "sqlite:///:memory:"},
    {"SHARELM_PUBLIC_URL": "http://[x"},
    {"SHARELM_PUBLIC_URL": "example.org"},
    {"SHARELM_PUBLIC_URL": "https://example.org/path"},
    {"HOST": "0.0.0.0"},
    {"FLASK_DEBUG": "1", "HOST": "0.0.0.0", "SHARELM_PUBLIC_URL": "https://example.org"},
    {"SHARELM_SECRET_FILE": "/nowhere/at/all"},
    {"SHARELM_UPLOADS_PER_MINUTE": "0"},
    {"HF_ENDPOINT": "huggingface.co"},
    {"SHARELM_RELEASE_CRON": "monthly"},
    {"SHARELM_RELEASE_CRON": "0 24 * * *"},
]


@pytest.mark.parametrize("environ", WRONG, ids=lambda environ: next(iter(environ.items()))[0])
def test_it_stops_with_one_sentence_that_names_the_setting_and_not_its_value(environ):
    with pytest.raises(ConfigError) as problem:
        Config.from_environment(environ)
    sentence = problem.value.message
    name, value = next(iter(environ.items()))
    assert name.removesuffix("_FILE") in sentence
    assert "\n" not in sentence
    assert value not in sentence.replace("example.org", "") or len(value) < 4


@pytest.mark.parametrize(
    ("given", "used"), [("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"), ("postgresql://h/d", "postgresql+psycopg://h/d")]
)
def test_it_rewrites_database_addresses_to_psycopg(given, used):
    assert Config.from_environment({"DATABASE_URL": given}).sqlalchemy_url == used


def test_it_reads_secrets_from_files(tmp_path):
    (tmp_path / "secret").write_text("x" * 40 + "\n")
    assert Config.from_environment({"SHARELM_SECRET_FILE": str(tmp_path / "secret")}).secret == "x" * 40


def test_it_knows_its_own_address():
    assert Config.from_environment({"PORT": "8123"}).public_url == "http://127.0.0.1:8123"
    assert Config.from_environment({"HOST": "::1"}).public_url == "http://[::1]:8000"
    assert Config.from_environment({"HOST": "0.0.0.0", "SHARELM_PUBLIC_URL": "https://a.example/"}).public_url == "https://a.example"


def test_the_settings_page_lists_every_setting_with_its_default():
    page = (CHECKOUT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", page, re.MULTILINE))
    expected = {field.metadata["name"]: f"`{default}`" if (default := field.metadata["default"]) else "" for field in fields(Config)}
    assert rows == expected


def run(*command: str, environ: dict[str, str], cwd=CHECKOUT) -> subprocess.CompletedProcess[str]:
    path = {"PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *command], cwd=cwd, env=path | environ, capture_output=True, text=True, check=False
    )


def test_a_wrong_setting_ends_every_command_with_one_sentence_and_exit_code_2(tmp_path):
    done = run("config", "check", environ={"PORT": "x", "SHARELM_INSTANCE": str(tmp_path)})
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_postgres_without_a_secret_ends_with_exit_code_2(tmp_path):
    done = run("config", "check", environ={"DATABASE_URL": "postgresql://127.0.0.1:1/x", "SHARELM_INSTANCE": str(tmp_path)})
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "SHARELM_SECRET" in done.stderr


def test_a_database_that_does_not_answer_ends_with_exit_code_2(tmp_path):
    environ = {"DATABASE_URL": "postgresql://127.0.0.1:1/x", "SHARELM_SECRET": "x" * 32, "SHARELM_INSTANCE": str(tmp_path)}
    done = run("config", "check", environ=environ)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_sqlite_on_a_disk_that_does_not_last_is_refused(tmp_path):
    done = run("config", "check", environ={"DYNO": "web.1", "SHARELM_INSTANCE": str(tmp_path)})
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_commands_that_need_no_database_touch_nothing(tmp_path):
    folder = tmp_path / "untouched"
    environ = {"SHARELM_INSTANCE": str(folder), "DATABASE_URL": "postgresql://127.0.0.1:1/x"}
    assert run("--help", environ=environ).returncode == 0
    assert run("release", "verify", "--help", environ=environ).returncode == 0
    assert run("anonymise", "README.md", environ=environ).returncode == 0
    assert not folder.exists()


def test_other_commands_make_what_is_missing_with_a_private_secret(tmp_path):
    folder = tmp_path / "deep" / "instance"
    assert run("config", "check", environ={"SHARELM_INSTANCE": str(folder)}).returncode == 0
    assert (folder / "secret").stat().st_mode & 0o777 == 0o600
    first = (folder / "secret").read_text()
    assert run("job", "list", environ={"SHARELM_INSTANCE": str(folder)}).returncode == 0
    assert (folder / "secret").read_text() == first
