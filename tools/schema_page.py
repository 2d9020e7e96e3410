#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the reference part of docs/formats/skill-json.md from skill.schema.json.

    tools/schema_page.py            write the part between the two marks anew
    tools/schema_page.py --check    exit 1 if it would change

Every member needs a title and a description in the schema; what it may hold is read off the
keywords.
"""
import json
import pathlib
import sys

FORMATS = pathlib.Path(__file__).resolve().parents[1] / "docs" / "formats"
SCHEMA = FORMATS / "skill.schema.json"
PAGE = FORMATS / "skill-json.md"
BEGIN = "<!-- Made by tools/schema_page.py from skill.schema.json: change that, then run it. -->\n"
END = "<!-- End of what is made. -->\n"


def fail(message):
    raise SystemExit(f"schema_page: {message}")


def resolved(schema, whole):
    """The schema with what its $ref names; keywords beside it win."""
    if "$ref" not in schema:
        return schema
    target = whole
    for token in schema["$ref"].removeprefix("#/").split("/"):
        target = target[token]
    return {**resolved(target, whole), **{k: v for k, v in schema.items() if k != "$ref"}}


def bounds(low, high, unit):
    """"1 to 64 entries", "at most 64 entries", "at least 2 entries" or nothing."""
    if low == high and low is not None:
        return f"{low} {unit}".strip()
    if low is not None and high is not None:
        return f"{low} to {high} {unit}".strip()
    if high is not None:
        return f"at most {high} {unit}".strip()
    return f"at least {low} {unit}".strip() if low else ""


def kind(schema, whole):
    """What the keywords admit, in a few words."""
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return " or ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    type_ = schema.get("type")
    if type_ == "string":
        size = bounds(schema.get("minLength"), schema.get("maxLength"), "characters")
        return f"text, {size}" if size else "text"
    if type_ in ("integer", "number"):
        size = bounds(schema.get("minimum"), schema.get("maximum"), "")
        return f"{type_}, {size}" if size else type_
    if type_ == "array":
        items = resolved(schema.get("items", {}), whole)
        of = {"string": "texts", "object": "objects"}.get(items.get("type"), "objects")
        size = bounds(schema.get("minItems"), schema.get("maxItems"), "")
        return "empty list" if schema.get("maxItems") == 0 else \
            f"list of {size + ' ' if size else ''}{of}"
    return " or ".join(type_) if isinstance(type_, list) else type_ or "object"


def parts(schema, whole):
    """(suffix of the path, object schema) of each object that a member holds."""
    schema = resolved(schema, whole)
    if schema.get("type") == "array":
        items = resolved(schema.get("items", {}), whole)
        return [("[]", item) for item in items.get("oneOf", [items])]
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        return [(".NAME", extra)]
    return [("", schema)]


def rows(schema, whole, path="", derived=False):
    """A row for each member of an object, and for the members of each."""
    required = schema.get("required", [])
    for name, member in schema.get("properties", {}).items():
        member, at = resolved(member, whole), f"{path}{name}"
        if not member.get("title") or not member.get("description"):
            fail(f"{at} needs a title and a description")
        made = derived or member.get("readOnly", False)
        need = ", ".join(["derived"] * made + ["optional"] * (name not in required))
        yield (f"| `{at}` | {member['title']} | {kind(member, whole)} | "
               f"{member['description']} | {need} |")
        for suffix, part in parts(member, whole):
            yield from rows(part, whole, f"{at}{suffix}.", made)


def reference():
    whole = json.loads(SCHEMA.read_text())
    lines = ["| member | what | holds | meaning | |", "|---|---|---|---|---|",
             *rows(whole, whole)]
    return "\n".join(lines) + "\n"


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        raise SystemExit(__doc__)
    text = PAGE.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        fail(f"{PAGE.name} needs the two marks, once each")
    before, rest = text.split(BEGIN)
    made = f"{before}{BEGIN}\n{reference()}\n{END}{rest.split(END)[1]}"
    if sys.argv[1:] == ["--check"]:
        if made != text:
            fail(f"{PAGE.name} is not what the schema says: run tools/schema_page.py")
    elif made != text:
        PAGE.write_text(made)


if __name__ == "__main__":
    main()
