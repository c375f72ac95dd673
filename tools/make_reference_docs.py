"""Writes docs/reference/: the command line from click, the capabilities from the stores, the rules of the emulator,
the URLs of stores from the table of schemes.

    python tools/make_reference_docs.py

`pages()` gives the texts without writing them; a test compares them with what is committed.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click

import dskit
from dskit.capabilities import Capabilities
from dskit.cli.group import dskit as command
from dskit.url_schemes import COMMON, S3_CLIENTS, SCHEMES, Scheme
from dskit.urls import keywords_of
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

URLS = """\
`dskit.open_store(url, **options)` opens one bucket, `dskit.open_service(url, **options)` all of them (a URL without a
bucket). The command line takes the same URLs, [with a key](../how-to/command-line.md). `dskit certify` also takes
`http://HOST:PORT` (an S3 endpoint), `container:minio` and `py:MODULE:FUNCTION`.

What follows the bucket is a folder: it becomes the store's prefix, with a `/` at its end. Paths may be relative and are
percent-decoded. Every parameter of a URL can be given as a keyword instead, and keywords win; every scheme has
`bucket` and `prefix` (a raw string before every key). A parameter or keyword that a scheme does not have is refused
with the list of those that it has. Secrets belong into the environment or into keywords: a URL with one works, with a
warning, and is never shown whole."""
ENVIRONMENT = """\
## In the environment

| variable | who reads it |
|---|---|
| `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`, `AWS_ENDPOINT_URL_S3`, … | \
`S3Store`: whatever boto3 reads. `ObstoreS3Store`: these, and no files |
| `MINIO_ACCESS_KEY`, `MINIO_SECRET_KEY`, else `MINIO_ROOT_USER`, `MINIO_ROOT_PASSWORD`, else the AWS names | \
`MinIOStore` |
| `AZURE_STORAGE_ACCOUNT_NAME`, `AZURE_STORAGE_ACCOUNT_KEY`, `AZURE_STORAGE_TOKEN` | `AzureStore` |
| `GOOGLE_APPLICATION_CREDENTIALS`, `GOOGLE_SERVICE_ACCOUNT`, `GOOGLE_SERVICE_ACCOUNT_KEY`, `GOOGLE_BEARER_TOKEN` | \
`GCSStore` |
| `WEBDAV_USERNAME`, `WEBDAV_PASSWORD`, `WEBDAV_TOKEN` | `WebDAVStore` |
| `FSSPEC_DSKIT_STORE` | [fsspec's `dskit://`](../how-to/fsspec.md): the URL of the store |
| `DSKIT_BOTO_STORE`, `DSKIT_CRAFT_AI_STORE`, `DSKIT_DOMINO_STORE`, `DSKIT_FOREPAAS_STORE` | \
[the facades](../compat/): the URL of the service that they stand on |
| `DSKIT_MINIO_IMAGE` | [containers](../how-to/containers.md): the image of MinIO |
| `DSKIT_MINIO`, `DSKIT_CACHE` | tests and tools of a checkout: [the MinIO server](../how-to/minio.md), where \
servers are built (`.cache` unless set) |
| `NO_COLOR` | the command line |"""

MEANINGS = {
    "access_key": "with `secret_key` and `session_token`: credentials; for Azure the account's key",
    "account": "Azure's storage account",
    "addressing": "`path`, `virtual`, or None: path with an endpoint, boto3's choice without",
    "anonymous": "send no credentials, whatever the environment says",
    "capabilities": 'what you know better than the store declares: `{"supports": {"delete_if_match": False}}`',
    "client": "`boto3` (the default) or `obstore`",
    "clock": "where the time comes from: `dskit.ManualClock()` stands still",
    "connect_timeout": "seconds, as is `read_timeout`; of one attempt",
    "durability": "`power` (the default): acknowledged writes survive power loss; `process`: `kill -9` alone",
    "endpoint": "the address of the server, `http://HOST:PORT`, if it is not the cloud's own",
    "ids": "where random names come from",
    "limits": "a `dskit.Limits` instead of S3's",
    "max_connections": "of the pool: as many requests at once",
    "min_part_bytes": "what every part of an upload but the last must have",
    "part_bytes": "above it a put goes in parts of this size",
    "password": "with `username`, for WebDAV",
    "read_timeout": "seconds without a byte from the server",
    "region": "of signatures and of new buckets",
    "retries": "a `dskit.wrappers.RetryOptions`: how often and how soon a request is sent again",
    "secret_key": "see `access_key`",
    "secure": "TLS, where the endpoint is not a URL; True unless said",
    "service_account": "the path of a service account's key; `service_account_key` is its text",
    "service_account_key": "see `service_account`",
    "session": "a `boto3.session.Session` to take credentials from",
    "session_token": "see `access_key`",
    "sleep": "what waits between two attempts",
    "token": "a bearer token, as it is; never renewed",
    "username": "see `password`",
    "verify": "False: accept any certificate; as a keyword also a file of certificates (PEM) to trust",
}
"""Of each parameter and keyword; one without is an error."""


ACCOUNT = json.dumps(dict.fromkeys(("client_email", "private_key", "private_key_id"), "-"))
"""As much of a service account's key as is looked at before the first request."""


def pages() -> dict[str, str]:
    """File name to text."""
    return {
        "command-line.md": command_line(),
        "capabilities.md": capabilities(),
        "rules.md": rules(),
        "urls.md": urls(),
    }


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


def urls() -> str:
    """One row a scheme: who is constructed, what the URL and what the call may say."""
    rows = ["| URL | store | parameters of the URL | keywords besides | extra |", "|---|---|---|---|---|"]
    options: set[str] = set()
    for scheme in [*SCHEMES.values(), S3_CLIENTS["obstore"]]:
        keywords = _keywords(scheme)
        options |= keywords | set(scheme.parameters)
        parameters = [name for name in scheme.parameters if name in keywords]
        if scheme.name == "s3":
            parameters.append("client")
        form = f"{scheme.form}&client=obstore" if scheme is S3_CLIENTS["obstore"] else scheme.form
        cells = [
            f"`{form}`",
            f"`{scheme.store}`",
            ", ".join(f"`{name}`" for name in parameters),
            ", ".join(f"`{name}`" for name in sorted(keywords - set(parameters))),
            f"`{scheme.extra}`" if scheme.extra else "",
        ]
        rows.append(f"| {' | '.join(cell or '-' for cell in cells)} |")
    meanings = ["| option | |", "|---|---|", *(f"| `{name}` | {MEANINGS[name]} |" for name in sorted(options))]
    tables = ["\n".join(rows), "## What the options say", "\n".join(meanings), ENVIRONMENT]
    return "\n\n".join(["# URLs of stores", GENERATED, URLS, *tables]) + "\n"


def _keywords(scheme: Scheme) -> set[str]:
    """What `open_store` takes but bucket and prefix, and places that the URL names."""
    make = getattr(import_module(f"dskit.{scheme.module}"), scheme.store)
    parameters = inspect.signature(make).parameters.values()
    places = {each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD}
    return keywords_of(make) - places - set(COMMON) - {"service"}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
