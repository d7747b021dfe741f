"""Every format: what is read of its fixture, and every trap that is known of it."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sharelm.ingest.exports import FORMATS
from sharelm.ingest.exports.draft import NotAnExport
from sharelm.ingest.exports.read import Reading
from sharelm.ingest.merge import shown_path
from sharelm.vocabulary import Conversation

FILES = Path(__file__).parent / "files"
Said = list[tuple[str, str]]
HI: Said = [("user", "Hi"), ("assistant", "Hello")]
TEA: Said = [("user", "what is tea"), ("assistant", "A drink.")]
CHATGPT: Said = [("user", "Hi"), ("assistant", "kept branch"), ("user", "look"), ("assistant", "A cat.")]
ROOT_OF_CLAUDE, ROOT_OF_LIBRECHAT = "00000000-0000-4000-8000-000000000000", "00000000-0000-0000-0000-000000000000"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def read(content: bytes | object) -> tuple[list[Conversation], dict[str, int]]:
    """The conversations of an export, and how many were skipped for which reason."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    reading = Reading(digest)
    found = list(reading.conversations(io.BytesIO(raw), len(raw)))
    return found, dict(reading.skipped)


def one(content: bytes | object) -> Conversation:
    found, _ = read(content)
    assert len(found) == 1
    return found[0]


def shown(conversation: Conversation) -> Said:
    return [(str(conversation.messages[at].role), conversation.messages[at].content) for at in shown_path(conversation.messages)]


def beside(conversation: Conversation) -> list[str]:
    path = shown_path(conversation.messages)
    return [message.content for at, message in enumerate(conversation.messages) if at not in path]


def zipped(**files: bytes | str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "conversation_id", "platform", "model", "said", "skipped"),
    [
        ("chatgpt_export_2026.zip", "chatgpt:00000000-0000-4000-8000-000000000001", "chatgpt", "gpt-5", CHATGPT, {"unreadable": 1}),
        ("chatgpt_export_legacy.zip", "chatgpt:00000000-0000-4000-8000-000000000001", "chatgpt", "gpt-5", CHATGPT, {}),
        ("claude_export.zip", "claude:c-1", "claude", None, HI, {}),
        ("gemini_MyActivity.json", "gemini:aaaaaaaaaaaaaaaa", "gemini", None, TEA, {"no-conversation": 1}),
        ("openwebui_export.json", "openwebui:o1", "openwebui", "llama3", HI, {}),
        ("librechat_export.json", "librechat:l1", "librechat", "gpt-4o", HI, {}),
        ("chatbotui_export.json", "chatbotui:1", "chatbotui", "gpt-4", HI, {}),
        ("sharegpt.json", "sharegpt:abc_0", None, None, HI, {}),
        ("openai_messages.jsonl", None, None, None, HI, {}),
        ("openai_preference.jsonl", None, None, None, [("user", "Hi"), ("assistant", "A")], {}),
    ],
)  # fmt: skip
def test_it_reads_the_fixture(
    name: str, conversation_id: str | None, platform: str | None, model: str | None, said: Said, skipped: dict[str, int]
) -> None:
    found, left_out = read((FILES / name).read_bytes())
    assert [shown(conversation) for conversation in found] == [said]
    assert (found[0].platform, found[0].model, found[0].source, left_out) == (platform, model, "export", skipped)
    assert conversation_id is None or found[0].conversation_id == conversation_id


def test_every_format_has_a_fixture() -> None:
    assert {format_.NAME for format_ in FORMATS} == {name.split("_")[0].split(".")[0] for name in (path.name for path in FILES.iterdir())}


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.name)
def test_it_is_told_by_its_shape_whatever_its_name(path: Path) -> None:
    content = path.read_bytes()
    if not content.startswith(b"PK"):
        ending = "jsonl" if path.suffix == ".jsonl" else "json"
        packed = zipped(**{f"some/folder/x.{ending}": content, "__MACOSX/._x.json": b"\0\1", "user.json": b'[{"mapping": {}}]'})
        assert [c.messages for c in read(packed)[0]] == [c.messages for c in read(content)[0]]


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.name)
def test_its_ids_are_the_same_in_every_import(path: Path) -> None:
    first, second = read(path.read_bytes())[0], read(path.read_bytes())[0]
    assert first == second
    assert all(message.id and len(message.id) <= 64 for message in first[0].messages)


