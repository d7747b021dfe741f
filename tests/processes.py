"""Commands in processes of their own that have what they need loaded already: to load it takes a second, and there are hundreds of commands.

`flask` starts as `python -m flask --app app` does, with its own environment, working directory and standard streams. What has to be shown
with an interpreter of its own too is started with `subprocess` where it is tested.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

from sharelm.config import CHECKOUT

LOADED = ["flask.cli", "app", "sharelm.jobs", "sharelm.cli", "sharelm.anonymise.shell", "sharelm.release.build"]
LONGEST = 120.0  # seconds

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(LOADED)


def flask(*command: str, environment: Mapping[str, str], input: str = "", cwd: Path = CHECKOUT) -> CompletedProcess[str]:
    """`flask --app app COMMAND…` with `environment` over that of the tests."""
    with tempfile.TemporaryDirectory() as folder:
        streams = [Path(folder) / name for name in ("in", "out", "err")]
        streams[0].write_text(input, encoding="utf-8")
        process = FORKS.Process(target=_run, args=(command, {**os.environ, **environment}, [str(path) for path in streams], str(cwd)))
        process.start()
        process.join(LONGEST)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError("the command did not end")
        out, err = (path.read_text(encoding="utf-8") if path.exists() else "" for path in streams[1:])
        return CompletedProcess(command, process.exitcode, out, err)


def _run(command: tuple[str, ...], environment: dict[str, str], streams: list[str], cwd: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    for number, path in enumerate(streams):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(handle, number)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    del sys.modules["app"]  # loaded for what it loads; this one is for the environment of the command
    sys.argv = ["flask", "--app", "app", *command]
    from flask.cli import main

    main()
