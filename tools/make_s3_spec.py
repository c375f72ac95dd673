"""Write the reduced S3 service model that the emulator's wire codec is compiled from.

    python tools/make_s3_spec.py            # write emulator/dskit_emulator/wire/s3_spec.json
    python tools/make_s3_spec.py --check    # exit 1 where the committed file differs

The source is the service model inside the installed botocore, read as a plain file: botocore itself is never
imported. Texts and client-side traits go; operations, shapes, members (in the model's order), locations, flattened
lists, namespaces and enumerations stay. One line an operation and one a shape, so that a diff can be read.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.metadata
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parents[1] / "emulator" / "dskit_emulator" / "wire" / "s3_spec.json"
API_VERSION = "2006-03-01"
NOTICE = (
    "Derived by tools/make_s3_spec.py from the Amazon S3 service model of botocore, Copyright Amazon.com, Inc. "
    "or its affiliates, Apache License 2.0. Documentation removed."
)
SHAPE_TRAITS = (
    "type",
    "required",
    "payload",
    "flattened",
    "timestampFormat",
    "enum",
    "box",
    "eventstream",
    "union",
    "error",
    "xmlNamespace",
)
MEMBER_TRAITS = (
    "shape",
    "location",
    "locationName",
    "flattened",
    "streaming",
    "xmlAttribute",
    "xmlNamespace",
    "eventpayload",
)


def source_file() -> Path:
    """The model's file in the installed botocore. Raises FileNotFoundError."""
    found = importlib.util.find_spec("botocore")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("botocore is not installed; it is a development dependency")
    folder = Path(found.submodule_search_locations[0]) / "data" / "s3" / API_VERSION
    for name in ("service-2.json.gz", "service-2.json"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"no service model under {folder}")


def read(path: Path) -> dict[str, Any]:
    raw = path.read_bytes()
    model: dict[str, Any] = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    return model


def pick(source: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: source[name] for name in names if name in source}


def reduced_operation(source: dict[str, Any]) -> dict[str, Any]:
    http = source["http"]
    operation = {"method": http["method"], "uri": http["requestUri"]}
    if "responseCode" in http:
        operation["status"] = http["responseCode"]
    for side in ("input", "output"):
        if side in source:
            operation[side] = source[side]["shape"]
    if "locationName" in source.get("input", {}):
        operation["inputRoot"] = source["input"]["locationName"]
    if "errors" in source:
        operation["errors"] = [error["shape"] for error in source["errors"]]
    if "httpChecksum" in source:
        operation["checksum"] = source["httpChecksum"]
    if source.get("deprecated"):
        operation["deprecated"] = True
    return operation


def reduced_shape(source: dict[str, Any]) -> dict[str, Any]:
    shape = pick(source, SHAPE_TRAITS)
    if "members" in source:
        shape["members"] = {name: pick(member, MEMBER_TRAITS) for name, member in source["members"].items()}
    for part in ("member", "key", "value"):
        if part in source:
            shape[part] = pick(source[part], MEMBER_TRAITS)
    return shape


def references(shape: dict[str, Any]) -> Iterator[str]:
    for member in shape.get("members", {}).values():
        yield member["shape"]
    for part in ("member", "key", "value"):
        if part in shape:
            yield shape[part]["shape"]


def reachable(model: dict[str, Any]) -> list[str]:
    """Shapes that some operation uses, in the model's order."""
    waiting = [
        name
        for operation in model["operations"].values()
        for name in (
            operation.get("input", {}).get("shape"),
            operation.get("output", {}).get("shape"),
            *(error["shape"] for error in operation.get("errors", ())),
        )
        if name
    ]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(references(model["shapes"][name]))
    return [name for name in model["shapes"] if name in seen]


def render(model: dict[str, Any], version: str) -> str:
    """The committed file's text."""

    def section(name: str, rows: dict[str, Any]) -> str:
        lines = [f"  {json.dumps(key)}: {json.dumps(row, separators=(',', ':'))}" for key, row in rows.items()]
        return f" {json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n }"

    head = {
        "notice": NOTICE,
        "source": f"botocore {version}, data/s3/{API_VERSION}/service-2.json",
        "apiVersion": model["metadata"]["apiVersion"],
        "xmlNamespace": f"http://s3.amazonaws.com/doc/{API_VERSION}/",
    }
    parts = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    parts.append(section("operations", {name: reduced_operation(row) for name, row in model["operations"].items()}))
    parts.append(section("shapes", {name: reduced_shape(model["shapes"][name]) for name in reachable(model)}))
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="only compare, exit 1 on a difference")
    options = parser.parse_args(arguments)
    text = render(read(source_file()), importlib.metadata.version("botocore"))
    if options.check:
        same = TARGET.is_file() and TARGET.read_text() == text
        print(f"{TARGET.name}: {'up to date' if same else 'differs, run tools/make_s3_spec.py'}")
        return 0 if same else 1
    TARGET.write_text(text)
    print(f"wrote {TARGET} ({len(text)} bytes)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
