"""Writes docs/certificates/README.md: one dated row for each certificate of a folder.

    python tools/certify_all.py ObstoreS3Store WebDAVStore AzureStore GCSStore
    python tools/summarise_certificates.py out/certificates ObstoreS3Store WebDAVStore AzureStore GCSStore

The certificates themselves hold every property, check and counterexample, and are made again by the first line.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[1] / "docs" / "certificates" / "README.md"
INTRODUCTION = """\
# Certificates of other clouds

<!-- written by tools/summarise_certificates.py -->

What `dskit certify` said of each store through obstore on a real server. It is said again, with every property and
check, by `python tools/certify_all.py ObstoreS3Store WebDAVStore AzureStore GCSStore`, where the servers of
[the how-to page](../how-to/clouds.md) are there."""
HEAD = "| subject | verdict | level: passed of all properties | checks | day |\n|---|---|---|---|---|"


def page(certificates: Iterable[dict[str, Any]], day: str) -> str:
    """The text for certificates of one day, in their order."""
    parts = [INTRODUCTION, HEAD]
    notes = []
    for certificate in certificates:
        name, levels = certificate["subject"]["name"], certificate["verdict"]["levels"]
        held = [f"{level} {row['passed']}/{row['total']}" for level, row in levels.items() if row["passed"]]
        checks = sum(row["checks"] for row in levels.values())
        verdict = certificate["verdict"]["overall"]
        parts[-1] += f"\n| {name} | {verdict} | {', '.join(held)} | {checks:,} | {day} |"
        violated = {row["id"] for row in certificate["properties"] if row["violations"]}
        for entry, row in sorted((certificate["profile"] or {}).get("entries", {}).items()):
            if entry in violated:
                notes.append(f"* {name}, {entry}: {row['note']}.")
    if notes:
        parts += ["Accepted divergences, which are the server's:", "\n".join(notes)]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("subjects", nargs="+", help="beginnings of the names of certificates")
    options = parser.parse_args()
    files = [path for path in sorted(options.folder.glob("*.json")) if path.name.startswith(tuple(options.subjects))]
    newest = max(path.stat().st_mtime for path in files)
    PAGE.parent.mkdir(exist_ok=True)
    certificates = (json.loads(path.read_text("utf-8")) for path in files)
    text = page(certificates, f"{datetime.fromtimestamp(newest, UTC):%Y-%m-%d}")
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
