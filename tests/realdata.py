"""The folder of real St. Louis data that STL_DATA names; never part of the project.

Tests of it are skipped where the variable is not set. Where it is set, they fail if a file is not there:
a folder that was moved must not look like a machine without data.
"""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("STL_DATA") or "STL_DATA is not set").resolve()

needs_data = pytest.mark.skipif(not os.environ.get("STL_DATA"), reason="STL_DATA is not set")


def real(name: str) -> Path:
    """The file of that name; fails the test where it is missing."""
    path = DATA / name
    assert path.exists(), f"STL_DATA names {DATA}, which has no {name}"
    return path