# ChatGPT


def node(key: str, parent: str | None, role: str = "user", text: str | None = None, **more: Any) -> dict[str, Any]:
    message = {"author": {"role": role}, "content": {"content_type": "text", "parts": [text]}, "metadata": {}, "recipient": "all"} | more
    return {"id": key, "parent": parent, "children": [], "message": None if text is None and not more else message}


def chatgpt(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "g-1", "mapping": {entry["id"]: entry for entry in nodes}, "current_node": nodes[-1]["id"], "default_model_slug": "gpt-4"} | more


ASKED, ANSWERED = node("u", None, "user", "Why?"), node("a", "u", "assistant", "Because.")
SHORT: Said = [("user", "Why?"), ("assistant", "Because.")]


@pytest.mark.parametrize(
    "hidden",
    [
        {"author": {"role": "system"}},
        {"author": {"role": "tool", "name": "browser"}},
        {"metadata": {"is_visually_hidden_from_conversation": True}},
        {"metadata": {"is_user_system_message": True}},
        {"recipient": "python"},
        {"recipient": "bio"},
        {"channel": "analysis"},
        {"channel": "commentary"},
        *({"content": {"content_type": kind, "parts": ["SECRET"], "text": "SECRET", "user_profile": "SECRET", "thoughts": [{"content": "SECRET"}]}}
          for kind in ("thoughts", "reasoning_recap", "user_editable_context", "tether_quote", "tether_browsing_display", "execution_output", "code",
                       "system_error", "something_new")),
    ],
)  # fmt: skip
def test_what_is_hidden_in_chatgpt_never_comes_along(hidden: dict[str, Any]) -> None:
    between = node("x", "u", "assistant", "SECRET", **hidden)
    found = one([chatgpt(ASKED, between, node("a", "x", "assistant", "Because."), title="SECRET TITLE")])
    assert shown(found) == SHORT
    assert "SECRET" not in repr(found)


def test_the_shown_branch_of_chatgpt_is_the_conversation_and_the_others_stay_beside_it() -> None:
    nodes = [ASKED, node("a1", "u", "assistant", "First"), node("a2", "u", "assistant", "Second"), node("u2", "a1", "user", "More?")]
    tree = [*nodes, node("a3", "u2", "assistant", "Yes.")]
    found = one([chatgpt(*tree, current_node="a2")])
    assert shown(found) == [("user", "Why?"), ("assistant", "Second")]
    assert sorted(beside(found)) == ["First", "More?", "Yes."]
    found = one([chatgpt(*tree, current_node="a3")])
    assert shown(found) == [("user", "Why?"), ("assistant", "First"), ("user", "More?"), ("assistant", "Yes.")]
    assert beside(found) == ["Second"]


def test_an_edited_first_question_of_chatgpt_is_another_branch() -> None:
    root = node("r", None)
    edited = [node("u2", "r", "user", "Why not?"), node("a2", "u2", "assistant", "No reason.")]
    found = one([chatgpt(root, node("u", "r", "user", "Why?"), ANSWERED, *edited)])
    assert shown(found) == [("user", "Why not?"), ("assistant", "No reason.")]
    assert sorted(beside(found)) == ["Because.", "Why?"]


def test_without_a_current_node_chatgpt_shows_the_newest_leaf() -> None:
    older, newer = node("a1", "u", "assistant", "Old", create_time=1.7e9), node("a2", "u", "assistant", "New", create_time=1.8e9)
    for name in ("current_node", "gone"):
        found = one([chatgpt(ASKED, newer, older) | {"current_node": None if name == "current_node" else name}])
        assert shown(found)[-1] == ("assistant", "New")


def test_a_hidden_current_node_of_chatgpt_leads_to_what_stands_above_it() -> None:
    assert shown(one([chatgpt(ASKED, ANSWERED, node("x", "a", "tool", "SECRET"))])) == SHORT


