"""Write the reduced S3 service model that the emulator's wire codec is compiled from.

    python tools/make_s3_spec.py            # write s3_spec.json and s3_shapes.tsv in emulator/dskit_emulator/wire
    python tools/make_s3_spec.py --check    # exit 1 where a committed file differs

The source is the service model inside the installed botocore, read as a plain file: botocore itself is never
imported. Texts and client-side traits go; operations, shapes, members (in the model's order), locations, flattened
lists, namespaces and enumerations stay. One line an operation and one a shape, so that a diff can be read. The shapes
have a file of their own, name and JSON of each, because an emulator decodes only those that it is asked for.
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

from dskit_emulator.wire import overlay

FOLDER = Path(__file__).resolve().parents[1] / "emulator" / "dskit_emulator" / "wire"
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


def check(document: dict[str, Any]) -> None:
    """Raise AssertionError where a row of the codec's overlay does not fit the model any more."""
    operations, shapes = document["operations"], document["shapes"]

    def claim(truth: bool, table: str, row: str, problem: str) -> None:
        if not truth:
            raise AssertionError(f"overlay.{table}[{row!r}]: {problem}")

    for name, patch in overlay.SHAPES.items():
        claim(name in shapes, "SHAPES", name, "the model has no such shape")
        claim(any(shapes[name].get(key) != value for key, value in patch.items()), "SHAPES", name, "not needed")
    for name in overlay.OPERATIONS:
        claim(name not in operations, "OPERATIONS", name, "the model has it by now")
    for name in overlay.UNROUTED:
        claim(name in operations, "UNROUTED", name, "the model has no such operation")
    for name, status in overlay.STATUS.items():
        claim(name in operations, "STATUS", name, "the model has no such operation")
        claim(operations[name].get("status", 200) != status, "STATUS", name, "the model says so by now")
    for name in overlay.UNCHECKED:
        claim(name in operations, "UNCHECKED", name, "the model has no such operation")
        required = operations[name].get("checksum", {}).get("requestChecksumRequired")
        claim(bool(required), "UNCHECKED", name, "the model says so by now")
    for name in overlay.MALFORMED:
        claim(name in operations, "MALFORMED", name, "the model has no such operation")
    for name, root in overlay.ROOTS.items():
        claim(name in operations, "ROOTS", name, "the model has no such operation")
        claim(operations[name].get("output") != root, "ROOTS", name, "that is the shape's name already")
    for name, member in overlay.UNWRAPPED.items():
        claim(member in shapes[operations[name]["output"]]["members"], "UNWRAPPED", name, "no such member")
    for table, rows in (("ORDER", overlay.ORDER), ("FORCED", overlay.FORCED)):
        for name, members in rows.items():
            claim(name in shapes, table, name, "the model has no such shape")
            unknown = [member for member in members if member not in shapes[name]["members"]]
            claim(not unknown, table, name, f"no such members: {unknown}")
    for name, order in overlay.ORDER.items():
        now = [member for member, row in shapes[name]["members"].items() if "location" not in row]
        claim(now[: len(order)] != list(order), "ORDER", name, "the model has that order by now")


def render(model: dict[str, Any], version: str) -> dict[str, str]:
    """The texts of the committed files, by their names. Raises AssertionError where the overlay does not fit."""

    def compact(row: dict[str, Any]) -> str:
        return json.dumps(row, separators=(",", ":"))

    head = {
        "notice": NOTICE,
        "source": f"botocore {version}, data/s3/{API_VERSION}/service-2.json",
        "apiVersion": model["metadata"]["apiVersion"],
        "xmlNamespace": f"http://s3.amazonaws.com/doc/{API_VERSION}/",
    }
    operations = {name: reduced_operation(row) for name, row in model["operations"].items()}
    shapes = {name: reduced_shape(model["shapes"][name]) for name in reachable(model)}
    check({"operations": operations, "shapes": shapes})
    parts = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    rows = [f"  {json.dumps(name)}: {compact(row)}" for name, row in operations.items()]
    parts.append(' "operations": {\n' + ",\n".join(rows) + "\n }")
    lines = [f"{name}\t{compact(row)}\n" for name, row in shapes.items()]
    return {"s3_spec.json": "{\n" + ",\n".join(parts) + "\n}\n", "s3_shapes.tsv": "".join(lines)}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="only compare, exit 1 on a difference")
    options = parser.parse_args(arguments)
    status = 0
    for name, text in render(read(source_file()), importlib.metadata.version("botocore")).items():
        target = FOLDER / name
        if options.check:
            same = target.is_file() and target.read_text() == text
            status = status if same else 1
            print(f"{name}: {'up to date' if same else 'differs, run tools/make_s3_spec.py'}")
        else:
            target.write_text(text)
            print(f"wrote {target} ({len(text)} bytes)")
    return status


if __name__ == "__main__":
    sys.exit(main())
