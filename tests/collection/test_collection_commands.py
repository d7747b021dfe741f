"""`flask --app app collection …` with an empty instance folder: no server, no database, no secret."""

from __future__ import annotations

import json

import pytest

from sharelm import create_app
from sharelm.cli.collection import Anonymiser
from sharelm.collection.sources import NAMES, SOURCES
from sharelm.config import Config
from sharelm.vocabulary import Role
from tests.collection.made import FIXTURES, rows_of
from tests.release.hub import Repo, hub_stub


def command(instance, *words, **environment):
    app = create_app(Config.from_environment({"SHARELM_INSTANCE": str(instance), "SHARELM_NAMES": "off", **environment}))
    return app.test_cli_runner().invoke(args=["collection", *map(str, words)])


def test_the_list_names_every_source_with_licence_rows_and_the_way_to_it(tmp_path):
    said = command(tmp_path, "list").output
    for source in SOURCES:
        assert all(words in said for words in (source.name, source.licence, source.rows_told, source.how))
    assert NAMES == (
        "hh-rlhf", "babi-dialog", "self-feeding", "collective-cognition", "prism", "wildchat", "lmsys-chat-1m", "chatbot-arena", "sharegpt", "oasst",
    )  # fmt: skip


def test_it_makes_what_it_needs_in_the_instance_and_nothing_else(tmp_path):
    done = command(tmp_path / "new", "import", "lmsys-chat-1m", FIXTURES / "lmsys_chat_1m.parquet")
    assert done.exit_code == 0
    assert "1 rows in, 1 conversations out" in done.output
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["collection"]
    assert len(rows_of(tmp_path / "new" / "collection" / "lmsys-chat-1m" / "default")) == 1


def test_out_is_where_it_goes(tmp_path):
    command(tmp_path / "new", "import", "sharegpt", FIXTURES / "sharegpt.json", "--out", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["rows_out"] == 1
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("import", "nothing", "x"), "There is no such source"),
        (("import", "sharegpt", "./nowhere"), "One of the paths is not there"),
        (("import", "sharegpt", FIXTURES / "sharegpt.json", "--scheduler", "tcp://x:1"), "--scheduler goes with"),
        (("import", "prism", FIXTURES / "prism_survey.jsonl"), "None of the files holds conversations"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path, words, sentence):
    done = command(tmp_path, *words)
    assert (done.exit_code, sentence in done.output, "Traceback" in done.output) == (1, True, False)


def test_anonymise_says_when_names_are_looked_for_by_rules_alone(tmp_path):
    done = command(tmp_path, "import", "sharegpt", FIXTURES / "sharegpt.json", "--anonymise")
    assert "by rules alone" in done.output
    assert json.loads((tmp_path / "collection" / "sharegpt" / "manifest.json").read_text())["anonymised"] is True


def test_the_anonymiser_is_that_of_contributions():
    texts, count = Anonymiser(False)(["My mail is eve@example.org"], [Role.USER])
    assert (list(texts), count) == (["My mail is [EMAIL_ADDRESS_1]"], 1)


@pytest.fixture
def hub():
    with hub_stub() as hub:
        hub.repos["HannahRoseKirk/prism-alignment"] = Repo()
        hub.repos["HannahRoseKirk/prism-alignment"].commit(
            {name.removeprefix("prism_"): (FIXTURES / name).read_bytes() for name in ("prism_conversations.jsonl", "prism_survey.jsonl")}
            | {"utterances.jsonl": b"{}", "README.md": b"x"}
        )
        yield hub


def test_a_dataset_of_the_hub_is_fetched_with_the_users_token(tmp_path, hub):
    words = ("import", "prism", "HannahRoseKirk/prism-alignment")
    done = command(tmp_path, *words, HF_ENDPOINT=hub.address, HF_TOKEN=hub.token)
    assert done.exit_code == 0, done.output
    assert rows_of(tmp_path / "collection" / "prism" / "default")[0]["user_metadata"]["location"] == "Chile"
    assert not any("utterances" in line for line in hub.asked)  # only what is read is fetched


@pytest.mark.parametrize(("status", "code", "sentence"), [(403, "GatedRepo", "is gated: accept its terms"), (404, "RepoNotFound", "has no dataset")])
def test_what_the_hub_refuses_is_said_with_the_way_out(tmp_path, hub, status, code, sentence):
    from tests.release.hub import Fault

    hub.faults.append(Fault("GET /api/datasets", status, times=9, headers={"X-Error-Code": code}))
    done = command(tmp_path, "import", "prism", "HannahRoseKirk/prism-alignment", HF_ENDPOINT=hub.address, HF_TOKEN=hub.token)
    assert (done.exit_code, sentence in done.output) == (1, True), done.output
    assert hub.token not in done.output