def test_parts_of_chatgpt_may_be_pictures() -> None:
    pictured = node(
        "u", None, content={"content_type": "multimodal_text", "parts": [{"content_type": "image_asset_pointer"}, "What is this?", None, 7]}
    )
    assert shown(one([chatgpt(pictured, ANSWERED)])) == [("user", "What is this?"), ("assistant", "Because.")]


def test_a_question_of_chatgpt_that_was_only_a_picture_leaves_a_gap() -> None:
    only = node("p", "a", content={"content_type": "multimodal_text", "parts": [{"content_type": "image_asset_pointer"}]})
    found = one([chatgpt(ASKED, ANSWERED, only, node("b", "p", "assistant", "A cat."))])
    assert [message.gap for message in found.messages] == [False, False, True]


def test_chatgpt_names_models_and_times_and_may_leave_out_both() -> None:
    named = node("a", "u", "assistant", "Because.", metadata={"model_slug": "o3"}, create_time=1756000001.5)
    found = one([chatgpt(ASKED, named, update_time=1756000400.25)])
    assert [message.model for message in found.messages] == [None, "o3"]
    assert (found.model, found.sent_at) == ("o3", datetime(2025, 8, 24, 1, 53, 20, 250000, tzinfo=UTC))
    assert found.messages[1].sent_at == datetime(2025, 8, 24, 1, 46, 41, 500000, tzinfo=UTC)
    bare = one([chatgpt(ASKED, ANSWERED) | {"default_model_slug": None}])
    assert (bare.model, bare.sent_at, bare.revision >= 0) == (None, None, True)


def test_parents_in_a_circle_end() -> None:
    found, skipped = read([chatgpt(node("a", "b", "assistant", "A"), node("b", "a", "user", "B")), chatgpt(ASKED, ANSWERED, id="g-2")])
    assert len(found) + sum(skipped.values()) == 2


@pytest.mark.parametrize("broken", [{"mapping": {}}, {"id": "x"}, {"mapping": None}, "text", 7, None, [], {"mapping": {"a": None}}])
def test_a_damaged_conversation_is_skipped_and_counted(broken: Any) -> None:
    found, skipped = read([chatgpt(ASKED, ANSWERED), broken])
    assert len(found) == 1
    assert sum(skipped.values()) == 1


def test_shards_are_one_export_and_an_index_is_none() -> None:
    files = {f"conversations-00{n}.json": json.dumps([chatgpt(ASKED, ANSWERED, id=f"g-{n}")]) for n in range(3)}
    found, skipped = read(
        zipped(**files, **{"conversations.json.index": "x", "message_feedback.json": "[1]", "chat.html": "<html>", "user.json": "{}"})
    )
    assert [conversation.conversation_id for conversation in found] == ["chatgpt:g-0", "chatgpt:g-1", "chatgpt:g-2"]
    assert skipped == {}


# Claude


def claude(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"uuid": "c-1", "name": "SECRET TITLE", "summary": "SECRET", "account": {"uuid": "SECRET"}, "chat_messages": list(messages)} | more


def said(key: str, parent: str | None, sender: str, text: str, **more: Any) -> dict[str, Any]:
    return {"uuid": key, "sender": sender, "text": text, "content": [{"type": "text", "text": text}], "parent_message_uuid": parent} | more


HUMAN, MODEL = said("m1", ROOT_OF_CLAUDE, "human", "Why?"), said("m2", "m1", "assistant", "Because.")


def test_attachments_thoughts_and_tools_of_claude_never_come_along() -> None:
    blocks = [
        {"type": kind, "text": "SECRET", "thinking": "SECRET"} for kind in ("thinking", "tool_use", "tool_result", "voice_note", "token_budget")
    ]
    attached = HUMAN | {"attachments": [{"file_name": "", "extracted_content": "SECRET"}], "files": [{"file_name": "SECRET"}]}
    answer = MODEL | {"text": "SECRET", "content": [*blocks, {"type": "text", "text": "Because."}]}
    found = one([claude(attached, answer)])
    assert shown(found) == SHORT
    assert "SECRET" not in repr(found)


def test_claude_falls_back_to_the_plain_text_where_there_are_no_blocks() -> None:
    assert shown(one([claude(HUMAN | {"content": []}, {key: value for key, value in MODEL.items() if key != "content"})])) == SHORT


