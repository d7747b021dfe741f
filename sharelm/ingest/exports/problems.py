"""Why an export cannot be read, and what to do about it: fixed sentences, by the words that the store keeps."""

from __future__ import annotations

from sharelm.errors import English
from sharelm.store.own_export import OUR_FAULT

PROBLEMS = {
    "empty-file": English("The file is empty. Ask for your export again, and send the file as you get it."),
    "damaged": English("The file is damaged or was cut off. Download your export again, and send the file as you get it."),
    "unknown": English(
        "We find no conversations in this file. Send the ZIP or JSON file of an export from ChatGPT, Claude, Gemini, Open WebUI, LibreChat, "
        "Chatbot UI, ShareGPT or OpenAI."
    ),
    "html": English(
        "This is a web page, which we do not read. Ask for the export as JSON; at Google Takeout it is a choice under “Multiple formats”."
    ),
    "other-language": English(
        "This Gemini activity is in a language that we do not read yet. Set your Google account to English, ask for the export again, and send that."
    ),
    "too-large": English(
        "The file holds more than the 250 MB that we take, packed or unpacked. Send it in parts, such as one JSON file after the other."
    ),
    "bomb": English("The ZIP expands to more than a hundred times its size, as no export does. Unpack it, and send the JSON files one by one."),
    "too-many-files": English("The ZIP holds too many files. Unpack it, and send the JSON files with your conversations one by one."),
    "locked": English("The ZIP is locked with a password. Unpack it, and send what is in it."),
    "packed-oddly": English("The ZIP is packed in a way that we do not read. Unpack it, and send the JSON files in it."),
    "nested": English("The ZIP holds other archives, which we do not open. Unpack it, and send the JSON files or the ZIP files in it one by one."),
    "odd-names": English("The ZIP holds links, or names that lead out of it. Unpack it, and send the JSON files in it."),
    "too-deep": English("The file is nested more deeply than any export. Download your export again, and send the file as you get it."),
    OUR_FAULT: English("The file could not be read, and it is our fault. Send it again; if it stays, tell the operator."),
}
SKIPPED = {
    "empty": English("without any text"),
    "one-sided": English("without an answer"),
    "no-user-message": English("without a message of yours"),
    "too-long": English("too long"),
    "unreadable": English("damaged"),
    "too-deep": English("nested too deeply"),
    "duplicate": English("there twice"),
    "no-conversation": English("not a conversation"),
    "other-language": English("in a language we do not read yet"),
    "too-many": English("beyond the 100 000 that we list"),
}


def sentence(word: str) -> str:
    return PROBLEMS.get(word, PROBLEMS[OUR_FAULT])
