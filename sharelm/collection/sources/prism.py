"""PRISM: people of many countries score up to four models at once, then go on with one of them.

A row is a tree: the conversation is each prompt with the first reply that was chosen. Chosen is told by equal texts, so there may be two.
Of the survey only age group, gender and country of residence are taken; what people say of themselves stays there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import permutations
from typing import Any

from sharelm.collection.fields import id_of, list_of, mapping_of, maybe_text, maybe_user, micros_of, text_of
from sharelm.collection.found import Found, Item, Pair, Said
from sharelm.collection.source import Row, Source
from sharelm.vocabulary import Role

NAME = "prism"
LICENCE = "CC-BY-4.0 AND CC-BY-NC-4.0"  # what people wrote, and what models wrote
EMPTY = "EMPTY STRING"  # what the authors put where a text was empty
NOT_SAID = "Prefer not to say"
KEPT = ("conversation_type", "included_in_balanced_subset", "performance_attributes", "choice_attributes")


def read_row(row: Row) -> Iterator[Item]:
    value = row.value
    conversation_id = f"prism:{id_of(value['conversation_id'])}"
    said: list[Said] = []
    scores: list[float | None] = []
    models: list[str | None] = []
    pairs: list[Pair] = []
    for prompt, replies in _turns(value["conversation_history"]):
        said, scores = [*said, (Role.USER, _text(prompt))], [*scores, None]
        pairs += _pairs(conversation_id, said, replies)
        chosen = next((reply for reply in replies if reply.get("if_chosen")), None)
        if chosen is None:
            break  # nobody knows how it went on
        said, scores = [*said, (Role.ASSISTANT, _text(chosen))], [*scores, _score(chosen)]
        models.append(maybe_text(chosen.get("model_name")))
    person = row.aside.get(str(value.get("user_id")), {})
    yield Found(
        conversation_id,
        said,
        model_name=models[0] if models else None,
        user_id=maybe_user(NAME, value.get("user_id")),
        timestamp=micros_of(value.get("generated_datetime")),
        extra={"scores": scores, **{name: value.get(name) for name in KEPT}},
        **person,
    )
    yield from pairs


def _turns(history: Any) -> Iterator[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
    """Each prompt with its replies, in the order in which they were shown."""
    turns: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for entry in map(mapping_of, list_of(history)):
        turns[entry["turn"]].append(entry)
    for number in sorted(turns):
        prompts = [entry for entry in turns[number] if entry["role"] == "user"]
        replies = [entry for entry in turns[number] if entry["role"] != "user"]
        if len(prompts) != 1:
            raise ValueError("a turn without one prompt")
        yield prompts[0], sorted(replies, key=lambda reply: reply.get("within_turn_id") or 0)


def _pairs(conversation_id: str, prompt: list[Said], replies: list[Mapping[str, Any]]) -> Iterator[Pair]:
    """Every two replies to one prompt of which one has the higher score."""
    scored = [(score, text) for reply in replies if (score := _score(reply)) is not None and (text := _text(reply))]
    for (high, better), (low, worse) in permutations(scored, 2):
        if high > low and better != worse:
            yield Pair(conversation_id, prompt, [(Role.ASSISTANT, better)], [(Role.ASSISTANT, worse)], margin=float(high - low))


def _text(entry: Mapping[str, Any]) -> str:
    text = text_of(entry["content"])
    return "" if text.strip() == EMPTY else text


def _score(reply: Mapping[str, Any]) -> float | None:
    score = reply.get("score")
    if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
        raise TypeError("not a score")
    return score


def is_conversation(first: Mapping[str, Any]) -> bool:
    return "conversation_history" in first or not ({"survey_only", "study_id", "column_id", "utterance_id"} & first.keys())


def people(values: Iterable[Any]) -> Mapping[str, Any]:
    """By user id, what the survey says and a release may show."""
    surveyed = (value for value in values if isinstance(value, Mapping) and "age" in value and "user_id" in value)
    return {str(value["user_id"]): _person(value) for value in surveyed}


def _person(value: Mapping[str, Any]) -> dict[str, str]:
    location = value.get("location")
    said = {
        "age": value.get("age"),
        "gender": value.get("gender"),
        "location": location.get("reside_country") if isinstance(location, Mapping) else None,
    }
    return {name: text_of(answer) for name, answer in said.items() if isinstance(answer, str) and answer and answer != NOT_SAID}


SOURCE = Source(
    NAME,
    LICENCE,
    read_row,
    rows_told="8,011",
    how="the Hub: HannahRoseKirk/prism-alignment; conversations.jsonl, with survey.jsonl for age, gender and country",
    hub="HannahRoseKirk/prism-alignment",
    hub_files=("conversations.jsonl", "survey.jsonl"),
    keeps=is_conversation,
    read_aside=people,
)
