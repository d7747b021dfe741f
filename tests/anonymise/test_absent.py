"""The anonymiser's shell is loaded without the heavy packages that only other detectors of scrubadub use."""

from __future__ import annotations

import subprocess
import sys

from sharelm.anonymise.absent import absent
from sharelm.config import CHECKOUT

LOADED = "import sys, sharelm.anonymise.shell; print(*sorted({'sklearn', 'scipy', 'pandas'} & {name.split('.')[0] for name in sys.modules}))"


def test_the_shell_loads_nothing_heavy():
    assert subprocess.run([sys.executable, "-c", LOADED], cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout == "\n"


def test_a_package_is_back_afterwards_and_one_that_is_loaded_stays():
    with absent("json", "wave"):
        try:
            import wave
        except ImportError:
            wave = None
        assert wave is None
        assert sys.modules["json"]
    import wave

    assert wave.open
