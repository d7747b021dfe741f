"""Invented conversations in the published plugin's wire form: who sends them, what they say, how long they are."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence

CONTRIBUTORS = 200
BODIES = 2 * CONTRIBUTORS
ID_PLACE = "@conversation-id@"  # where a client writes the id of each upload

PAGES = (
    "https://chatgpt.com/c/68f1-7a20?model=gpt-4o",
    "https://claude.ai/chat/3f0c9d2e",
    "https://huggingface.co/spaces/lighthouse/small-chat",
    "https://huggingface.co/chat/conversation/66b0",
    "https://chat.mistral.ai/chat/9d1",
)
PEOPLE = ({"age": "34", "gender": "female", "location": "Germany"}, {"age": "27", "gender": "male", "location": "Haifa, Israel"}, {}, {}, {})
SENTENCES = (
    "I would start with {thing}, because {thing} depends on it and {thing} can wait until {time}.",
    "The {adjective} part is {thing}: most people forget that it changes with {thing}.",
    "Here is a {adjective} way to think about it: {thing} comes first, then {thing}, and only then {thing}.",
    "If {thing} is {adjective}, you can leave {thing} as it is and come back to it {time}.",
    "In {place} they solved this with {thing}, which took about {number} days and was {adjective} enough for everybody.",
    "You mentioned {thing}; does it matter whether it happens before or after {thing}?",
    "That said, “{thing}” is not the same as “{thing}”, even though the two look {adjective} at first.",
    "A good rule of thumb: no more than {number} of them at once, and always check {thing} {time}.",
    "Let’s go through it step by step, so that you can see where {thing} goes wrong.",
    "There are {number} reasons why {thing} behaves like this, and the most likely one is {thing}.",
    "For example, the café near {place} closes at {number}:30, so {thing} would have to be ready {time}.",
    "My manager wants {thing} done {time}, but I have never worked with {thing} before.",
    "Please keep it short and {adjective}, and do not use the word “{adjective}” more than once.",
    "It costs roughly {number} € per month, or {number} if you already have {thing}.",
    "Yes, that works. Just make sure that {thing} and {thing} have the same length.",
)
ASIDES = (
    "\n\n1. Read {thing} from the file.\n2. Sort it by {thing}.\n3. Write what is left to {place}.\n\n",
    "\n\n- **{thing}**: {adjective}, about {number} minutes\n- **{thing}**: {adjective}, ready {time}\n\n",
    "\n\n```python\nimport csv\n\ndef totals(path):\n    with open(path) as file:\n        rows = list(csv.DictReader(file))\n"
    "    return sum(int(row['count']) for row in rows if row['day'] > '{number}')\n```\n\n",
    " You can reach them at info{number}@example.org or under 555-01{number}. ",
)
WORDS = {
    "thing": (
        "the cover letter", "the second paragraph", "a loop over the rows", "the recipe for soup", "the train to the coast", "the summary",
        "the database index", "your landlord", "the introduction", "the boundary condition", "photosynthesis", "the weekly report", "a birthday poem",
        "the water bill", "the proof by induction", "the translation into Spanish", "the fence", "the unit test", "the old piano", "the budget",
    ),
    "adjective": ("simple", "careful", "surprisingly cheap", "common", "slow", "elegant", "risky", "quiet", "almost identical", "friendly", "formal"),
    "place": ("Lisbon", "the village", "Kraków", "the library", "Osaka", "the second floor", "Montréal", "the archive"),
    "time": ("on Monday", "next week", "in the evening", "before lunch", "after the holidays", "by the end of March", "tomorrow"),
}  # fmt: skip


def user_ids(count: int = CONTRIBUTORS) -> list[str]:
    return [f"bench-contributor-{number:06d}" for number in range(count)]


def upload_bodies(owners: Sequence[str], *, count: int = BODIES, seed: int = 7) -> list[str]:
    """Bodies of about 10 kB on average, 3–6 turns each, with ID_PLACE for the conversation ID; the owners take turns."""
    chance = random.Random(seed)
    return [_body(chance, number % len(owners), owners[number % len(owners)]) for number in range(count)]


def warm_up_bodies(owners: Sequence[str]) -> list[str]:
    """One short upload per contributor: with it, everybody is known and has said what they say about themselves."""
    return [
        _dump("warm-up-" + owner, number, owner, user=["Good morning"], bot=["Good morning! What shall we do?"])
        for number, owner in enumerate(owners)
    ]


def _body(chance: random.Random, number: int, owner: str) -> str:
    turns = chance.randint(3, 6)
    user = [_text(chance, chance.randint(40, 700)) for _ in range(turns)]
    bot = [_text(chance, chance.randint(600, 2900)) for _ in range(turns)]
    return _dump(ID_PLACE, number, owner, user=user, bot=bot)


def _dump(conversation_id: str, number: int, owner: str, *, user: list[str], bot: list[str]) -> str:
    payload = {
        "conversation_id": conversation_id,
        "bot_msgs": bot,
        "user_msgs": user,
        "page_url": PAGES[number % len(PAGES)],
        "user_id": owner,
        "user_metadata": PEOPLE[number % len(PEOPLE)],
        "timestamp": f"2026-06-{1 + number % 28:02d}T08:30:15.250Z",
        "conversation_metadata": {"message_ratings": [0] * len(bot), "rate": ""},
    }
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def _text(chance: random.Random, length: int) -> str:
    parts: list[str] = []
    size = 0
    while size < length:
        pattern = chance.choice(ASIDES) if chance.random() < 0.06 else chance.choice(SENTENCES) + " "
        parts.append(_filled(chance, pattern))
        size += len(parts[-1])
    return "".join(parts).strip()


def _filled(chance: random.Random, pattern: str) -> str:
    for slot, words in WORDS.items():
        while f"{{{slot}}}" in pattern:
            pattern = pattern.replace(f"{{{slot}}}", chance.choice(words), 1)
    while "{number}" in pattern:
        pattern = pattern.replace("{number}", str(chance.randint(10, 99)), 1)
    return pattern
