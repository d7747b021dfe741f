"""The environment of original_design.py: its anonymiser wants an old Faker and imports spaCy, so it cannot live beside our requirements."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / ".cache" / "original"
# spaCy is imported by the package without being declared, and not used by the anonymizers of the original server.
PACKAGES = ("anonymization==0.1.9", "faker==1.0.8", "spacy>=3.7,<4", "flask>=3.1,<4", "sqlalchemy>=2,<3", "psycopg2-binary>=2.9,<3", "gunicorn>=23")


def original_python() -> Path:
    """The interpreter of that environment; made with pip on first use, which takes a minute and 400 MB."""
    python, done = FOLDER / "bin" / "python", FOLDER / "complete"
    if not done.exists():
        print(f"making an environment for the original's design in {FOLDER} …", file=sys.stderr, flush=True)
        venv.create(FOLDER, with_pip=True, clear=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        done.touch()
    return python
