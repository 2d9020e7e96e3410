# SPDX-License-Identifier: Apache-2.0
"""Packs a skill from what its recipe and its authors wrote, through the `skillet` program.

authored.json holds the members of skill.json that people decide; `skillet init` derives the others
from model-q8_0.gguf. The recipe's measurements become calibration and evidence documents, bound to
the digests of that model and that contract. Equal inputs give equal bytes.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile


def skillet(program, *arguments):
    """The document a command prints."""
    done = subprocess.run([program, "--json", *map(str, arguments)], check=True,
                          stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def write(path, document):
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return path


def calibration(raw, subject):
    """The recipe's temperature and its quality, as skillet.calibration/1."""
    return {
        "schema": "skillet.calibration/1",
        "subject": subject,
        "method": raw["method"],
        "temperature": raw["temperature"],
        "cases": raw["fitted_on"]["n"],
        "fitted_on": "validation split of the recipe, Q8_0 logits",
        "quality": {
            "measured_on": "test split of the recipe, Q8_0 logits",
            "cases": raw["n"], "ece": raw["ece"], "ece_interval": raw["ece_interval"],
            "brier": raw["brier"], "risk_coverage": raw["risk_coverage"],
        },
    }


def evidence(measured, subject, name):
    """What the recipe measured, as skillet.evidence/2."""
    accuracy = measured["results"]["test"]["q8_0"]["accuracy"]
    cases = measured["split"]["test"].get("digest") or measured["data"]["test_sha256"]
    return {
        "schema": "skillet.evidence/2",
        "subject": subject,
        "kind": "evaluated",
        "method": f"{measured['command']}, in the folder of the recipe of {name}",
        "by": "the authors of the skill",
        "at": measured["at"],
        "environment": {"machine": measured["host"], **measured["versions"]},
        "cases": {"name": "test split of the recipe", "count": accuracy["n"],
                  "digest": f"sha256:{cases}"},
        "results": measured,
    }


def pack(program, here, name, version, out):
    """Packs the skill in folder `here`.

    Once to learn the digests, then again with the measurements bound to them.
    """
    model = here / "model-q8_0.gguf"
    with tempfile.TemporaryDirectory(prefix="skillet-pack-") as scratch:
        work = pathlib.Path(scratch)
        skill = skillet(program, "init", model, "--id", name, "--version", version)
        skill.update(json.loads((here / "authored.json").read_text(encoding="utf-8")))
        del skill["resources"]  # depends on the authored contract's window: pack derives it
        skill_path = write(work / "skill.json", skill)
        bare = work / "bare.skill"
        skillet(program, "pack", skill_path, "--model", model, "-o", bare)
        about = skillet(program, "inspect", bare)
        subject = {"artifact": about["skill"]["artifact"]["digest"],
                   "contract": about["contract_digest"]}
        raw = json.loads((here / "calibration_raw.json").read_text(encoding="utf-8"))
        measured = json.loads((here / "evidence.json").read_text(encoding="utf-8"))
        return skillet(
            program, "pack", skill_path, "--model", model, "-o", out / f"{name}-{version}.skill",
            "--doc", here / "MODEL_CARD.md",
            "--attach", write(work / "calibration.json", calibration(raw, subject)),
            "--attach", write(work / "evidence.json", evidence(measured, subject, name)))


def main(script, name, version):
    """The command of a skill's own pack.py: python3 pack.py SKILLET_PROGRAM [--out DIR]."""
    here = pathlib.Path(script).resolve().parent
    parser = argparse.ArgumentParser(description=f"Packs {name} through the skillet program.")
    parser.add_argument("program", help="the skillet program")
    parser.add_argument("--out", type=pathlib.Path, default=here)
    given = parser.parse_args()
    print(json.dumps(pack(given.program, here, name, version, given.out), indent=2))
