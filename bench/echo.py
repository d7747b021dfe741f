"""The ceiling: a bare Flask application that parses a JSON body and answers a few bytes of it. Served as `gunicorn -c echo.conf.py echo:app`."""

from __future__ import annotations

from flask import Flask, Response, jsonify, request

app = Flask(__name__)


@app.post("/api/endpoint")
def echo() -> Response:
    sent = request.get_json()
    return jsonify(conversation_id=sent["conversation_id"])
