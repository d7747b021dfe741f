"""A server that speaks the Hub's protocol for datasets, in memory: repositories, commits, tags, stored files; and fails when it is told to."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

LFS_FROM = 10_000  # bytes


def blob_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@dataclass
class Repo:
    """`commits` are the files after each one, by their id in the order they were made."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    head: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def commit(self, files: dict[str, bytes]) -> str:
        self.head = hashlib.sha1(f"{len(self.commits)} {sorted(files)} {self.head}".encode()).hexdigest()
        self.commits[self.head] = files
        return self.head

    def at(self, revision: str) -> tuple[str, dict[str, bytes]] | None:
        oid = self.head if revision == "main" else self.tags.get(revision, revision)
        return (oid, self.commits[oid]) if oid in self.commits else None


@dataclass
class Fault:
    """Answer so many requests whose method and path match with this status; `happens` does the work all the same: the answer is lost."""

    pattern: str
    status: int
    times: int = 1
    happens: bool = False
    headers: dict[str, str] = field(default_factory=dict)


class HubStub:
    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.stored: dict[str, bytes] = {}
        self.faults: list[Fault] = []
        self.asked: list[str] = []
        self.address = ""
        self.token = "hf_test"

    def fault_for(self, line: str) -> Fault | None:
        for fault in self.faults:
            if fault.times and re.search(fault.pattern, line):
                fault.times -= 1
                return fault
        return None

    def is_lfs(self, content: bytes) -> bool:
        return len(content) >= LFS_FROM


