"""Run as a program of its own (see store.arrow): streams the rows of a query on an SQLite file to standard output, as Arrow IPC.

Imports nothing of ours: `python -P sqlite_reader.py FILE QUERY`.
"""

from __future__ import annotations

import os
import sys
import threading


class Unneeded:
    """Where they are installed, pyarrow would load these for longer than a small query takes."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name in {"numpy", "pandas"}:
            raise ModuleNotFoundError(name)


sys.meta_path.insert(0, Unneeded)

import adbc_driver_sqlite  # noqa: E402
import pyarrow.ipc  # noqa: E402
from adbc_driver_manager import AdbcConnection, AdbcStatement  # noqa: E402

ROWS_PER_BATCH = 2_000
MOST_OF_MEMORY = 0.5
PIECE_BYTES = 1 << 17  # Linux reads no more ahead at once than its devices are set to


def main(path: str, query: str) -> None:
    fetch_ahead(path)
    with adbc_driver_sqlite.connect(path) as database, AdbcConnection(database) as connection, AdbcStatement(connection) as statement:
        statement.set_options(**{"adbc.sqlite.query.batch_rows": str(ROWS_PER_BATCH)})
        statement.set_sql_query(query)
        stream, _ = statement.execute_query()
        batches = pyarrow.RecordBatchReader.from_stream(stream)
        with pyarrow.ipc.new_stream(sys.stdout.buffer, batches.schema) as out:
            for batch in batches:
                out.write_batch(batch)


def fetch_ahead(path: str) -> None:
    """Let the system read the file into memory from its beginning to its end, if it fits: rows are asked for in another order than they lie there.

    It is never closed: that would drop the locks that SQLite holds on it.
    """
    if not hasattr(os, "posix_fadvise"):
        return
    file = os.open(path, os.O_RDONLY)
    size = os.fstat(file).st_size
    if size < MOST_OF_MEMORY * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"):
        threading.Thread(target=fetch, args=(file, size), daemon=True).start()


def fetch(file: int, size: int) -> None:
    for start in range(0, size, PIECE_BYTES):
        os.posix_fadvise(file, start, PIECE_BYTES, os.POSIX_FADV_WILLNEED)


if __name__ == "__main__":
    main(*sys.argv[1:])
