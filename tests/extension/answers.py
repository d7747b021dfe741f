"""What the models of the real chat pages answer: Markdown, code, a list, a table; standard library only, for it runs in their environments too."""

from __future__ import annotations

ANSWERS = {
    "code": "Like this:\n\n```python\ndef rise(hours):\n    return hours * 2   # twice\n```\n\nCall `rise(3)`.",
    "list": "# Bread\n\n- **flour**\n- water\n\n| a | b |\n| --- | --- |\n| 1 | 2 |",
}


def answer_to(words: str) -> str:
    return ANSWERS.get(words, f"You said: {words}")
