"""A chat of the real Chainlit, run by its own Python: answers stream, in Markdown, and one of them is code."""

from __future__ import annotations

import asyncio

import chainlit

from tests.extension.answers import answer_to


@chainlit.on_message
async def on_message(message: chainlit.Message) -> None:
    answer = chainlit.Message(content="")
    text = answer_to(message.content)
    for start in range(0, len(text), 4):
        await answer.stream_token(text[start : start + 4])
        await asyncio.sleep(0.01)
    await answer.update()
