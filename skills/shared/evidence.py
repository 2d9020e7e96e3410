# SPDX-License-Identifier: Apache-2.0
"""What every recipe does around its own measurements: options, fetching, files, their digests."""

import argparse
import hashlib
import importlib.metadata
import json
import platform
import subprocess
from pathlib import Path

from shared.gguf_export import export, read_weights


def options(recipe):
    """--data, --out and --weights, explained by the recipe's own text."""
    parser = argparse.ArgumentParser(description=recipe.__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    here = Path(recipe.__file__).resolve().parent
    parser.add_argument("--data", type=Path, default=here / "data")
    parser.add_argument("--out", type=Path, default=here)
    parser.add_argument("--weights", type=Path)
    found = parser.parse_args()
    (found.out / "reference").mkdir(parents=True, exist_ok=True)
    return found


def fetched(data_dir, name, sha256, command):
    """The path of a file that `command` puts into `data_dir` if it is not there; checked always."""
    path = Path(data_dir) / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(command, cwd=path.parent, check=True, stdout=subprocess.DEVNULL)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise SystemExit(f"{path}: SHA-256 is {found}, expected {sha256}")
    return path


def known_weights(path, evidence):
    """Weights and tokens of an earlier run, and its seconds if its evidence lies beside."""
    parameters, tokens = read_weights(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if not evidence.exists():
        return parameters, tokens, None
    before = json.loads(evidence.read_text(encoding="utf-8"))
    same = before["artifacts"]["reference/model-f32.gguf"]["sha256"] == digest
    return parameters, tokens, before["model"]["training_seconds"] if same else None


def write_models(out, shape, parameters, tokens, names):
    """Writes both files; their digests and sizes by name."""
    files = {"model-q8_0.gguf": out / "model-q8_0.gguf",
             "reference/model-f32.gguf": out / "reference" / "model-f32.gguf"}
    return {name: {"sha256": export(path, shape, parameters, tokens, names, "q8" in name),
                   "bytes": path.stat().st_size} for name, path in files.items()}


def versions():
    names = ("jax", "jaxlib", "numpy", "scipy", "scikit-learn", "gguf")
    return {"python": platform.python_version(),
            **{n: importlib.metadata.version(n) for n in names}}


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
