"""STORE: the tables and every query. The only place that runs SQL.

Core tables and Core statements, no ORM objects: a row cannot load more than was asked for, raw text least of all.
"""

from __future__ import annotations

from flask_sqlalchemy import SQLAlchemy

from sharelm.store.engine import open_engine_options

db = SQLAlchemy(disable_autonaming=True)


__all__ = ["db", "open_engine_options"]
