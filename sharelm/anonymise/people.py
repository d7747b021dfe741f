"""Who is who: `Anna`, `Anna Rossi` and `Ms Rossi` are one person and get one number."""

from __future__ import annotations

from collections.abc import Iterable

from sharelm.anonymise.detectors.person_runs import Key

MAX_PERSONS = 500  # in one conversation; beyond, every spelling is a person of its own


def group(names: Iterable[Key]) -> dict[Key, Key]:
    """For every name the fullest name of its person: full names first, so that a first name alone falls to the one it belongs to.

    A name that fits two persons belongs to the one who was named first.
    """
    distinct = list(dict.fromkeys(names))
    if len(distinct) > MAX_PERSONS:
        return {name: name for name in distinct}
    place = {name: number for number, name in enumerate(distinct)}
    full: dict[Key, Key] = {}
    by_word: dict[str, list[Key]] = {}
    for name in sorted(distinct, key=len, reverse=True):
        fitting = [other for other in by_word.get(name[-1], []) if is_short_for(name, other)]
        if len(name) > 1 or not fitting:
            fitting += [other for other in by_word.get(name[0], []) if is_short_for(name, other)]
        full[name] = min(fitting, key=place.__getitem__) if fitting else name
        if full[name] == name:
            for word in set(name):
                by_word.setdefault(word, []).append(name)
    return full


def is_short_for(name: Key, other: Key) -> bool:
    """`anna`, `rossi`, `a rossi` and `anna rossi` are short for `anna maria rossi`; `marco rossi` is not."""
    if name == other:
        return True
    if len(name) == 1:
        return name[0] in other
    rest = iter(other)
    return len(name) <= len(other) and all(any(_fits(word, candidate) for candidate in rest) for word in name)


def _fits(word: str, candidate: str) -> bool:
    return word == candidate or (len(word) == 1 and candidate.startswith(word)) or (len(candidate) == 1 and word.startswith(candidate))
