"""Keeps certificates in docs/certificates/, and writes its README.md: one dated row for each.

    python tools/certify_all.py ObstoreS3Store WebDAVStore AzureStore GCSStore "in a container"
    python tools/summarise_certificates.py out/certificates ObstoreS3Store WebDAVStore AzureStore GCSStore MinIO-in

A certificate holds every property, check and counterexample; `dskit certify --schema` describes it.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "certificates"
INTRODUCTION = """\
# Certificates that are kept

<!-- written by tools/summarise_certificates.py -->

What `dskit certify` said of each store through obstore on a real server, and of `container:minio`; each row links the
certificate itself, with every property, check and counterexample. They are made again by
`python tools/certify_all.py ObstoreS3Store WebDAVStore AzureStore GCSStore "in a container"`, where
[the servers of other clouds](../how-to/clouds.md) and [an engine with an image](../how-to/containers.md) are there. The
other subjects of `make certify` are certified with each run of it, into `out/certificates`."""
HEAD = "| subject | verdict | level: passed of all properties | checks | day |\n|---|---|---|---|---|"


def page(certificates: Mapping[str, dict[str, Any]]) -> str:
    """The text for certificates by the names of their files, in that order."""
    parts = [INTRODUCTION, HEAD]
    notes = []
    for file, certificate in sorted(certificates.items()):
        name, levels = certificate["subject"]["name"], certificate["verdict"]["levels"]
        held = [f"{level} {row['passed']}/{row['total']}" for level, row in levels.items() if row["passed"]]
        checks = sum(row["checks"] for row in levels.values())
        verdict, day = certificate["verdict"]["overall"], certificate["run"]["started"][:10]
        parts[-1] += f"\n| [{name}]({file}) | {verdict} | {', '.join(held)} | {checks:,} | {day} |"
        violated = {row["id"] for row in certificate["properties"] if row["violations"]}
        for entry, row in sorted((certificate["profile"] or {}).get("entries", {}).items()):
            if entry in violated:
                notes.append(f"* {name}, {entry}: {row['note']}.")
    if notes:
        parts += ["Accepted divergences, which are the server's:", "\n".join(notes)]
    return "\n\n".join(parts) + "\n"


def kept() -> dict[str, dict[str, Any]]:
    """The certificates of docs/certificates, by the names of their files."""
    return {path.name: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("subjects", nargs="+", help="beginnings of the names of certificates")
    options = parser.parse_args()
    for path in options.folder.glob("*.json"):
        if path.name.startswith(tuple(options.subjects)):
            shutil.copyfile(path, FOLDER / path.name)
    (FOLDER / "README.md").write_text(page(kept()), "utf-8")


if __name__ == "__main__":
    main()
