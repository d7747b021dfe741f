"""The lists of names: each has a stated source, is written as it is compared, and stays small."""

from __future__ import annotations

from sharelm.anonymise.detectors.person_lists import ANY_FIRST, COMMON, FOLDER, LAST, NOT_NAME, WORD, kind_of, read_list

LISTS = sorted(FOLDER.glob("*.txt"))


def test_every_list_says_where_it_is_from() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert LISTS
    for path in LISTS:
        assert f"`{path.name}`" in readme
        assert path.read_text(encoding="utf-8").startswith("#")


def test_every_word_is_in_lower_case_and_stands_once() -> None:
    for path in LISTS:
        words = list(read_list(path.name))
        assert words == [word.lower() for word in words]
        assert len(words) == len(set(words))


def test_the_lists_stay_below_a_megabyte() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_000_000


def test_a_word_can_be_several_things() -> None:
    assert kind_of("Anna") & COMMON
    assert kind_of("Rose") & ANY_FIRST
    assert kind_of("Rose") & WORD
    assert kind_of("Kowalski") == LAST
    assert kind_of("Python") & NOT_NAME
    assert kind_of("Tries") == WORD
    assert kind_of("Jean-Pierre") & ANY_FIRST
    assert kind_of("Müller") & LAST == kind_of("Muller") & LAST
    assert kind_of("Xqzw") == 0
