"""A chat of the real Gradio, run by its own Python: answers stream, in Markdown; one of them is code, one a picture, one a file."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.extension.answers import answer_to

CHECKOUT = Path(__file__).parent.parent.parent
PICTURE = str(CHECKOUT / "extension/icons/active-128.png")


def answer(message: str, history: object) -> Iterator[object]:
    import gradio

    if message == "picture":
        yield gradio.Image(PICTURE)
        return
    if message == "file":
        yield gradio.File(__file__)
        return
    text = answer_to(message)
    for end in range(4, len(text) + 4, 4):
        yield text[:end]
        time.sleep(0.01)


if __name__ == "__main__":
    import gradio

    port, certificate, key = sys.argv[1:]
    gradio.ChatInterface(answer).launch(
        server_name="127.0.0.1",
        server_port=int(port),
        ssl_certfile=certificate,
        ssl_keyfile=key,
        ssl_verify=False,
        allowed_paths=[str(CHECKOUT)],
        share=False,
        quiet=True,
    )