def test_claude_shows_the_named_leaf_or_the_newest() -> None:
    first = said("m2", "m1", "assistant", "Old", created_at="2026-01-01T00:00:00Z")
    second = said("m3", "m1", "assistant", "New", created_at="2026-01-02T00:00:00Z")
    assert shown(one([claude(HUMAN, second, first)]))[-1] == ("assistant", "New")
    assert shown(one([claude(HUMAN, first, second, current_leaf_message_uuid="m2")]))[-1] == ("assistant", "Old")


def test_claude_messages_may_have_no_times_and_no_parents() -> None:
    bare = [{key: value for key, value in message.items() if key != "parent_message_uuid"} | {"created_at": None} for message in (HUMAN, MODEL)]
    found = one([claude(*bare)])
    assert shown(found) == SHORT
    assert found.model is None


@pytest.mark.parametrize(
    ("messages", "reason"),
    [([], "empty"), ([HUMAN], "one-sided"), ([MODEL | {"parent_message_uuid": ROOT_OF_CLAUDE}], "no-user-message"),
     ([HUMAN | {"content": [], "text": " "}], "empty")],
)  # fmt: skip
def test_what_is_no_conversation_is_skipped(messages: list[Any], reason: str) -> None:
    assert read([claude(*messages)]) == ([], {reason: 1})


# Gemini


def entry(asked: str, answer: str | None, at: str, chat: str | None = None, **more: Any) -> dict[str, Any]:
    details = [{"name": "x", "url": f"https://gemini.google.com/app/{chat}"}] if chat else None
    html = {"safeHtmlItem": [{"html": answer}]} if answer else {}
    return {"header": "Gemini Apps", "title": f"Prompted {asked}", "time": at, "products": ["Gemini Apps"], "details": details, **html} | more


def test_entries_of_one_chat_are_one_conversation_in_the_order_of_time() -> None:
    log = [
        entry("third", "<p>3</p>", "2026-03-04T05:09:00.000Z", "abc"),
        entry("other", "<p>x</p>", "2026-03-04T05:08:00.000Z"),
        entry("second", "<p>2</p>", "2026-03-04T05:07:00.000Z", None, titleUrl="https://gemini.google.com/app/abc"),
        entry("first", "<p>1</p>", "2026-03-04T05:06:00.000Z", "abc"),
    ]
    found, _ = read(log)
    by_id = {conversation.conversation_id: shown(conversation) for conversation in found}
    chat = by_id.pop("gemini:abc")
    assert [content for _, content in chat] == ["first", "1", "second", "2", "third", "3"]
    assert list(by_id.values()) == [[("user", "other"), ("assistant", "x")]]


def test_answers_of_gemini_become_text() -> None:
    html = (
        "<h2>Tea</h2><p>A <b>drink</b> &amp; more:</p><ul><li>green</li><li>black</li></ul><pre><code>x = 1\n  y</code></pre><script>SECRET</script>"
    )
    assert shown(one([entry("x", html, "2026-03-04T05:06:00Z")]))[1][1] == "Tea\n\nA drink & more:\n\n- green\n- black\n\n```\nx = 1\n  y\n```"


@pytest.mark.parametrize(("title", "asked"), [("Prompted\xa0hello", "hello"), ("Solicitou olá", "olá"), ("Запит: привіт", "привіт")])
def test_what_was_asked_stands_behind_a_word_of_googles(title: str, asked: str) -> None:
    assert shown(one([entry("", "<p>x</p>", "2026-03-04T05:06:00Z", title=title)]))[0] == ("user", asked)


def test_other_languages_are_counted_and_other_products_left_alone() -> None:
    log = [entry("a", "b", "2026-03-04T05:06:00Z"), entry("", "x", "2026-03-04T05:06:01Z", title="Zadano pytanie")]
    search = json.dumps([{"header": "Search", "title": "Searched for x", "time": "2026-03-04T05:06:02Z", "products": ["Search"]}])
    files = {"Takeout/My Activity/Gemini Apps/MyActivity.json": json.dumps(log), "Takeout/My Activity/Search/MyActivity.json": search}
    found, skipped = read(zipped(**files))
    assert (len(found), skipped) == (1, {"other-language": 1})


