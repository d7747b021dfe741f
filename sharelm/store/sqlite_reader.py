"""Run as a program of its own (see store.arrow): streams the rows of a query on an SQLite file to standard output, as Arrow IPC.

Imports nothing of ours: `python -P sqlite_reader.py FILE QUERY`.
"""

from __future__ import annotations

import sys


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


def main(path: str, query: str) -> None:
    with adbc_driver_sqlite.connect(path) as database, AdbcConnection(database) as connection, AdbcStatement(connection) as statement:
        statement.set_options(**{"adbc.sqlite.query.batch_rows": str(ROWS_PER_BATCH)})
        statement.set_sql_query(query)
        stream, _ = statement.execute_query()
        batches = pyarrow.RecordBatchReader.from_stream(stream)
        with pyarrow.ipc.new_stream(sys.stdout.buffer, batches.schema) as out:
            for batch in batches:
                out.write_batch(batch)


if __name__ == "__main__":
    main(*sys.argv[1:])
