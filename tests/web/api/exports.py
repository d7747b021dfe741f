"""What the tests of exports send, and the contributor who sends it."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

FILES = Path(__file__).parents[2] / "ingest/exports/files"
PATH = "/api/v1/exports"


class Sender:
    """A contributor who has agreed, as a program that uses the API."""

    def __init__(self, client: FlaskClient, user_id: str, run_job: Callable[[str], Any], *, agrees: bool = True) -> None:
        self.client, self.run_job = client, run_job
        self.headers = {"Authorization": f"Bearer {user_id}"}
        if agrees:
            self.agree()

    def agree(self) -> None:
        version = self.client.get("/api/v1/consent").json["version"]
        agreed = {"version": version, "language": "en", "adult": True}
        assert self.client.post("/api/v1/consent", json=agreed, headers=self.headers).status_code == 200

    def send(self, content: bytes, name: str = "export.zip") -> TestResponse:
        return self.client.post(PATH, data={"file": (io.BytesIO(content), name)}, headers=self.headers)

    def bring(self, content: bytes) -> str:
        """The id of an export that is read."""
        answer = self.send(content)
        assert answer.status_code == 202, answer.text
        self.run_job("export")
        return str(answer.json["export_id"])

    def get(self, export_id: str, query: str = "") -> Any:
        answer = self.client.get(f"{PATH}/{export_id}{query}", headers=self.headers)
        assert answer.status_code == 200
        return answer.json

    def choose(self, export_id: str, *conversation_ids: str) -> TestResponse:
        return self.client.post(f"{PATH}/{export_id}/choose", json={"conversation_ids": conversation_ids}, headers=self.headers)

    def results(self, export_id: str, *conversation_ids: str) -> list[str]:
        answer = self.choose(export_id, *conversation_ids)
        assert answer.status_code == 200, answer.text
        return [item["result"] for item in answer.json["items"]]

    def given(self) -> list[Any]:
        return list(self.client.get("/api/v1/conversations", headers=self.headers).json["items"])

    def one(self, conversation_id: str) -> TestResponse:
        return self.client.get(f"/api/v1/conversations/{conversation_id}", headers=self.headers)

    def contents(self, conversation_id: str) -> list[str]:
        return [message["content"] for message in self.one(conversation_id).json["messages"]]


def fixture(name: str) -> bytes:
    return (FILES / name).read_bytes()


def claude(*conversations: Any) -> bytes:
    return json.dumps(list(conversations)).encode()


def claude_chat(native_id: str, *said: str, updated_at: str = "2026-03-01T10:00:00Z", **more: Any) -> dict[str, Any]:
    """A chat in which the person and the model take turns."""
    messages = []
    for place, text in enumerate(said):
        parent = f"{native_id}-{place - 1}" if place else "00000000-0000-4000-8000-000000000000"
        sender = "assistant" if place % 2 else "human"
        content = [{"type": "text", "text": text}]
        messages.append({"uuid": f"{native_id}-{place}", "sender": sender, "text": "", "content": content, "parent_message_uuid": parent})
    return {"uuid": native_id, "name": "A title that nobody needs", "updated_at": updated_at, "chat_messages": messages, **more}


def some_chats(count: int) -> bytes:
    return claude(*(claude_chat(str(uuid.UUID(int=number)), f"Question {number}", "An answer", updated_at=f"2026-03-{1 + number % 28:02}T10:00:00Z")
                    for number in range(count)))  # fmt: skip
