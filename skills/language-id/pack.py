# SPDX-License-Identifier: Apache-2.0
"""Packs the skill: python3 pack.py SKILLET_PROGRAM [--out DIR]; see shared/packing.py."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from shared import packing

if __name__ == "__main__":
    packing.main(__file__, "org.skillet.language-id", "1.0.0")
