#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""validate.py SCHEMA [FILE]: holds every line of an NDJSON file (default: standard input) to a JSON Schema.

Understands what contrib/*-schema.json use (draft 2020-12: type, properties, additionalProperties, required, enum,
pattern, minimum, items, anyOf with format) and refuses a schema that uses anything else. Exit 0: all lines hold."""
import ipaddress
import json
import re
import sys

KNOWN = {"$schema", "title", "description", "type", "properties", "additionalProperties", "required", "enum", "pattern",
         "minimum", "items", "anyOf", "format"}
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool}


def format_holds(name, value):
    if name in ("ipv4", "ipv6"):
        try:
            return ipaddress.ip_address(value).version == int(name[-1])
        except ValueError:
            return False
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value) is not None


def problems(schema, value, path="$"):
    unknown = set(schema) - KNOWN
    if unknown:
        raise SystemExit(f"{path}: the schema uses {sorted(unknown)}")
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        yield f"{path}: {json.dumps(value)[:80]} is no {kind}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is not among {schema['enum']}"
    if "pattern" in schema and not re.search(schema["pattern"], value, re.DOTALL):
        yield f"{path}: {value!r} does not look like {schema['pattern']}"
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{path}: {value} is too small"
    if "format" in schema and not format_holds(schema["format"], value):
        yield f"{path}: {value!r} is no {schema['format']}"
    if "anyOf" in schema and all(list(problems(one, value, path)) for one in schema["anyOf"]):
        yield f"{path}: {value!r} is none of what it may be"
    for name in schema.get("required", []):
        if name not in value:
            yield f"{path}: {name} is missing"
    if kind == "object":
        for name, inner in value.items():
            if name in schema["properties"]:
                yield from problems(schema["properties"][name], inner, f"{path}.{name}")
            elif not schema.get("additionalProperties", True):
                yield f"{path}: {name} is not in the schema"
    if kind == "array":
        for i, inner in enumerate(value):
            yield from problems(schema["items"], inner, f"{path}[{i}]")


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        schema = json.load(f)
    lines = open(sys.argv[2], encoding="utf-8") if len(sys.argv) > 2 else sys.stdin
    faults = count = 0
    for count, line in enumerate(lines, 1):
        for problem in problems(schema, json.loads(line)):
            faults += 1
            print(f"line {count}: {problem}", file=sys.stderr)
            if faults == 20:
                return 1
    print(f"{count} lines held to {schema['title']}, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
