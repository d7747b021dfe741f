"""Numbers of houses with a name beside them that can be a street's, and how sure the words make it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sharelm.anonymise.detectors import street_words as words
from sharelm.anonymise.entry import digits_are_ascii

# The digit stands before the look behind it, so that Python can skip to digits.
_NUMBER = re.compile(
    r"\d(?:(?<![\w.,:/$€£#@=+\-]\d)|(?<=str\.\d)|(?<=[^\W\d_],\d))\d{0,5}(?:[ ]?[A-Za-z](?![^\W_]))?(?:[ ]?[\-/–][ ]?\d{1,4}[A-Za-z]?)?"
    r"(?!\w|[.:]\d|[ ]?[%€$£])"
)
_NUMBER_IN_ASCII = re.compile(_NUMBER.pattern.replace(r"\d", "[0-9]", 1))  # what Python skips to in half the time
_WITHOUT_NUMBER = re.compile(r"s/n(?<= s/n)\b")
_FIRST_BEHIND = r",?[ ](?:(?:bis|ter|quater)[ ,]{1,2})?(?=\d{0,3}[^\W\d_])"
_WORD_BEHIND = re.compile(rf"{_FIRST_BEHIND}(?P<word>[^\W_][\w'’.\-]{{0,29}})")
_WORDS_BEHIND = re.compile(rf"{_FIRST_BEHIND}(?P<words>[^\W_][\w'’.\-]{{0,29}}(?:[ ][^\W_][\w'’.\-]{{0,29}}){{0,5}})")
_DIRECTION = re.compile(r"\.?(?:[ ](?:[NSEW]|NE|NW|SE|SW|[Nn]orth|[Ss]outh|[Ee]ast|[Ww]est)\b)?")
_SECOND_NUMBER = re.compile(r"\d{1,5}[A-Za-z]?\.?")
_ABBREVIATION_OF_NUMBER = re.compile(r"(?:,|(?<=\s))[ ]?(?:n[ro°º]?[.°º]?|num\.?|número|numero|civico|no:|nr:|д\.|дом|č\.)\Z", re.IGNORECASE)
_END_OF_ABBREVIATION = frozenset(".,:°ºorRmMnN")
_YEAR = re.compile(r"(?:19|20)\d\d")
# "Chapter 5 The Long Road", "Top 10 Hidden Trail".
_COUNTED = words.small_words(
    "chapter figure fig fig. table season episode part top page version level step day week volume vol vol. act scene book grade class round"
    " game phase lesson about over than the all of next last first"
)
_MOST_BEFORE = 90  # characters
_MOST_WORDS_BEFORE = 8
_LONGEST_ABBREVIATION = 4
_NEVER_FIRST = words.STOP_WORDS | words.NOT_STREETS
_WORDS_FOR_STREET = words.SURE_AFTER_NAME | words.UNSURE_AFTER_NAME
_WORDS_BEFORE_NAME = words.SURE_BEFORE_NAME | words.UNSURE_BEFORE_NAME
_SURE_TAILS = frozenset(ending[-3:] for ending in words.SURE_ENDINGS)


@dataclass(frozen=True, slots=True)
class Candidate:
    """`text[start:end]` with its number. Where `only_proved`, nothing but what follows can make it an address."""

    start: int
    end: int
    is_sure: bool = False
    is_sure_before_town: bool = False
    only_proved: bool = False
    in_small_letters: bool = False


def candidates(text: str, number: re.Match[str]) -> Iterator[Candidate]:
    """What stands beside this number."""
    before = _before(text, number.start())
    if before and before[-1].lower() in _COUNTED:
        return
    if text[number.start()] != "s" and not _is_never_first(text, number.end()):
        yield from _name_behind(text, number)
    if before:
        yield from _name_before(text, number, before)


def numbers(text: str) -> Iterator[re.Match[str]]:
    pattern = _NUMBER_IN_ASCII if digits_are_ascii(text) else _NUMBER
    if "s/n" not in text:
        return pattern.finditer(text)
    found = list(pattern.finditer(text))
    taken = {number.end() - 1 for number in found}  # "12 s/n": the letter belongs to the number
    without = (match for match in _WITHOUT_NUMBER.finditer(text) if match.start() not in taken)
    return iter(sorted([*found, *without], key=re.Match.start))


def _before(text: str, start: int) -> list[str]:
    """The words of the line right before the number, without "no." and the comma that may stand there."""
    if not start or text[start - 1] == "\n":
        return []
    line = text[max(text.rfind("\n", max(0, start - _MOST_BEFORE), start) + 1, start - _MOST_BEFORE) : start]
    line = line.rstrip(" ")
    if not "a" <= line[-1:] <= "z" and line.lower() == line.upper():  # numbers and signs: no word that is looked for
        return []
    if line[-1:] in _END_OF_ABBREVIATION:
        line = line[:-12] + _ABBREVIATION_OF_NUMBER.sub("", line[-12:])
    line = line.rstrip(" ,")
    return line.rpartition(", ")[2].rsplit(" ", _MOST_WORDS_BEFORE)[-_MOST_WORDS_BEFORE:] if line and line[-1] not in ';:!?)]}"' else []


def _name_behind(text: str, number: re.Match[str]) -> Iterator[Candidate]:
    """ "12 Baker Street", "12 rue de la Paix", and "71 Paraguay 87" in front of a flat or a post code."""
    behind = _WORDS_BEHIND.match(text, number.end())
    if behind is None:
        return
    names = behind["words"].split(" ")
    lower = behind["words"].lower().split(" ")
    first = behind.start("words")
    is_small = behind["words"].islower()
    if lower[0] in words.BEFORE_NAME_IN_FRENCH and len(names) > 1:
        yield Candidate(
            number.start(),
            _end_of_french(text, first, names),
            is_sure=not is_small and names[1].lower() not in words.STOP_WORDS,
            in_small_letters=is_small,
        )
        return
    if lower[0].strip(".,") in _NEVER_FIRST:
        return
    at = next((i for i in range(1, len(names)) if lower[i].rstrip(".") in _WORDS_FOR_STREET), None)
    if at is not None and _is_name(names[:at]):
        end = first + len(" ".join(names[: at + 1]))
        direction = _DIRECTION.match(text, end)
        is_sure = (
            not is_small
            and lower[at].rstrip(".") in words.SURE_AFTER_NAME
            and all(map(_may_be_in_a_name, names[:at]))
            and not _YEAR.fullmatch(number[0])
        )
        yield Candidate(number.start(), direction.end() if direction else end, is_sure=is_sure, in_small_letters=is_small)
    elif _is_name(names) and (text[number.end()] == " " or not any(map(_SECOND_NUMBER.fullmatch, names))):
        yield from _plain(text, number.start(), first, names)


def _is_never_first(text: str, at: int) -> bool:
    """Whether a word stands there that no street begins with: most numbers have one behind them, and reading on takes longer."""
    first = _WORD_BEHIND.match(text, at)
    if first is None:
        return True
    lower = first["word"].lower()
    return lower.strip(".,") in _NEVER_FIRST and lower not in words.BEFORE_NAME_IN_FRENCH


def _plain(text: str, start: int, first: int, names: list[str]) -> Iterator[Candidate]:
    """A name without a word for street, up to a flat, a comma or the end of the line."""
    unit = next((i for i in range(1, len(names)) if names[i].lower().rstrip(".") in words.UNIT_WORDS), None)
    second = next((i for i in range(1, len(names)) if _SECOND_NUMBER.fullmatch(names[i])), None)
    at = min((i for i in (unit, second + 1 if second else None) if i is not None), default=len(names))
    end = first + len(" ".join(names[:at]))
    if at < len(names) or text[end : end + 1] in {",", "\n", "\r"} or text[end : end + 2] in {" ,", " \n"}:
        yield Candidate(start, end, only_proved=True, in_small_letters=" ".join(names[:at]).islower())


def _end_of_french(text: str, first: int, names: Sequence[str]) -> int:
    """Capitals and small words; where all is small, the two words that follow at most."""
    taken, last = 1, 1
    for name in names[1:]:
        taken += 1
        if name[:1].isupper() or "'" in name or "’" in name or name[:1].isdecimal():
            last = taken
        elif name.lower() not in words.PARTICLE_WORDS:
            break
        if name.endswith(".") and len(name) > 4:
            break
    if last == 1:
        plain = [name for name in names[1:] if name.lower() not in words.STOP_WORDS]
        last = 1 + min(len(plain), 3)
    return first + len(" ".join(names[:last]).rstrip("."))


def _name_before(text: str, number: re.Match[str], before: list[str]) -> Iterator[Candidate]:
    """ "Hauptstraße 5", "Andrássy út 60", "Calle Mayor 12", "Am Markt 3", and "Lindenhof 5" in front of a post code."""
    last = before[-1].lower()
    is_small = " ".join(before[-2:]).islower()
    if (
        last[-3:] in _SURE_TAILS
        and last.endswith(words.SURE_ENDINGS)
        and len(last) >= 5
        and last not in words.SURE_AFTER_NAME
        and before[-1][0].isalpha()
    ):
        is_name = last not in words.NOT_STREETS and not _is_english_word(last)
        yield _candidate(number, _capitals_before(before), is_sure=is_name and not is_small, is_sure_before_town=is_name, in_small_letters=is_small)
    elif last in words.BEHIND_NAME and len(before) > 1 and before[-2][:1].isupper():
        yield _candidate(number, _capitals_before(before), is_sure=True)
    elif last in words.BEHIND_NAME and len(before) > 2 and before[-3][:1].isupper() and before[-3].isalpha() and before[-2].isalpha():
        yield _candidate(number, before[-3:], is_sure_before_town=True)  # "Ady endre utca 150"
    else:
        yield from _word_before(number, before)


def _word_before(number: re.Match[str], before: list[str]) -> Iterator[Candidate]:
    lower = [word.lower() for word in before[:-1]]
    is_there = not _WORDS_BEFORE_NAME.isdisjoint(lower) or "c/" in " ".join(lower)
    for i in range(len(lower) - 1, -1, -1) if is_there else ():
        word = lower[i]
        if word in _WORDS_BEFORE_NAME or word.startswith("c/"):
            name = before[i + 1 :]
            if not _is_name([part for part in name if part.lower() not in words.PARTICLE_WORDS]):  # "do" is English, too
                break
            is_capital = any(part[:1].isupper() for part in name)
            is_sure = word not in words.UNSURE_BEFORE_NAME or (i > 0 and before[i] == "Via")
            yield _candidate(
                number,
                before[i:],
                is_sure=is_sure and is_capital,
                is_sure_before_town=before[i][0].isupper() and is_capital,
                in_small_letters=not is_capital,
            )
            return
    if before[-1][:2].lower() == "c/" and len(before[-1]) > 4:
        yield _candidate(number, before[-1:], is_sure=True)
    elif len(before[-1]) > 5 and before[-1][0].isupper() and before[-1].lower().endswith(words.UNSURE_ENDINGS):
        yield _candidate(number, _capitals_before(before), is_sure_before_town=not _is_english_word(before[-1].lower()))
    elif before[-1][:1].isupper() and before[-1].lower() not in words.UNIT_WORDS and _is_name(_capitals_before(before)):
        yield _candidate(number, _capitals_before(before), only_proved=True)


def _candidate(
    number: re.Match[str],
    name: Sequence[str],
    *,
    is_sure: bool = False,
    is_sure_before_town: bool = False,
    only_proved: bool = False,
    in_small_letters: bool = False,
) -> Candidate:
    text = number.string
    start = text.rfind(" ".join(name), 0, number.start())
    end = number.end() + (text[number.end() : number.end() + 1] == ".")
    return Candidate(start, end, is_sure, is_sure_before_town, only_proved, in_small_letters)


def _capitals_before(before: Sequence[str]) -> Sequence[str]:
    """The last word and the capitals and particles that lead to it; German prepositions in capitals too ("Am Alten Markt")."""
    first = len(before) - 1
    for i in range(len(before) - 2, max(-1, len(before) - 7), -1):
        if (before[i][:1].isupper() and before[i][-1:] not in {".", ":", "!", "?"}) or _is_abbreviation(before[i]):
            first = i
        elif before[i].lower() not in words.PARTICLE_WORDS:
            break
    return before[first:]


def _is_abbreviation(word: str) -> bool:
    return word[:1].isupper() and word.endswith(".") and len(word) <= 4


def _may_be_in_a_name(name: str) -> bool:
    return name[:1].isupper() or name[:1].isdecimal() or name.lower() in words.PARTICLE_WORDS


def _is_name(names: Sequence[str]) -> bool:
    plain = [name.lower().strip(".,") for name in names] or [""]
    has_letters = any(sum(map(str.isalpha, name)) >= 2 for name in plain)
    return (
        has_letters
        and plain[0] not in words.NOT_STREETS
        and plain[-1] not in words.NOT_STREETS
        and not any(name in words.STOP_WORDS for name in plain)
        and not any(name[-1:] == "." and len(name) > _LONGEST_ABBREVIATION and name.islower() for name in names[:-1])  # a sentence ends
    )


def _is_english_word(word: str) -> bool:
    """Words that only end like a street: "Notepad", "String", "Gmarkt"."""
    return word in words.LIKE_STREETS
