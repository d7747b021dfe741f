"""The dataset card: what a researcher must know before using a release. Written from the counts, without a clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from sharelm.release.card_collection import OF_ALL, OF_DATASET, collection_section
from sharelm.release.charts import bars
from sharelm.release.collected import Collection
from sharelm.release.layout import ALL, DEFAULT
from sharelm.release.told import FEWEST_SHOWN, REST, Told
from sharelm.release.write import Written

TEMPLATE = Path(__file__).parent / "card.md"
# SPDX identifiers that the Hub knows under its own spelling; everything else is `other` with a name.
HUB_LICENCES = {"cc-by-4.0", "cc-by-nc-4.0", "cc-by-sa-4.0", "cc-by-nc-sa-4.0", "cc0-1.0", "odc-by", "apache-2.0", "mit"}
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (10_000_000, "1M<n<10M"))
MOST_SHOWN = 20
CHARTS = "charts"


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What the card says beside the counts."""

    version: str
    licence: str
    operator: str
    contact: str
    address: str
    hold_hours: int
    anonymiser_version: str
    is_sampled: bool  # what no reviewer has looked at was approved once they had looked at a sample


def write_card(folder: Path, facts: CardFacts, written: Written, told: Told, collection: Collection | None = None) -> None:
    """Write `README.md` with the YAML head that the Hub and `datasets` read, and its charts."""
    from huggingface_hub import DatasetCardData  # takes a second to import, and only releases need it

    head = DatasetCardData(**_head(facts, written, collection)).to_yaml()
    values = {
        "version": facts.version,
        "licence": facts.licence,
        "operator": facts.operator or "the operator of this server",
        "contact": facts.contact or facts.address,
        "address": facts.address,
        "hold_hours": facts.hold_hours,
        "anonymiser_version": facts.anonymiser_version,
        "rows": f"{written.row_count:,}",
        "messages": f"{written.message_count:,}",
        "people": _people(written),
        "redacted": f"{written.redacted_count:,}",
        "names": told.redactions.names_sentence(),
        "anonymisers": _table(("anonymiser", "conversations"), dict(sorted(told.redactions.versions.items()))),
        "redactions": _table(("label", "places"), dict(told.redactions.places.most_common())) or "Nothing was replaced.",
        "review": _review(told.looked_at, written.row_count, is_sampled=facts.is_sampled),
        "configs": _configs(written),
        "collection": collection_section(collection),
        "left_out": _table(("reason", "conversations"), told.left_out) or "Nothing was left out.",
        "licences": _table(("licence", "conversations"), dict(sorted(written.licences.items()))),
        "named": _named(told.named),
        "fewest": FEWEST_SHOWN,
        **_counts(folder, written, told),
        "ratings": _ratings(folder, written),
        "consents": ", ".join(f"`{version}`" for version in told.consents) or "none",
        "withdrawn": _gone(told),
    }
    body = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(values)
    (folder / "README.md").write_text(f"---\n{head}\n---\n\n{body}", encoding="utf-8")


FORMS = {
    "default": "every conversation with all columns above",
    "sharelm_v0": 'as the published ShareLM dataset has them: strings only, `""` where nothing is known',
    "sft": "`messages` for fine-tuning, roles in turn, ending with the model",
    "kto": "`prompt`, `completion` and `label` for every answer with a thumb",
    "preference": "`prompt`, `chosen` and `rejected`: two answers of which one was preferred, with `source` and `license`",
    "tombstones": "ids of what was in earlier releases and is withdrawn, or not accepted any more",
}
NAMED = """## Contributors who wish to be named

In the order of the alphabet, with how many conversations of this release are theirs, in bands. Most contributors are not named.
"""
NOTE_BEGINS = "> Taken out of this copy:"
REVIEWED = "A reviewer looked at every conversation that is in this release, and approved it."
SAMPLED = "Reviewers looked at {looked_at} of the {rows} conversations that are in this release, and approved them; "
BY_SAMPLE = "the others were approved by rule, once the reviewers had looked at a sample drawn by chance."
BY_RULE = "the others were approved by rule: everything that was anonymised and carried no flag."
UNREVIEWED = "No person looked at each conversation: everything that was anonymised and carried no flag was approved by rule."


def _head(facts: CardFacts, written: Written, collection: Collection | None) -> dict[str, Any]:
    known = facts.licence.lower() in HUB_LICENCES
    licence = {"license": facts.licence.lower()} if known else {"license": "other", "license_name": facts.licence}
    if collection and collection.datasets:
        licence = {"license": "other", "license_name": "of-each-row"}
    rows = max(written.row_count, sum(written.configs.get(ALL, {}).values()))
    return {
        **licence,
        "pretty_name": f"ShareLM {facts.version}",
        "task_categories": ["text-generation"],
        "tags": ["conversational", "human-feedback", "sharelm"],
        "size_categories": [next((word for most, word in SIZES if rows < most), "n>10M")],
        "configs": configs_of(written.configs),
    }


def configs_of(written: Mapping[str, Iterable[str]]) -> list[dict[str, Any]]:
    """The head's `configs`: what has rows, and nothing else, because `load_dataset` breaks on what is named and not there."""
    return [
        {
            "config_name": config,
            **({"default": True} if config == DEFAULT else {}),
            "data_files": [{"split": split, "path": f"{config}/{split}-*.parquet"} for split in splits],
        }
        for config, splits in written.items()
    ]


