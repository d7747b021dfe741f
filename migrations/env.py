"""Runs migrations on the application's engine; batch mode, because SQLite cannot alter a table in place."""

from alembic import context
from flask import current_app

current_app.server.make_instance()
database = current_app.extensions["migrate"].db

with database.engine.connect() as connection:
    context.configure(connection=connection, target_metadata=database.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
