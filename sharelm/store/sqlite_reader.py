"""Run as a program of its own (see store.arrow): streams the rows of a query on an SQLite file to standard output, as Arrow IPC.

Imports nothing of ours: `python -P sqlite_reader.py FILE QUERY`.
"""

from __future__ import annotations

import sys


class NoPandas:
    """Where it is installed, pyarrow would load it for half a second. Nothing here needs it."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


sys.meta_path.insert(0, NoPandas)

import pyarrow.ipc  # noqa: E402
from adbc_driver_sqlite import dbapi  # noqa: E402

ROWS_PER_BATCH = 2_000


def main(path: str, query: str) -> None:
    with dbapi.connect(path) as connection, connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(ROWS_PER_BATCH)})
        cursor.execute(query)
        batches = cursor.fetch_record_batch()
        with pyarrow.ipc.new_stream(sys.stdout.buffer, batches.schema) as out:
            for batch in batches:
                out.write_batch(batch)


if __name__ == "__main__":
    main(*sys.argv[1:])
