"""Write a profile from what a subject shows: run, add what is new with its trace, run again until nothing is.

    python tools/make_profile.py minio conformance/dskit_conformance/profiles/minio.json

Starts a MinIO server (`tools/minio_server.py`) and looks at it through S3Store and MinIOStore. Notes that the file
has already are kept; new entries get what was expected and observed, for a person to put better.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from minio_server import PIN, running_minio

from dskit_conformance import certify
from dskit_conformance.profile import Profile, ProfileEntry, load_profile
from dskit_conformance.runner import stale_entries
from dskit_conformance.target import open_target

ROUNDS = 8


def observe(target: str, known: dict[str, ProfileEntry], seed: int, seconds: float) -> list[ProfileEntry]:
    """New divergences of one run."""
    result = certify(target, budget="quick", seed=seed, profile=dict.fromkeys(known, True), seconds=seconds)
    for line in result.errors:
        print("   ", line)
    short = [name for name, entry in result.properties.items() if entry.verdict.value == "inconclusive"]
    print(f"  seed {seed}: {result.examples} examples, {len(short)} inconclusive: {' '.join(short)}")
    found = []
    for example in result.counterexamples:
        if example.property_id not in known and example.stable:
            note = f"expected {example.expected}; observed {example.observed}"
            found.append(ProfileEntry(example.property_id, note, example.ops))
            print(f"  {example.property_id}: {note[:160]}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("name", choices=["minio"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    old = load_profile(options.file) if options.file.is_file() else Profile(options.name, "", ())
    by_store: dict[str, dict[str, ProfileEntry]] = {}
    with running_minio() as server:
        os.environ.update(
            AWS_ACCESS_KEY_ID=server.access_key,
            AWS_SECRET_ACCESS_KEY=server.secret_key,
            AWS_DEFAULT_REGION="us-east-1",
            MINIO_ACCESS_KEY=server.access_key,
            MINIO_SECRET_KEY=server.secret_key,
        )
        address = server.url.removeprefix("http://")
        for target in (f"s3://?endpoint={server.url}", f"minio://{address}?secure=false"):
            subject = open_target(target)
            store = subject.facts.store
            subject.close()
            print(store)
            known = old.of_store(store)
            stale = stale_entries(target, {key: entry.trace for key, entry in known.items()}) if known else {}
            known = {key: entry for key, entry in known.items() if key not in stale}
            print(f"  {len(known)} entries still diverge, {len(stale)} do not: {' '.join(stale)}")
            quiet = 0
            for seed in range(ROUNDS):
                new = observe(target, known, seed, options.seconds)
                known.update({entry.property_id: entry for entry in new})
                quiet = 0 if new else quiet + 1
                if quiet == 2:
                    break
            by_store[store] = known
        profile = Profile(options.name, f"MinIO {PIN}", merge(by_store, old))
    options.file.write_text(json.dumps(profile.to_mapping(), indent=1, ensure_ascii=True) + "\n")
    print(f"{len(profile.entries)} entries in {options.file}")
    return 0


def merge(by_store: dict[str, dict[str, ProfileEntry]], old: Profile) -> tuple[ProfileEntry, ...]:
    """One entry a property where all stores show it by the same trace, else one a store."""
    notes = {(entry.property_id, entry.stores): entry.note for entry in old.entries}
    merged = []
    for property_id in sorted({name for known in by_store.values() for name in known}):
        showing = {store: known[property_id] for store, known in by_store.items() if property_id in known}
        traces = {json.dumps(entry.trace) for entry in showing.values()}
        groups = [tuple(showing)] if len(traces) == 1 else [(store,) for store in showing]
        for stores in groups:
            entry = showing[stores[0]]
            limited = () if len(stores) == len(by_store) else stores
            note = notes.get((property_id, limited), entry.note)
            merged.append(ProfileEntry(property_id, note, entry.trace, entry.switch, limited))
    return tuple(merged)


if __name__ == "__main__":
    sys.exit(main())
