"""A chat of the real Streamlit, run by its own Python: answers stream, in Markdown, and one of them is code."""

from __future__ import annotations

import time
from collections.abc import Iterator

import streamlit

from tests.extension.answers import answer_to


def stream(text: str) -> Iterator[str]:
    for start in range(0, len(text), 4):
        yield text[start : start + 4]
        time.sleep(0.01)


said = streamlit.session_state.setdefault("said", [])
for role, text in said:
    streamlit.chat_message(role).markdown(text)
if words := streamlit.chat_input("Message"):
    streamlit.chat_message("user").markdown(words)
    answer = answer_to(words)
    streamlit.chat_message("assistant").write_stream(stream(answer))
    said += [("user", words), ("assistant", answer)]