def replace_configs(card: Path, written: Mapping[str, Iterable[str]], *, note: str) -> None:
    """In a card that is written already: name these configs only, and say `note` where an earlier one may stand."""
    from huggingface_hub import DatasetCard

    found = DatasetCard(card.read_text(encoding="utf-8"), ignore_metadata_errors=True)
    setattr(found.data, "configs", configs_of(written))  # noqa: B010 - the library keeps every field of the head so
    lines = [line for line in found.text.strip().split("\n") if not line.startswith(NOTE_BEGINS)]
    found.text = "\n".join([lines[0], "", note, *lines[1:]])
    card.write_text(f"---\n{found.data.to_yaml()}\n---\n\n{found.text}\n", encoding="utf-8")


def _configs(written: Written) -> str:
    forms = {**FORMS, ALL: OF_ALL}
    rows = [f"| `{config}` | {forms.get(config, OF_DATASET)} | {_rows(splits)} |" for config, splits in written.configs.items()]
    return "\n".join(["| config | what it holds | rows |", "| --- | --- | --- |", *rows])


def _rows(splits: Mapping[str, int]) -> str:
    return ", ".join(f"{split} {count:,}" for split, count in splits.items())


def shown_counts(written: Written, told: Told) -> dict[str, dict[str, int]]:
    """How many conversations by model, language, platform and month, where enough people stand behind them to say so."""
    return {
        "models": _shown(written.models, told.models),
        "languages": _shown(written.languages, told.languages),
        "platforms": _shown(written.platforms, told.platforms),
        "months": _months(written.months),
    }


def thumbs(written: Written) -> dict[str, dict[str, int]]:
    """Up and down, of conversations and of answers."""
    return {name: {"up": found[1], "down": found[-1]} for name, found in (("conversations", written.rates), ("answers", written.answer_ratings))}


def _counts(folder: Path, written: Written, told: Told) -> dict[str, str]:
    """A chart, written as a file of its own, and a table for each kind."""
    found = shown_counts(written, told)
    tables = {kinds: _table((kinds.removesuffix("s"), "conversations"), counts) for kinds, counts in found.items()}
    charts = {kinds: _chart(folder, kinds, f"Conversations by {kinds.removesuffix('s')}", counts) for kinds, counts in found.items()}
    return {name: f"{charts[name]}\n\n{table}" for name, table in tables.items()}


def _chart(folder: Path, name: str, title: str, counts: Mapping[str, int]) -> str:
    (folder / CHARTS).mkdir(exist_ok=True)
    (folder / CHARTS / f"{name}.svg").write_text(bars(title, counts), encoding="utf-8")
    return f"![{title}: the same numbers as in the table]({CHARTS}/{name}.svg)"


def _shown(counts: Mapping[str, int], names: frozenset[str]) -> dict[str, int]:
    """The largest of those that may be named, then all others together."""
    largest = sorted(((name, count) for name, count in counts.items() if name in names), key=lambda item: (-item[1], item[0]))[:MOST_SHOWN]
    rest = sum(counts.values()) - sum(count for _, count in largest)
    return dict(largest) | ({REST: rest} if rest else {})


def _months(counts: Mapping[str, int]) -> dict[str, int]:
    shown = {month: count for month, count in sorted(counts.items()) if month and count >= FEWEST_SHOWN}
    rest = sum(counts.values()) - sum(shown.values())
    return shown | ({REST: rest} if rest else {})


def _ratings(folder: Path, written: Written) -> str:
    found = {"of whole conversations": thumbs(written)["conversations"], "of single answers": thumbs(written)["answers"]}
    chart = _chart(folder, "ratings", "Thumbs", {f"{word} {what}": count for what, counts in found.items() for word, count in counts.items()})
    lines = [f"| {what} | {counts['up']:,} | {counts['down']:,} |" for what, counts in found.items()]
    return "\n".join([chart, "", "| thumbs | up | down |", "| --- | ---: | ---: |", *lines])


def _review(looked_at: int, rows: int, *, is_sampled: bool) -> str:
    """What was done, and not what the setting says: it may have been another one when most were approved."""
    if looked_at >= rows:
        return REVIEWED
    if not looked_at:
        return UNREVIEWED
    return SAMPLED.format(looked_at=f"{looked_at:,}", rows=f"{rows:,}") + (BY_SAMPLE if is_sampled else BY_RULE)


def _gone(told: Told) -> str:
    counts = {"withdrawn": told.withdrawn, "taken out by a reviewer": told.rejected}
    found = [
        f"{count:,} conversation{'' if count == 1 else 's'} of earlier releases {'was' if count == 1 else 'were'} {act}"
        for act, count in counts.items()
        if count
    ]
    if not found:
        return "No conversation of an earlier release was withdrawn since the one before it."
    return f"Since the one before it {' and '.join(found)}."


def _people(written: Written) -> str:
    """How many of the ungrouped rows belong together is not said, nor to how many people: that is the point of it."""
    count = len(written.contributors)
    people = f"{count:,} contributor{'' if count == 1 else 's'}"
    if not written.ungrouped_count:
        return people
    return f"{people}, not counting those of {written.ungrouped_count:,} conversations who asked that what they gave is not grouped"


def _named(named: Iterable[tuple[str, str]]) -> str:
    listed = sorted(named, key=lambda pair: (pair[0].casefold(), pair))
    if not listed:
        return ""
    lines = [f"- {_cell(name)}, {band.replace('+', chr(92) + '+')}" for name, band in listed]
    return "\n".join([NAMED, *lines, "", ""])


def _table(head: tuple[str, str], counts: Mapping[str, int]) -> str:
    if not counts:
        return ""
    rows = [f"| {_cell(name)} | {count:,} |" for name, count in counts.items()]
    return "\n".join([f"| {head[0]} | {head[1]} |", "| --- | ---: |", *rows])


def _cell(name: str) -> str:
    """A model's name comes from a client: no markup of ours, no links."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()<>#+-.!|&" else letter for letter in name)
