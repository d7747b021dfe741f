"""Which language a conversation is in, as an ISO 639-1 code. Offline, deterministic, on anonymised text only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from sharelm.vocabulary import Message, Role

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

READ_CHARACTERS = 1_000  # more text makes the answer slower, not better
FEWEST_LETTERS = 12
WIDE_LETTER = 3  # a sign of Chinese, Japanese or Korean says as much as three letters of an alphabet
LEAST_CONFIDENCE = 0.6  # program text stays below 0.4, a sentence of five words is mostly above 0.9
MACRO_LANGUAGES = {"yue": "zh", "wuu": "zh", "ary": "ar", "arz": "ar", "nn": "no", "nb": "no"}

NOT_LANGUAGE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|\[[A-Z][A-Z_]{1,40}_\d{1,6}\]|\b(?:https?://|www\.)\S+", re.DOTALL)


def find_language(messages: Sequence[Message]) -> str | None:
    """The language that the person wrote in, else that of the answers; None where there is too little text, or only code."""
    for role in (Role.USER, Role.ASSISTANT):
        found = language_of(message.content for message in messages if message.role is role)
        if found:
            return found
    return None


def language_of(texts: Iterable[str]) -> str | None:
    text = _sample(texts)
    if _weight(text) < FEWEST_LETTERS:
        return None
    label, confidence = _identifier().classify(text)
    code = MACRO_LANGUAGES.get(label, label)
    return code if confidence >= LEAST_CONFIDENCE and len(code) == 2 else None


def _sample(texts: Iterable[str]) -> str:
    """The first words of each text until there are enough; code, labels and addresses are no words."""
    words = ""
    for text in texts:
        # Cut before the search: what is looked at must not grow with the text.
        words += " " + NOT_LANGUAGE.sub(" ", text[: 4 * READ_CHARACTERS])
        if len(words) > READ_CHARACTERS:
            break
    return words[:READ_CHARACTERS]


def _weight(text: str) -> int:
    return sum(WIDE_LETTER if unicodedata.east_asian_width(letter) == "W" else 1 for letter in text if letter.isalpha())


@cache
def _identifier() -> LanguageIdentifier:
    # Imported here because its model takes seconds to load and the web path never asks.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