def test_a_log_in_another_language_is_explained() -> None:
    with pytest.raises(NotAnExport) as problem:
        read([entry("", "x", "2026-03-04T05:06:01Z", title="Zadano pytanie")])
    assert problem.value.word == "other-language"


# Open WebUI, LibreChat, Chatbot UI, ShareGPT, OpenAI


def openwebui(content: str) -> dict[str, Any]:
    messages = {
        "a": {"id": "a", "parentId": None, "role": "user", "content": "Why?"},
        "b": {"id": "b", "parentId": "a", "role": "assistant", "content": content},
    }
    return {"id": "o1", "title": "SECRET", "chat": {"system": "SECRET", "history": {"currentId": "b", "messages": messages}}}


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ('<details type="reasoning" done="true"><summary>Thought</summary>SECRET</details>Because.', "Because."),
        ('Be<details type="tool_calls" name="x">SECRET<details>SECRET</details>SECRET</details>cause.', "Because."),
        ("<details type='code_interpreter'>SECRET", ""),
        ("<details><summary>More</summary>seen</details>", "<details><summary>More</summary>seen</details>"),
        ("</details>Because.", "</details>Because."),
    ],
)
def test_reasoning_and_tools_of_open_webui_are_taken_out(content: str, kept: str) -> None:
    found, skipped = read([openwebui(content)])
    assert [shown(conversation)[1][1] for conversation in found] == ([kept] if kept else [])
    assert skipped == ({} if kept else {"one-sided": 1})
    assert "SECRET" not in repr(found)


def test_ratings_of_open_webui_come_along() -> None:
    content = json.loads((FILES / "openwebui_export.json").read_bytes())
    assert [message.rating for message in one(content).messages] == [None, 1]


def librechat(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"conversationId": "l1", "title": "SECRET", "options": {"model": "m", "promptPrefix": "SECRET"}, "messages": list(messages)} | more


def leaf(key: str, parent: str, text: str, at: str = "2024-04-09T14:32:05.230Z", **more: Any) -> dict[str, Any]:
    return {"messageId": key, "parentMessageId": parent, "isCreatedByUser": key.startswith("u"), "text": text, "createdAt": at} | more


def test_librechat_as_a_list_and_as_a_tree_is_the_same() -> None:
    flat = [leaf("u", ROOT_OF_LIBRECHAT, "Why?"), leaf("a", "u", "Because.", "2024-04-09T14:33:00Z"), leaf("b", "u", "New.", "2024-04-09T14:34:00Z")]
    tree = {**flat[0], "children": [{**flat[1], "children": []}, {**flat[2], "children": []}]}
    as_list, as_tree, renamed = one(librechat(*flat)), one(librechat(tree)), one(librechat(messagesTree=[tree], messages=[]))
    assert as_list == as_tree == renamed
    assert shown(as_list) == [("user", "Why?"), ("assistant", "New.")]
    assert beside(as_list) == ["Because."]


def test_a_long_tree_of_librechat_is_read_without_recursion() -> None:
    text = '{"conversationId":"l1","messages":[' + "".join(
        json.dumps(leaf(f"{'ua'[n % 2]}{n}", f"{'au'[n % 2]}{n - 1}" if n else ROOT_OF_LIBRECHAT, f"{n}"))[:-1] + ',"children":[' for n in range(1500)
    )
    found = one((text + "]}" * 1500 + "]}").encode())
    assert [content for _, content in shown(found)] == [str(n) for n in range(1500)]


def test_what_a_model_of_librechat_thought_is_left_out() -> None:
    parts = [
        {"type": "think", "think": "SECRET"},
        {"type": "tool_call", "tool_call": {"output": "SECRET"}},
        {"type": "text", "text": {"value": "Because."}},
    ]
    found = one(librechat(leaf("u", ROOT_OF_LIBRECHAT, "Why?"), leaf("a", "u", "", content=parts), leaf("e", "a", "SECRET", error=True)))
    assert shown(found) == SHORT
    assert "SECRET" not in repr(found)


