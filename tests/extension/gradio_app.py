"""A chat of the real Gradio, run by its own Python: answers stream, in Markdown, and one of them is code."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from tests.extension.answers import answer_to


def answer(message: str, history: object) -> Iterator[str]:
    text = answer_to(message)
    for end in range(4, len(text) + 4, 4):
        yield text[:end]
        time.sleep(0.01)


if __name__ == "__main__":
    import gradio

    port, certificate, key = sys.argv[1:]
    gradio.ChatInterface(answer).launch(
        server_name="127.0.0.1", server_port=int(port), ssl_certfile=certificate, ssl_keyfile=key, ssl_verify=False, share=False, quiet=True
    )
