"""A backlog of conversations on Postgres, and two worker processes that are told to anonymise it: how long, and is any done twice?

Each worker is `flask --app app job run anonymise`, as an operator types it; whoever comes second waits, and finds nothing left.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _conversations import ID_PLACE, upload_bodies, user_ids
from _postgres import postgres

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--names", choices=("on", "off"), default="on")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        environment = {
            "DATABASE_URL": server.make_database("sharelm_backlog"),
            "SHARELM_INSTANCE": folder,
            "SHARELM_SECRET": "a secret of the bench that is long enough",
            "SHARELM_JOBS": "off",
            "SHARELM_NAMES": options.names,
            "SHARELM_UPLOADS_PER_MINUTE": "1000000",
        }
        print(f"uploading {options.conversations:,} conversations …", flush=True)
        app = _filled(environment, options.conversations)
        began = time.monotonic()
        done = [_counted(output) for output in _run_workers(environment)]
        seconds = time.monotonic() - began
        print(f"anonymised by the two: {done}, {sum(done)} of {options.conversations} in {seconds:.0f} s ({sum(done) / seconds:.0f} a second)")
        print("each exactly once: " + ("met" if sum(done) == options.conversations and _is_done(app) else "MISSED"))


def _filled(environment: dict[str, str], count: int):
    sys.path.insert(0, str(ROOT))
    from sharelm import create_app
    from sharelm.config import Config

    app = create_app(Config.from_environment(environment))
    app.open()
    client = app.test_client()
    for number, body in enumerate(upload_bodies(user_ids(), count=count)):
        answer = client.post("/api/endpoint", data=body.replace(ID_PLACE, f"c-{number}"), content_type="application/json")
        assert answer.status_code == 200, answer.status_code
    return app


def _run_workers(environment: dict[str, str]) -> list[str]:
    command = [sys.executable, "-m", "flask", "--app", "app", "job", "run", "anonymise"]
    processes = [subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, text=True) for _ in range(WORKERS)]
    return [process.communicate()[0] for process in processes]


def _counted(output: str) -> int:
    return sum(map(int, re.findall(r"(\d+) anonymised", output)))


def _is_done(app) -> bool:
    """Nothing waits, and no message holds as many labels as two runs would have left."""
    from sqlalchemy import select

    from sharelm.store.conversation import conversation
    from sharelm.store.engine import read

    with read(app.server.engine) as connection:
        rows = connection.execute(select(conversation.c.pending, conversation.c.messages, conversation.c.redactions)).all()
    return all(row.pending is None and _labels(row.messages) == sum(json.loads(row.redactions).values()) for row in rows)


def _labels(messages: str) -> int:
    return sum(len(re.findall(r"\[[A-Z_]+_\d+\]", message["content"])) for message in json.loads(messages))


if __name__ == "__main__":
    main()