def test_prompts_and_names_of_chatbot_ui_never_come_along() -> None:
    chat = {"id": "1", "name": "SECRET", "prompt": "SECRET", "folderId": None, "model": {"id": "m"},
            "messages": [{"role": role, "content": content} for role, content in [("system", "SECRET"), *SHORT]]}  # fmt: skip
    found = one({"folders": [{"name": "SECRET"}], "prompts": [{"content": "SECRET"}], "version": 4, "history": [chat]})
    assert shown(found) == SHORT
    assert "SECRET" not in repr(found)


def test_sharegpt_has_several_names_for_who_speaks_and_html() -> None:
    turns = [("system", "SECRET"), ("Human", "Why?"), ("chatgpt", '<div class="markdown"><p>Because.</p></div>'), ("tool", "SECRET"), ("gpt", None)]
    found = one([{"id": "s", "conversations": [{"from": who, "value": value} for who, value in turns]}])
    assert shown(found) == SHORT
    assert "SECRET" not in repr(found)


def test_systems_and_tools_of_openai_never_come_along() -> None:
    lines = [
        {"role": "system", "content": "SECRET"}, {"role": "developer", "content": "SECRET"},
        {"role": "user", "content": [{"type": "text", "text": "Why?"}]},
        {"role": "assistant", "content": None, "tool_calls": [{"function": {"arguments": "SECRET"}}]}, {"role": "tool", "content": "SECRET"},
        {"role": "assistant", "content": "Because."},
    ]  # fmt: skip
    found = one({"messages": lines, "tools": ["SECRET"]})
    assert shown(found) == SHORT
    assert "SECRET" not in repr(found)


def test_the_answer_that_was_not_preferred_stays_beside_the_path() -> None:
    found = one((FILES / "openai_preference.jsonl").read_bytes())
    assert (shown(found), beside(found)) == ([("user", "Hi"), ("assistant", "A")], ["B"])


def test_without_ids_the_first_words_make_one_that_stays_as_the_conversation_grows() -> None:
    said = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}]
    more = [*said, {"role": "user", "content": "And?"}, {"role": "assistant", "content": "So."}]
    assert one({"messages": said}).conversation_id == one({"messages": more}).conversation_id
    other = [said[0], {"role": "assistant", "content": "For no reason."}]
    assert one({"messages": other}).conversation_id != one({"messages": said}).conversation_id


def test_lines_may_be_blank_and_a_file_may_begin_with_a_mark() -> None:
    line = (FILES / "openai_messages.jsonl").read_bytes().strip()
    assert len(read(b"\xef\xbb\xbf" + line + b"\r\n\n" + line.replace(b"Hi", b"Ho") + b"\n")[0]) == 2


@pytest.mark.parametrize("wrap", [lambda text: text, lambda text: [text]], ids=["object", "list"])
def test_one_conversation_by_itself_is_an_export_too(wrap: Callable[[Any], Any]) -> None:
    assert shown(one(wrap(claude(HUMAN, MODEL)))) == SHORT
    assert shown(one(wrap(chatgpt(ASKED, ANSWERED)))) == SHORT


# What every format shares


def test_odd_signs_are_made_harmless() -> None:
    raw = json.dumps([claude(HUMAN, MODEL)]).replace("Why?", "a\\u0000b \\ud83d c \\ud83d\\ude00 \\u001e")
    text = one(raw.encode()).messages[0].content
    assert text.encode("utf-8").startswith(b"ab ")
    assert "\0" not in text and "\x1e" not in text and "\U0001f600" in text


def test_ids_of_messages_do_not_tell_the_platform_whose_they_are() -> None:
    assert "m1" not in {message.id for message in one([claude(HUMAN, MODEL)]).messages}


@pytest.mark.parametrize("native", ["x" * 500, "a b/c", "ü", ""])
def test_odd_ids_become_ids_of_ours(native: str) -> None:
    own = one([claude(HUMAN, MODEL, uuid=native)]).conversation_id
    assert own.isascii() and len(own) <= 200 and " " not in own and own.startswith("claude:")


def test_what_is_too_long_is_skipped_and_long_branches_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sharelm.ingest.exports.tree.MAX_MESSAGES", 2)
    assert shown(one([chatgpt(ASKED, node("b", "u", "assistant", "Other."), ANSWERED)])) == SHORT
    assert read([chatgpt(ASKED, ANSWERED, node("u2", "a", "user", "More?"))])[1] == {"too-long": 1}


