"""What the card says of public datasets in a release: whose they are, and that nobody here gave or anonymised them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sharelm.release.collected import Collection, Facts

OF_ALL = "the contributions and the public datasets below together, as `default`; `source` says whose a row is"
OF_DATASET = "a public dataset in the columns of `default`, see below"
BEGIN = """## Public datasets

But for the list of configs, nothing above speaks of them: nobody gave them here, and no reviewer of ours has looked at them. They were
published by others and stand in our columns, without rows that hold no conversation between a person and a model. Each row has the licence of
its source; `release` and `turns` are NULL. Cite them and keep to their terms. `import` is the SHA-256 of the manifest of their import, which
names every file that was read.

Rows of datasets that say nearly or exactly the same are marked in `near_dup_group`, across all of them; those that are like a contribution
in `all` only. None is left out for it.
"""
AS_PUBLISHED = """The texts of {names} are as their publishers gave them out: our anonymiser did not see them, and our checks for personal
data were not applied to them. They may hold names, addresses and the like.
"""
ANONYMISED = """{names} went through our anonymiser, and through the same checks for personal data as contributions.
"""
BETWEEN_PEOPLE = """{names}: people wrote both sides. It is not in `all`.
"""
WITHHELD = """These may not be passed on, and are not here. A program in `recipes/` makes the same of each for whoever may have it, with their own
token:
"""


def collection_section(collection: Collection | None) -> str:
    if collection is None:
        return ""
    datasets, withheld = collection.datasets, collection.withheld
    of = {
        AS_PUBLISHED: [one.name for one in datasets if not one.facts.is_anonymised],
        ANONYMISED: [one.name for one in datasets if one.facts.is_anonymised],
        BETWEEN_PEOPLE: [one.name for one in datasets if not one.in_all],
    }
    said = [BEGIN] if datasets else ["## Public datasets\n"]
    said += [_table((one.name, one.facts) for one in datasets)] if datasets else []
    said += [words.format(names=_listed(names)) for words, names in of.items() if names]
    said += [WITHHELD, _table((one.name, one.facts) for one in withheld)] if withheld else []
    return "\n".join(said) + "\n"


def _table(rows: Iterable[tuple[str, Facts]]) -> str:
    lines = [
        f"| `{name}` | {facts.licence} | {facts.rows:,} | {facts.pairs:,} | {facts.origin} | `{facts.manifest_sha256}` |" for name, facts in rows
    ]
    return "\n".join(["| dataset | licence | conversations | pairs | from | import |", "| --- | --- | ---: | ---: | --- | --- |", *lines, ""])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
