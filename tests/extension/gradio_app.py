"""A chat of the real Gradio, run by its own Python: answers stream, in Markdown, and one of them is code."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

ANSWERS = {
    "code": "Like this:\n\n```python\ndef rise(hours):\n    return hours * 2   # twice\n```\n\nCall `rise(3)`.",
    "list": "# Bread\n\n- **flour**\n- water\n\n| a | b |\n| --- | --- |\n| 1 | 2 |",
}


def answer(message: str, history: object) -> Iterator[str]:
    text = ANSWERS.get(message, f"You said: {message}")
    for end in range(4, len(text) + 4, 4):
        yield text[:end]
        time.sleep(0.01)


if __name__ == "__main__":
    import gradio

    port, certificate, key = sys.argv[1:]
    gradio.ChatInterface(answer).launch(
        server_name="127.0.0.1", server_port=int(port), ssl_certfile=certificate, ssl_keyfile=key, ssl_verify=False, share=False, quiet=True
    )
