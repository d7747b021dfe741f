"""What the loop knows of a source: the facts that `collection list` shows, and how its rows are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import pyarrow as pa

from sharelm.collection.found import Item


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file, with what some sources need beside it: the place in the file (from 0), the file's name, and what `read_aside` found."""

    value: Any
    number: int = 0
    file: PurePath = field(default_factory=lambda: PurePath("train"))
    aside: Mapping[str, Any] = field(default_factory=dict)


ReadRow = Callable[[Row], Iterator[Item]]


@dataclass(frozen=True)
class Source:
    """`read_row` is all that a source must have. The rest is for those that are written otherwise:

    `rows` cuts a file of plain text into rows. `columns` are the columns of a Parquet file that are read, a dot for a nested one.
    `read_batch` does for whole columns what `read_row` does for one row, and says which rows it leaves to that. `keeps` says whether a file
    holds conversations, by its first row. `read_aside` takes what rows need to know from the other files. `prepare` looks at a file first.
    Where `is_withheld_if_toxic`, rows that are marked so come from an edition that is not for everybody.
    """

    name: str
    licence: str
    read_row: ReadRow
    rows_told: str
    how: str
    hub: str = ""
    hub_files: tuple[str, ...] = ()
    is_gated: bool = False
    is_redistributable: bool = True
    is_unified: bool = True
    columns: tuple[str, ...] = ()
    read_batch: Callable[[pa.RecordBatch], Batch | None] | None = None
    rows: Callable[[Iterable[str]], Iterator[Any]] | None = None
    keeps: Callable[[Mapping[str, Any]], bool] = lambda _: True
    read_aside: Callable[[Iterable[Any]], Mapping[str, Any]] | None = None
    prepare: Callable[[Iterable[Any]], Mapping[str, Any]] | None = None
    is_withheld_if_toxic: bool = False


@dataclass(frozen=True)
class Batch:
    """`columns` of the release schema for the rows that went through, in their order; `left_out` counts the others; `rest` are the places of
    those that have to be read one by one."""

    columns: Mapping[str, pa.Array]
    left_out: Mapping[str, int]
    rest: list[int]
