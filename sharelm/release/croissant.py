"""croissant.json: the release as machines that look for datasets read it (Croissant 1.0, JSON-LD). Made of the schemas, so it cannot lag behind."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from sharelm.release.card import HUB_LICENCES
from sharelm.release.schema import schema_of

NAME = "croissant.json"
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
PARQUET = "application/x-parquet"


@dataclass(frozen=True, slots=True)
class About:
    """What stands beside the files."""

    version: str
    licences: tuple[str, ...]
    operator: str
    address: str


def write_croissant(folder: Path, about: About, digests: Mapping[str, str]) -> None:
    """`digests` are the SHA-256 of the release's Parquet files by their paths in it."""
    facts = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "ShareLM",
        "description": "Conversations between people and language models, given by the people who had them, anonymised, with their ratings.",
        "version": about.version,
        "license": _addresses(about.licences),
        "url": f"{about.address}/releases/{about.version}",
        "citeAs": f"The contributors of ShareLM. ShareLM {about.version}. {about.address}/releases/{about.version}",
        "creator": {"@type": "sc:Organization", "name": about.operator or "The contributors of ShareLM"},
        "keywords": ["conversational", "human feedback", "language models"],
        "isLiveDataset": False,
    }
    _write(folder, facts, digests)


def _addresses(licences: Iterable[str]) -> str | list[str]:
    found = [f"https://spdx.org/licenses/{licence}.html" if licence.lower() in HUB_LICENCES else licence for licence in licences]
    return found if len(found) > 1 else found[0]


def replace_files(folder: Path, croissant: Path, digests: Mapping[str, str]) -> None:
    """Into `folder` the one that stood in `croissant`, with the files that are left."""
    _write(folder, json.loads(croissant.read_text(encoding="utf-8")), digests)


def _write(folder: Path, facts: Mapping[str, Any], digests: Mapping[str, str]) -> None:
    files = [_file(folder, path, sha256) for path, sha256 in digests.items()]
    parts = {"distribution": [*files, *_file_sets(digests)], "recordSet": [_record_set(config) for config in _configs(digests)]}
    (folder / NAME).write_text(json.dumps({**facts, **parts}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _configs(paths: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(path.partition("/")[0] for path in paths))


def _file(folder: Path, path: str, sha256: str) -> dict[str, Any]:
    size = f"{(folder / path).stat().st_size} B"
    facts = {"@type": "cr:FileObject", "@id": path, "name": path, "contentUrl": path, "contentSize": size}
    return {**facts, "encodingFormat": PARQUET, "sha256": sha256}


def _file_sets(paths: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {"@type": "cr:FileSet", "@id": f"{config}-files", "name": f"{config}-files", "encodingFormat": PARQUET, "includes": f"{config}/*.parquet"}
        for config in _configs(paths)
    ]


def _record_set(config: str) -> dict[str, Any]:
    fields = [_field(config, column.name, column.type, column=column.name) for column in schema_of(config)]
    return {"@type": "cr:RecordSet", "@id": config, "name": config, "field": fields}


def _field(parent: str, name: str, kind: pa.DataType, *, column: str, path: str = "") -> dict[str, Any]:
    """A list is a repeated field; what is in a struct are its parts, found by their path in the column."""
    is_list = pa.types.is_list(kind)
    inner = kind.value_type if is_list else kind
    here = f"{parent}/{name}"
    facts: dict[str, Any] = {"@type": "cr:Field", "@id": here, "name": here}
    facts |= {"repeated": True} if is_list else {}
    if pa.types.is_struct(inner):
        return facts | {"subField": [_field(here, part.name, part.type, column=column, path=_step(path, is_list) + part.name) for part in inner]}
    source: dict[str, Any] = {"fileSet": {"@id": f"{parent.partition('/')[0]}-files"}, "extract": {"column": column}}
    source |= {"transform": {"jsonPath": path}} if path else {}
    return facts | {"dataType": _data_type(inner), "source": source}


def _step(path: str, is_list: bool) -> str:
    return f"{path}[*]." if is_list else f"{path}." if path else ""


def _data_type(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    if pa.types.is_integer(kind):
        return "sc:Integer"
    return "sc:DateTime" if pa.types.is_timestamp(kind) else "sc:Text"
