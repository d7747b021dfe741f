"""The redaction logs of all conversations of a release as one: what was replaced how often, by which versions. It holds no word of anybody."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

Log = tuple[str | None, str | None, str | None, bool | None, int]
"""redactions and detector versions as JSON, the anonymiser's version, whether the model for names ran; and how many conversations have it."""


@dataclass
class Redactions:
    """`places` by entity type, `detectors` the versions that replaced something of that type, `versions` and `with_names` count conversations."""

    places: Counter[str] = field(default_factory=Counter)
    detectors: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    versions: Counter[str] = field(default_factory=Counter)
    with_names: int = 0

    @property
    def total(self) -> int:
        return sum(self.versions.values())

    def facts(self) -> dict[str, object]:
        """For the manifest."""
        return {
            "places": dict(sorted(self.places.items())),
            "detector_versions": {kind: sorted(versions) for kind, versions in sorted(self.detectors.items())},
            "anonymiser_versions": dict(sorted(self.versions.items())),
            "with_names": self.with_names,
        }

    def names_sentence(self) -> str:
        """For the card: of how many conversations a language model looked for names."""
        if self.with_names == self.total:
            return "A language model looked for names of persons in what people wrote, beside rules and lists."
        if not self.with_names:
            return "Names of persons were looked for by rules and lists alone, without a language model: more of them may be left."
        return (
            f"A language model looked for names of persons in {self.with_names:,} of {self.total:,} conversations; in the others rules and lists "
            "did so alone, and more may be left."
        )


def sum_redactions(logs: Iterable[Log]) -> Redactions:
    summed = Redactions()
    for redactions, detector_versions, anonymiser_version, names_ran, count in logs:
        for kind, places in json.loads(redactions or "{}").items():
            summed.places[kind] += places * count
        for kind, version in json.loads(detector_versions or "{}").items():
            summed.detectors[kind].add(version)
        summed.versions[anonymiser_version or "unknown"] += count
        summed.with_names += count if names_ran else 0
    return summed
