"""The licence of a row: the instance's own, unless the model's terms ask for a narrower one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

from sharelm.errors import ConfigError

SHIPPED = Path(__file__).parent / "licences.toml"


def licence_by_model(default: str, instance: Path | None = None) -> Callable[[str], str]:
    """A function from a model's name ("" if unknown) to a licence. Raises ConfigError if a table cannot be read."""
    tables = [path for path in (instance / SHIPPED.name if instance else None, SHIPPED) if path and path.exists()]
    rows = [row for table in tables for row in _rows(table)]
    return lambda model: next((licence for pattern, licence in rows if model and pattern.search(model)), default)


def _rows(table: Path) -> list[tuple[re.Pattern[str], str]]:
    try:
        rows = tomllib.loads(table.read_text(encoding="utf-8")).get("model", [])
        return [(re.compile(row["pattern"], re.IGNORECASE), str(row["licence"])) for row in rows]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, re.error):
        raise ConfigError("licences.toml cannot be read: it needs [[model]] rows with a pattern and a licence.") from None
