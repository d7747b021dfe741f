"""What the pages need of the anonymiser is there without its detectors."""

from __future__ import annotations

import subprocess
import sys

from sharelm.anonymise.detectors import DETECTORS
from sharelm.anonymise.labels import ENTITY_TYPES, HIDDEN
from sharelm.config import CHECKOUT

LOADED = """
import sys, sharelm
sharelm.create_app(sharelm.Config.from_environment({}))
print(*sorted({"phonenumbers", "stdnum", "scrubadub", "spacy", "hyperscan"} & {name.split(".")[0] for name in sys.modules}))
"""


def test_every_detector_has_a_label():
    assert {detector.entity_type for detector in DETECTORS} | {HIDDEN} == ENTITY_TYPES


def test_the_pages_load_no_detector():
    assert subprocess.run([sys.executable, "-c", LOADED], cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout == "\n"
