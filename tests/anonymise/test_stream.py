"""Plain text as a stream: pieces end where nothing is cut in two, and one value keeps its placeholder through all of them."""

from __future__ import annotations

import io

import pytest

from sharelm.anonymise import stream
from sharelm.anonymise.stream import Options, anonymised_rows, anonymised_text
from sharelm.errors import ShareLMError

OPTIONS = Options(names=False, explain=False, digest=str)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BLOCK", 100)


def through(text: str) -> list[str]:
    return [piece for _, piece in anonymised_text(io.BytesIO(text.encode()), OPTIONS)]


@pytest.mark.usefixtures("small_blocks")
def test_a_value_has_one_placeholder_in_all_pieces() -> None:
    text = "anna@example.org wrote.\n\n" * 30 + "bob@example.org"
    pieces = through(text)
    assert len(pieces) > 5
    assert "".join(pieces) == "[EMAIL_ADDRESS_1] wrote.\n\n" * 30 + "[EMAIL_ADDRESS_2]"


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("text", ["x" * 1000, "word " * 200, "line\n" * 200, "para\n\n" * 100, "```\n" + "code\n" * 100, "é\r\n\r\n" * 90, ""])
def test_it_loses_nothing(text: str) -> None:
    assert "".join(through(text)) == text


@pytest.mark.usefixtures("small_blocks")
def test_it_does_not_cut_code_that_it_need_not_cut() -> None:
    text = "p" * 60 + "\n\n```\nPORT = '84.12.7.200'\n\nIP = '84.12.7.201'\n```\n"
    assert "".join(through(text)) == text


def test_sizes_add_up_to_the_file() -> None:
    rows = [b'{"text": "\xc3\xa9"}\n', b"\n", b'{"text": ""}']
    assert sum(size for size, _ in anonymised_rows(rows, OPTIONS)) == sum(map(len, rows))
    assert sum(size for size, _ in anonymised_text(io.BytesIO("éé".encode()), OPTIONS)) == 4


def test_text_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(ShareLMError):
        list(anonymised_text(io.BytesIO(b"a\xff"), OPTIONS))
