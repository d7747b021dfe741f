"""How fast anonymisers are: CPU seconds on the same conversations, in interleaved rounds of one run, all on one core.

Every system is a process of its own that has been warmed up; the rounds go through all of them in turn, so that a machine that others use
slows all alike. Trust the ratios of the medians. `--memory` lets ours anonymise 100,000 conversations that all differ and watches its memory,
`--hostile` gives it 1 MB of what could make patterns slow.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from _anonymisers import SYSTEMS, Turn, Worker
from _conversations import upload_bodies, user_ids

Conversation = list[Turn]

DEFAULT = ("ours (rules)", "ours + names", "ours + names, every turn", "anonymization", "scrubadub", "presidio")
SLOW = {"presidio": 0.1, "ours + names, every turn": 0.4}  # the share of the conversations that these get; seconds are scaled up
TARGETS = (
    ("ours (rules)", "anonymization", 3.0),
    ("ours + names", "anonymization", 0.5),
    ("ours + names, every turn", "presidio", 5.0),
)
HOSTILE = (
    "1", "a.", "@", "[", "(", "{", "a@", "1.", "1-", "+1", ":", "a ", "A", "Aa ", "1 ", "\n", "`", "é", "=", "a@b.", "A1", "-", "/", "Mr A ",
    "street 1, ", "Str. 1 ", "12 A St ", "KEY=value ", "[AA", "via Roma, ", "call 0170 1234567, ", "1 rue ", "my address is 1 ", "```\n",
    ", Anna", "Aa–", "O'Brien`https://", "u\u0308", "Hauptstr. 1 ", "live at 1 ",
)  # fmt: skip
HOSTILE_SECONDS = 2.0
MEMORY_ROUNDS, MEMORY_BATCH = 50, 2_000
MEMORY_GROWTH = 1.05  # from the tenth round to the last


def main() -> None:
    options = _options()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # the workers inherit it
    workers = dict(_workers(options.systems))
    if options.memory:
        _memory({name: worker for name, worker in workers.items() if name.startswith("ours")})
    elif options.hostile:
        _hostile({name: worker for name, worker in workers.items() if name.startswith("ours")})
    else:
        conversations = _labelled(options.data) if options.data else _invented(options.conversations)
        _compare(workers, conversations, options.rounds)
    for worker in workers.values():
        worker.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=DEFAULT, metavar="NAME", help=f"of: {', '.join(SYSTEMS)}")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--conversations", type=int, default=40, help="of 3 to 6 turns, 10 kB each")
    parser.add_argument("--data", type=Path, metavar="DIR", help="take the texts of its .jsonl files instead, as user turns")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--hostile", action="store_true")
    return parser.parse_args()


def _workers(names: Sequence[str]) -> Iterator[tuple[str, Worker]]:
    for name in names:
        try:
            yield name, Worker(name)
        except ImportError as reason:
            print(f"{name}: left out, {reason}")


def _invented(count: int) -> list[Conversation]:
    return [_turns(json.loads(body)) for body in upload_bodies(user_ids(), count=count)]


def _turns(body: dict[str, Any]) -> Conversation:
    pairs = zip(body["user_msgs"], body["bot_msgs"], strict=True)
    return [turn for asked, answered in pairs for turn in (("user", asked), ("assistant", answered))]


def _labelled(folder: Path) -> list[Conversation]:
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    return [[("user", json.loads(line)["text"])] for line in lines]


def _compare(workers: dict[str, Worker], conversations: Sequence[Conversation], rounds: int) -> None:
    size = sum(len(text) for turns in conversations for _, text in turns)
    seconds: dict[str, list[float]] = {name: [] for name in workers}
    for number in range(rounds + 1):
        for name, worker in workers.items():
            share = conversations[:: round(1 / SLOW.get(name, 1))]
            spent = worker.ask(conversations=share)["cpu"] * size / sum(len(text) for turns in share for _, text in turns)
            if number:  # the first round warms up
                seconds[name].append(spent)
    print(f"{len(conversations)} conversations, {size / 1e6:.2f} M characters, {rounds} rounds, one core\n")
    for name, spent in seconds.items():
        print(f"{name:26} {statistics.median(spent):8.3f} s of CPU  {size / statistics.median(spent) / 1e6:8.3f} M characters/s")
    print()
    for name, to, ratio in TARGETS:
        if name in seconds and to in seconds:
            found = statistics.median(seconds[to]) / statistics.median(seconds[name])
            print(f"{name} ≥ {ratio:g} × {to}: {found:.2f}  {'met' if found >= ratio else 'MISSED'}")


def _memory(workers: dict[str, Worker]) -> None:
    """Resident memory of the process, in MB, after each tenth of the conversations."""
    for name, worker in workers.items():
        sizes, chance = [], random.Random(7)
        for number in range(MEMORY_ROUNDS):
            worker.ask(conversations=[_never_seen(chance) for _ in range(MEMORY_BATCH)])
            sizes.append(_resident(worker.pid))
            if number % 5 == 4:
                print(f"{name}: {(number + 1) * MEMORY_BATCH:7,} conversations, {sizes[-1]:.0f} MB", flush=True)
        growth = sizes[-1] / sizes[MEMORY_ROUNDS // 5]
        print(f"{name}: × {growth:.3f} since {MEMORY_ROUNDS // 5 * MEMORY_BATCH:,}  {'met' if growth <= MEMORY_GROWTH else 'MISSED'}")


def _never_seen(chance: random.Random) -> Conversation:
    """Two turns with words, names and addresses that no other conversation has."""
    name, family, word = (f"{chance.choice('BDKLMNRST')}{''.join(chance.choices('aeioulnrst', k=7))}" for _ in range(3))
    mail = f"{name.lower()}{chance.randrange(10**6)}@example.org"
    asked = f"My name is {name} {family}. Write to {mail} that {word.lower()} is ready, or call +49 170 {chance.randrange(10**6, 10**7)}."
    return [("user", asked), ("assistant", f"Dear {name}, I would tell Ms {family} that {word.lower()} {chance.randrange(10**9)} is ready.")]


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    sys.exit("This system does not say how much memory a process has.")


def _hostile_texts() -> Iterator[tuple[str, str]]:
    for pattern in HOSTILE:
        yield pattern, (pattern * (1_000_000 // len(pattern) + 1))[:1_000_000]
    chance = random.Random(7)
    names = ("".join([chance.choice("BDKLMNRST"), *chance.choices("aeioulnrst", k=6)]) for _ in range(2 * 60_000))
    yield "60,000 persons", " and ".join(f"{name} {next(names)}" for name in names)
    yield "phone numbers", ", ".join(f"+49 170 {chance.randrange(10**6, 10**7)}" for _ in range(58_000))
    yield "keys", "\n".join(f"API_KEY_{i}=x{chance.randrange(10**9)}Qa!" for i in range(40_000))


def _hostile(workers: dict[str, Worker]) -> None:
    for name, worker in workers.items():
        worst = 0.0
        worker.ask(conversations=[[("user", "It was fine. " * 10_000)]])  # making ready is no text's fault
        for pattern, text in _hostile_texts():
            spent = worker.ask(conversations=[[("user", text)]])["cpu"]
            worst = max(worst, spent)
            print(f"{name}: {pattern!r:14} {spent:6.2f} s{'' if spent < HOSTILE_SECONDS else '  MISSED'}", flush=True)
        print(f"{name}: at most {worst:.2f} s  {'met' if worst < HOSTILE_SECONDS else 'MISSED'}")


if __name__ == "__main__":
    main()
