"""Addresses: the platform, its public host, the model or Space; nothing of unknown hosts."""

from __future__ import annotations

import pytest

from sharelm.ingest.platforms import Page, read_page

KNOWN = [
    ("https://huggingface.co/spaces/heron/chat?token=SECRET#x", Page("gradio", "huggingface.co", "heron/chat")),
    ("https://heron-chat.hf.space/?__sign=eyJ", Page("gradio", "heron-chat.hf.space", "heron-chat")),
    ("https://huggingface.co/chat/conversation/65f0", Page("chatui", "huggingface.co", None)),
    ("https://huggingface.co/chat/models/meta-llama/Llama-3.1-8B", Page("chatui", "huggingface.co", "meta-llama/Llama-3.1-8B")),
    ("https://chatgpt.com/c/6f1c7a52?model=gpt-4o", Page("chatgpt", "chatgpt.com", "gpt-4o")),
    ("https://chat.openai.com/c/6f1c7a52", Page("chatgpt", "chat.openai.com", None)),
    ("https://poe.com/Heron-2", Page("poe", "poe.com", "Heron-2")),
    ("https://poe.com/chat/abc", Page("poe", "poe.com", None)),
    ("chatgpt.com", Page("chatgpt", "chatgpt.com", None)),
    ("https://CLAUDE.ai./chat/x", Page("claude", "claude.ai", None)),
    ("https://claude.ai:443/new", Page("claude", "claude.ai", None)),
]
UNKNOWN = [
    "https://llm.employer.internal/secret/project?x=1",
    "http://127.0.0.1:7860/",
    "https://chatgpt.com.evil.example/",
    "https://notclaude.ai/",
    "https://huggingface.co.evil.example/spaces/a/b",
    "https://[::1",
    "javascript:alert(1)",
    "",
    "//",
    "\u202ehttps://x",
]


@pytest.mark.parametrize(("address", "page"), KNOWN, ids=[address for address, _ in KNOWN])
def test_it_reads_what_a_known_platform_says(address, page):
    assert read_page(address) == page


@pytest.mark.parametrize("address", UNKNOWN)
def test_it_keeps_nothing_of_an_unknown_one(address):
    assert read_page(address) == Page()


@pytest.mark.parametrize("name", ["<b>", "a b", "x" * 300, "'\"", "%0a"])
def test_it_takes_no_model_that_is_no_name(name):
    assert read_page(f"https://chatgpt.com/?model={name}").model is None
