# SPDX-License-Identifier: Apache-2.0
"""The JSON Schemas of what the program prints (docs/formats/cli), and validation by them."""
import functools
import json
import pathlib

try:
    import jsonschema
except ImportError as missing:
    raise SystemExit("jsonschema is missing: run `tools/bootstrap.sh test`") from missing

FORMATS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "formats"
SKILL = FORMATS / "skill.schema.json"
SCHEMAS = {path.name.split(".")[0]: path for path in sorted(FORMATS.glob("cli/*.schema.json"))}


@functools.lru_cache(maxsize=None)
def validator_of(path):
    """One schema that holds all of them, so that a reference to another file finds it here."""
    parts = {str(part): {"$id": part.as_uri(), **json.loads(part.read_text())}
             for part in (SKILL, *SCHEMAS.values())}
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": path.as_uri(),
             "$defs": parts}
    return jsonschema.Draft202012Validator(whole)


def schema_of(document):
    """The file that describes a document, by its member "schema"."""
    name = document["schema"]
    if name == 1:
        return SKILL
    kind = str(name).removeprefix("skillet.").split("/")[0]
    if kind not in SCHEMAS or json.loads(SCHEMAS[kind].read_text())["title"] != name:
        raise AssertionError(f"no schema in docs/formats/cli describes {name!r}")
    return SCHEMAS[kind]


def check_document(document):
    """The document, which is what its schema says; else an AssertionError that names the place."""
    path = schema_of(document)
    problems = [f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:500]}"
                for error in validator_of(path).iter_errors(document)]
    if problems:
        raise AssertionError(f"not what {path.name} describes:\n" + "\n".join(problems))
    return document
