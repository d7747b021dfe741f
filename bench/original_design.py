"""A server to the design of the original ShareLM demo server, written anew for comparison: anonymises inside the request, keeps one session.

Runs in an environment of its own (see _original.py): `gunicorn original_design:app` with two sync workers; as a program it makes its table.
"""

from __future__ import annotations

import os
from typing import Any

from anonymization import (
    Anonymization,
    AnonymizerChain,
    CreditCardAnonymizer,
    EmailAnonymizer,
    IbanAnonymizer,
    Ipv4Anonymizer,
    Ipv6Anonymizer,
    MacAddressAnonymizer,
    PhoneNumberAnonymizer,
)
from flask import Flask, jsonify, request
from sqlalchemy import ARRAY, JSON, Column, Integer, String, Text, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

Base: Any = declarative_base()


class Conversation(Base):
    """One row per upload, a second one for the same conversation included."""

    __tablename__ = "conversation"
    id = Column(Integer, primary_key=True)
    conversation_id = Column(String(255))
    user_id = Column(String(255))
    page_url = Column(String(255))
    timestamp = Column(String(255))
    user_msgs = Column(ARRAY(Text))
    bot_msgs = Column(ARRAY(Text))
    user_metadata = Column(JSON)
    conversation_metadata = Column(JSON)


engine = create_engine(os.environ["DATABASE_URL"])
session = sessionmaker(bind=engine)()  # one for the life of the process, as in the original
chain = AnonymizerChain(Anonymization("en_US"))
chain.add_anonymizers(
    EmailAnonymizer, PhoneNumberAnonymizer, MacAddressAnonymizer, Ipv4Anonymizer, Ipv6Anonymizer, CreditCardAnonymizer, IbanAnonymizer
)
app = Flask(__name__)


@app.post("/api/endpoint")
def receive() -> Any:
    sent = request.get_json()
    fields = {name: sent.get(name) for name in ("conversation_id", "user_id", "page_url", "timestamp", "user_metadata", "conversation_metadata")}
    session.add(Conversation(**fields, user_msgs=chain.anonymize_all(sent["user_msgs"]), bot_msgs=chain.anonymize_all(sent["bot_msgs"])))
    session.commit()
    return jsonify(status="success")


if __name__ == "__main__":
    Base.metadata.create_all(engine)
