"""Writes docs/reference/: the command line from click, the capabilities from the stores, the rules of the emulator.

    python tools/make_reference_docs.py

`pages()` gives the texts without writing them; a test compares them with what is committed.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import dskit
from dskit.capabilities import Capabilities
from dskit.cli.group import dskit as command
from dskit_emulator.rules import RULES

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
GENERATED = "<!-- written by tools/make_reference_docs.py -->"
WIDTH = 110
CAPABILITIES = """\
What each store declares in `store.capabilities` when it is opened with its defaults; [what the three parts
mean](../explanation/capabilities.md). Sizes are bytes. For S3Store and MinIOStore this is what S3 has: a server that
has less is described with `capabilities={…}`."""
DEPARTURES = """\
The emulator answers as AWS answers today. A rule is a named departure from that, off unless it is asked for:
`dskit serve --rule classic-acl`, `Server(rules=["classic-acl"])`, and for one test alone
`server.endpoint(rules=["classic-acl"])`. `dskit serve --list-rules` prints this list."""


ACCOUNT = json.dumps(dict.fromkeys(("client_email", "private_key", "private_key_id"), "-"))
"""As much of a service account's key as is looked at before the first request."""


def pages() -> dict[str, str]:
    """File name to text."""
    return {"command-line.md": command_line(), "capabilities.md": capabilities(), "rules.md": rules()}


def command_line() -> str:
    """The help of every command as it is printed."""
    pieces = [
        "# The command line",
        GENERATED,
        "`dskit` comes with the extra `cli`; `serve` needs `emulator` as well, `certify` needs `conformance`.",
    ]
    for name, found in _commands():
        pieces += [f"## `{name}`", f"```text\n{_help(name, found)}\n```"]
    return "\n\n".join(pieces) + "\n"


def _commands() -> Iterator[tuple[str, click.Command]]:
    yield "dskit", command
    context = click.Context(command, info_name="dskit")
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None, name
        yield f"dskit {name}", found


def _help(name: str, found: click.Command) -> str:
    context = click.Context(
        found, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH, help_option_names=["-h", "--help"]
    )
    return found.get_help(context)


def capabilities() -> str:
    """One table a section of the record, one column a store."""
    pieces = [
        "# Capabilities of the stores",
        GENERATED,
        CAPABILITIES,
    ]
    records = dict(_records())
    for field in dataclasses.fields(Capabilities):
        rows = [f"| `{field.name}` | {' | '.join(records)} |", "|---" * (len(records) + 1) + "|"]
        sections = [getattr(record, field.name) for record in records.values()]
        for entry in dataclasses.fields(sections[0]):
            cells = [_cell(getattr(section, entry.name)) for section in sections]
            rows.append(f"| {entry.name} | {' | '.join(cells)} |")
        pieces += [f"## {field.name}", "\n".join(rows)]
    return "\n\n".join(pieces) + "\n"


def _records() -> Iterator[tuple[str, Capabilities]]:
    keys = {"access_key": "key", "secret_key": "secret-key"}
    with tempfile.TemporaryDirectory() as folder:
        for url, options in (
            ("memory:", {}),
            (f"disk:{folder}/disk", {}),
            (f"file:{folder}/files", {}),
            ("s3://bucket?endpoint=http://127.0.0.1:1", keys),
            ("s3://bucket?endpoint=http://127.0.0.1:1&client=obstore", keys),
            ("minio://127.0.0.1:1/bucket?secure=false", keys),
            ("az://bucket?account=account&endpoint=http://127.0.0.1:1", {"access_key": "a2V5"}),
            ("gs://bucket", {"service_account_key": ACCOUNT}),
            ("dav+http://127.0.0.1:1/folder", {}),
        ):
            with dskit.open_store(url, **options) as store:
                yield type(store).__name__, store.capabilities


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return "-" if value is None else str(value)


def rules() -> str:
    """One row a rule: what it changes, and what AWS does."""
    rows = ["| rule | with it | AWS, and the emulator without it |", "|---|---|---|"]
    rows += [f"| `{rule.name}` | {rule.text} | {rule.aws} |" for rule in RULES.values()]
    return "\n\n".join(["# Rules of the emulator", GENERATED, DEPARTURES, "\n".join(rows)]) + "\n"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