def test_what_nests_too_deeply_is_skipped() -> None:
    deep: Any = "x"
    for _ in range(70):
        deep = [deep]
    found, skipped = read([chatgpt(ASKED, ANSWERED), chatgpt(ASKED, ANSWERED, id="g-2", moderation_results=deep)])
    assert (len(found), skipped) == (1, {"too-deep": 1})


@pytest.mark.parametrize("name", ["what@example.org", "a model that is told in a whole sentence of many words"])
def test_what_is_no_models_name_is_left_out(name: str) -> None:
    assert one([chatgpt(ASKED, ANSWERED, default_model_slug=name)]).model is None


@pytest.mark.parametrize("content", [[], {}, [{}], [1, 2], [[]], "x", 7, {"history": []}, [{"mapping": 7}], {"conversations": [{"a": 1}]}])
def test_other_json_is_no_export(content: Any) -> None:
    with pytest.raises(NotAnExport) as problem:
        read(content)
    assert problem.value.word in {"unknown", "empty-file"}


# What exports may also be


@pytest.mark.parametrize("number", ["1180591620717411303424", "1e999", "-12345678901234567890.5"])
def test_a_number_that_no_machine_holds_does_not_cost_the_file(number: str) -> None:
    raw = json.dumps([chatgpt(ASKED, ANSWERED, update_time="NUMBER", id="NUMBER", safe=["NUMBER"])]).replace('"NUMBER"', number)
    assert shown(one(raw.encode())) == SHORT


def test_times_are_read_from_numbers_with_and_without_fractions() -> None:
    for number in ("1756000400", "1756000400.0", "1.7560004e9", "1756000400000"):
        raw = json.dumps([chatgpt(ASKED, ANSWERED, update_time="NUMBER")]).replace('"NUMBER"', number)
        assert one(raw.encode()).sent_at == datetime(2025, 8, 24, 1, 53, 20, tzinfo=UTC)


def test_chatgpt_may_tell_the_tree_by_children_alone() -> None:
    nodes = [{**ASKED, "children": ["a"]}, ANSWERED]
    bare = [{key: value for key, value in entry.items() if key != "parent"} for entry in nodes]
    assert shown(one([chatgpt(*bare)])) == SHORT


@pytest.mark.parametrize("parent", [None, ROOT_OF_CLAUDE, "somewhere else"])
def test_claude_messages_that_all_name_the_same_parent_follow_each_other(parent: str | None) -> None:
    assert shown(one([claude(*(message | {"parent_message_uuid": parent} for message in (HUMAN, MODEL)))])) == SHORT


def test_librechat_may_tell_the_tree_by_nesting_alone() -> None:
    flat = [leaf("u", "", "Why?"), leaf("a", "", "Because.")]
    asked, answered = ({key: value for key, value in message.items() if key != "parentMessageId"} for message in flat)
    assert shown(one(librechat(messagesTree=[{**asked, "children": [answered]}], messages=None))) == SHORT


def test_librechat_follows_the_newest_child_of_each_fork() -> None:
    forks = [leaf("a", "u", "Old.", "2024-04-09T14:33:00Z"), leaf("b", "u", "New.", "2024-04-09T14:34:00Z")]
    later = leaf("u2", "a", "More?", "2024-04-09T14:35:00Z"), leaf("c", "u2", "Yes.", "2024-04-09T14:36:00Z")
    found = one(librechat(leaf("u", ROOT_OF_LIBRECHAT, "Why?"), *forks, *later))
    assert shown(found) == [("user", "Why?"), ("assistant", "New.")]
    assert sorted(beside(found)) == ["More?", "Old.", "Yes."]


def test_entries_of_gemini_within_a_second_keep_their_order() -> None:
    log = [entry("second", "2", "2026-03-04T05:06:07.500Z", "abc"), entry("first", "1", "2026-03-04T05:06:07Z", "abc")]
    assert [content for _, content in shown(one(log))] == ["first", "1", "second", "2"]


def test_questions_of_open_webui_may_be_in_parts() -> None:
    found = json.loads((FILES / "openwebui_export.json").read_text())
    parts = [{"type": "text", "text": "Hi"}, {"type": "image_url", "image_url": {"url": "SECRET"}}]
    found[0]["chat"]["history"]["messages"]["a"]["content"] = parts
    assert shown(one(found)) == HI