@contextmanager
def hub_stub() -> Iterator[HubStub]:
    hub = HubStub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"hub": hub}))
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Handler(BaseHTTPRequestHandler):
    hub: HubStub
    protocol_version = "HTTP/1.1"
    ROUTES = (
        ("POST", r"/api/repos/create", "create"),
        ("POST", r"/api/validate-yaml", "validate"),
        ("GET", r"/api/datasets/([^/]+/[^/]+)", "info"),
        ("GET", r"/api/datasets/([^/]+/[^/]+)/revision/([^/]+)", "info"),
        ("GET", r"/api/datasets/([^/]+/[^/]+)/refs", "refs"),
        ("GET", r"/api/datasets/([^/]+/[^/]+)/tree/([^/]+)(?:/(.*))?", "tree"),
        ("POST", r"/api/datasets/([^/]+/[^/]+)/paths-info/([^/]+)", "paths_info"),
        ("POST", r"/api/datasets/([^/]+/[^/]+)/preupload/main", "preupload"),
        ("POST", r"/datasets/([^/]+/[^/]+)\.git/info/lfs/objects/batch", "batch"),
        ("PUT", r"/stored/([0-9a-f]{64})", "store"),
        ("POST", r"/stored/verify", "verify"),
        ("POST", r"/api/datasets/([^/]+/[^/]+)/commit/main", "commit"),
        ("POST", r"/api/datasets/([^/]+/[^/]+)/tag/([^/]+)", "tag"),
        ("DELETE", r"/api/datasets/([^/]+/[^/]+)/tag/([^/]+)", "untag"),
        ("PUT", r"/api/datasets/([^/]+/[^/]+)/settings", "settings"),
        ("POST", r"/api/datasets/([^/]+/[^/]+)/super-squash/main", "squash"),
        ("GET", r"/api/datasets/([^/]+/[^/]+)/lfs-files", "lfs_files"),
        ("POST", r"/api/datasets/([^/]+/[^/]+)/lfs-files/batch", "delete_lfs"),
        ("HEAD", r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", "resolve"),
        ("GET", r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", "resolve"),
    )

    def log_message(self, format: str, *args: Any) -> None:
        """Tests read `asked` instead."""

    def handle_any(self) -> None:
        line = f"{self.command} {urlsplit(self.path).path}"
        self.hub.asked.append(line)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.hub.fault_for(line)
        if fault and not fault.happens:
            return self.answer(fault.status, {"error": "told to"}, fault.headers)
        for method, pattern, name in self.ROUTES:
            match = re.fullmatch(pattern, unquote(urlsplit(self.path).path))
            if match and method == self.command:
                return self.respond(name, match.groups(), body, fault)
        return self.answer(404, {"error": "no such address"}, {"X-Error-Code": "EntryNotFound"})

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any

    def respond(self, name: str, names: tuple[str, ...], body: bytes, fault: Fault | None) -> None:
        if "/stored/" not in self.path and self.headers.get("Authorization") != f"Bearer {self.hub.token}":
            return self.answer(401, {"error": "no token"}, {"X-Error-Code": "RepoNotFound"})
        status, content, *headers = getattr(self, name)(*names, body=body)
        if fault:
            return self.answer(fault.status, {"error": "told to"}, {})
        return self.answer(status, content, headers[0] if headers else {})

    def answer(self, status: int, content: Any, headers: dict[str, str]) -> None:
        payload = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(payload)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    def repo(self, name: str) -> Repo:
        return self.hub.repos[name]

    def create(self, *, body: bytes) -> tuple[Any, ...]:
        asked = json.loads(body)
        name = f"{asked['organization']}/{asked['name']}"
        url = {"url": f"{self.hub.address}/datasets/{name}"}
        if name in self.hub.repos:
            return 409, url
        repo = self.hub.repos[name] = Repo(settings={"visibility": asked.get("visibility", "public"), "type": asked["type"]})
        repo.commit({".gitattributes": b"*.parquet filter=lfs\n"})
        return 200, url

    def validate(self, *, body: bytes) -> tuple[Any, ...]:
        assert json.loads(body)["content"].startswith("---")
        return 200, {"errors": [], "warnings": []}

    def info(self, name: str, revision: str = "main", *, body: bytes) -> tuple[Any, ...]:
        found = self.hub.repos[name].at(revision) if name in self.hub.repos else None
        if not found:
            return 404, {"error": "missing"}, {"X-Error-Code": "RevisionNotFound"}
        siblings = [{"rfilename": path} for path in found[1]]
        return 200, {"id": name, "sha": found[0], "siblings": siblings, "private": False, "tags": [], "downloads": 0, "likes": 0}

    def refs(self, name: str, *, body: bytes) -> tuple[Any, ...]:
        if name not in self.hub.repos:
            return 404, {"error": "missing"}, {"X-Error-Code": "RepoNotFound"}
        repo = self.repo(name)
        tags = [{"name": tag, "ref": f"refs/tags/{tag}", "targetCommit": oid} for tag, oid in repo.tags.items()]
        return 200, {"branches": [{"name": "main", "ref": "refs/heads/main", "targetCommit": repo.head}], "converts": [], "tags": tags}

    def entry(self, path: str, content: bytes) -> dict[str, Any]:
        entry: dict[str, Any] = {"type": "file", "path": path, "size": len(content), "oid": blob_id(content)}
        if self.hub.is_lfs(content):
            entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
        return entry

    def tree(self, name: str, revision: str, folder: str | None = None, *, body: bytes) -> tuple[Any, ...]:
        found = self.hub.repos[name].at(revision) if name in self.hub.repos else None
        inside = {path: content for path, content in found[1].items() if not folder or path.startswith(f"{folder}/")} if found else {}
        if not found or (folder and not inside):
            return 404, {"error": "missing"}, {"X-Error-Code": "EntryNotFound" if found else "RevisionNotFound"}
        whole = parse_qs(urlsplit(self.path).query).get("recursive", ["false"])[0].lower() in {"true", "1"}
        depth = folder.count("/") + 1 if folder else 0
        entries = [self.entry(path, content) for path, content in inside.items() if whole or path.count("/") == depth]
        if not whole:
            folders = {"/".join(path.split("/")[: depth + 1]) for path in inside if path.count("/") > depth}
            entries += [{"type": "directory", "path": path, "oid": "0" * 40, "size": 0} for path in sorted(folders)]
        return 200, entries

    def paths_info(self, name: str, revision: str, *, body: bytes) -> tuple[Any, ...]:
        asked = parse_qs(body.decode()).get("paths", []) if not body.startswith(b"{") else json.loads(body)["paths"]
        found = self.repo(name).at(revision)
        return 200, [self.entry(path, found[1][path]) for path in asked if found and path in found[1]]

    def preupload(self, name: str, *, body: bytes) -> tuple[Any, ...]:
        files = json.loads(body)["files"]
        mode = {file["path"]: "lfs" if file["size"] >= LFS_FROM else "regular" for file in files}
        return 200, {"files": [{"path": path, "uploadMode": kind, "shouldIgnore": False, "oid": None} for path, kind in mode.items()]}

    def batch(self, name: str, *, body: bytes) -> tuple[Any, ...]:
        def offer(one: dict[str, Any]) -> dict[str, Any]:
            place = {"href": f"{self.hub.address}/stored/{one['oid']}"}
            return (
                one
                if one["oid"] in self.hub.stored
                else one | {"actions": {"upload": place, "verify": {"href": f"{self.hub.address}/stored/verify"}}}
            )

        return 200, {"transfer": "basic", "objects": [offer(one) for one in json.loads(body)["objects"]]}, {"Content-Type": "application/json"}

    def store(self, oid: str, *, body: bytes) -> tuple[Any, ...]:
        assert self.headers.get("Authorization") is None
        assert hashlib.sha256(body).hexdigest() == oid
        self.hub.stored[oid] = body
        return 200, {}

    def verify(self, *, body: bytes) -> tuple[Any, ...]:
        asked = json.loads(body)
        return (200, {}) if len(self.hub.stored[asked["oid"]]) == asked["size"] else (422, {})

    def commit(self, name: str, *, body: bytes) -> tuple[Any, ...]:
        repo, lines = self.repo(name), [json.loads(line) for line in body.splitlines()]
        parent = lines[0]["value"].get("parentCommit")
        if parent is not None and parent != repo.head:
            return 412, {"error": "A commit has happened since."}
        files = dict(repo.commits[repo.head]) if repo.head else {}
        for line in lines[1:]:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.hub.stored[value["oid"]]
            else:
                del files[value["path"]]
        oid = repo.commit(files)
        return 200, {"commitOid": oid, "commitUrl": f"{self.hub.address}/datasets/{name}/commit/{oid}"}

    def tag(self, name: str, revision: str, *, body: bytes) -> tuple[Any, ...]:
        repo, tag = self.repo(name), json.loads(body)["tag"]
        found = repo.at(revision)
        if tag in repo.tags or not found:
            return 409 if found else 404, {"error": "taken"}
        repo.tags[tag] = found[0]
        return 200, {}

    def untag(self, name: str, tag: str, *, body: bytes) -> tuple[Any, ...]:
        del self.repo(name).tags[tag]
        return 200, {}

    def settings(self, name: str, *, body: bytes) -> tuple[Any, ...]:
        self.repo(name).settings |= json.loads(body)
        return 200, {}

    def squash(self, name: str, *, body: bytes) -> tuple[Any, ...]:
        repo = self.repo(name)
        files = repo.commits[repo.head or ""]
        tagged = {oid: repo.commits[oid] for oid in repo.tags.values()}
        repo.commits = tagged
        repo.commit(files)
        return 200, {}

    def lfs_files(self, name: str, *, body: bytes) -> tuple[Any, ...]:
        stamp = {"pushedAt": "2026-11-01T00:00:00.000Z", "ref": "refs/heads/main"}
        return 200, [{"oid": oid, "fileOid": oid, "filename": "x.parquet", "size": len(content), **stamp} for oid, content in self.hub.stored.items()]

    def delete_lfs(self, name: str, *, body: bytes) -> tuple[Any, ...]:
        for sha in json.loads(body)["deletions"]["sha"]:
            del self.hub.stored[sha]
        return 200, {}

    def resolve(self, name: str, revision: str, path: str, *, body: bytes) -> tuple[Any, ...]:
        found = self.hub.repos[name].at(revision) if name in self.hub.repos else None
        if not found or path not in found[1]:
            return 404, {"error": "missing"}, {"X-Error-Code": "EntryNotFound" if found else "RevisionNotFound"}
        content = found[1][path]
        etag = hashlib.sha256(content).hexdigest() if self.hub.is_lfs(content) else blob_id(content)
        return 200, content, {"ETag": f'"{etag}"', "X-Repo-Commit": found[0]}
