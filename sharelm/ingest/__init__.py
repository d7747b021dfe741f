"""INGEST: from what a client sent to a stored conversation at stage `received`."""