@pytest.mark.parametrize("thought", ["<think>SECRET</think>\n\n", "\n<Thinking>\nSECRET\n</Thinking>", ":::thinking\nSECRET ::: SECRET\n:::\n"])
def test_what_a_model_thought_in_its_text_never_comes_along(thought: str) -> None:
    answer = thought + "Because."
    for found in (
        one(librechat(leaf("u", ROOT_OF_LIBRECHAT, "Why?"), leaf("a", "u", answer))),
        one([claude(HUMAN, said("m2", "m1", "assistant", answer))]),
        one({"messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": answer}]}),
        one([{"conversations": [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": answer}]}]),
    ):
        assert shown(found) == SHORT
        assert "SECRET" not in repr(found)


def test_thoughts_that_never_end_leave_nothing_and_a_person_may_write_of_them() -> None:
    asked = {"role": "user", "content": "<think> is what?"}
    assert shown(one({"messages": [asked, {"role": "assistant", "content": "A tag, as in <think>."}]}))[0] == ("user", "<think> is what?")
    assert read({"messages": [asked, {"role": "assistant", "content": "<think>SECRET"}]}) == ([], {"one-sided": 1})


def test_without_ids_what_begins_alike_and_goes_on_differently_is_not_the_same() -> None:
    def lines(*talks: str) -> bytes:
        roles = ("user", "assistant")
        said = ([{"role": roles[place % 2], "content": text} for place, text in enumerate(talk.split())] for talk in talks)
        return "\n".join(json.dumps({"messages": messages}) for messages in said).encode()

    found, _ = read(lines("Hi Hello a b", "Hi Hello", "Hi Hello c d", "Hi Hello c d e f", "Hi Hello c x", "Hi Hello a b"))
    ids = [conversation.conversation_id for conversation in found]
    assert ids[0] == ids[1] == ids[5] and ids[2] == ids[3]
    assert len(set(ids)) == 3
    assert [one(lines("Hi Hello a b c d")).conversation_id] == ids[:1]


def test_a_shard_without_a_byte_is_none() -> None:
    listed = json.dumps([chatgpt(ASKED, ANSWERED)])
    assert shown(one(zipped(**{"conversations-000.json": "", "conversations-001.json": listed, "conversations-002.json": "[]"}))) == SHORT


@pytest.mark.parametrize("odd", [[], {}, 5, ["all"]])
@pytest.mark.parametrize("key", ["recipient", "channel", "author", "content", "metadata", "create_time"])
def test_odd_values_of_one_message_do_not_cost_the_others(key: str, odd: Any) -> None:
    broken = node("x", "a", "user", "More?", **{key: odd})
    whole = chatgpt(ASKED, ANSWERED)
    found, _ = read([chatgpt(ASKED, ANSWERED, broken, id="g-2"), whole])
    assert [shown(conversation)[:2] for conversation in found] == [SHORT, SHORT]


def test_an_entry_of_gemini_that_is_there_twice_counts_once() -> None:
    asked = entry("first", "1", "2026-03-04T05:06:07Z", "abc")
    assert [content for _, content in shown(one([entry("second", "2", "2026-03-04T05:07:07Z", "abc"), asked, asked]))] == [
        "first",
        "1",
        "second",
        "2",
    ]


def test_messages_in_a_circle_are_shown() -> None:
    asked, answered = node("u", "a", "user", "Why?"), node("a", "u", "assistant", "Because.")
    assert shown(one([chatgpt(asked, answered)])) == SHORT
    assert shown(one([chatgpt(asked, answered, node("u2", "a", "user", "More?"))])) == [*SHORT, ("user", "More?")]


def test_claude_messages_without_parents_follow_their_times_if_all_have_one() -> None:
    bare = [{**message, "parent_message_uuid": None, "created_at": f"2026-03-29T07:0{n}:00Z"} for n, message in enumerate((HUMAN, MODEL))]
    assert shown(one([claude(*bare[::-1])])) == SHORT
    assert shown(one([claude(bare[0], bare[1] | {"created_at": None})])) == SHORT
