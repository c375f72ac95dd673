"""`dskit certify`: run the suite against one or more targets and write a certificate for each."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from dskit.errors import ConfigurationError, StoreError
from dskit.extras import explained

from .interruption import interruptible
from .property import Level

__all__ = ["certify"]

PIPE_WIDTH = 120  # columns of the tables where the output goes to a file or a pipe


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("targets", nargs=-1, metavar="TARGET...")
@click.option(
    "--level",
    type=click.Choice([level.value for level in Level], case_sensitive=False),
    help="One level and what it needs.",
)
@click.option("--budget", type=click.Choice(["quick", "standard", "deep"]), default="quick", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="A run is a function of target, seed and budget.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the JSON and HTML certificates."
)
@click.option("--name", help="What the certificate calls the subject (one target only).")
@click.option("--profile", metavar="NAME|FILE", help="Accepted divergences: a shipped profile or a file.")
@click.option(
    "--isolation",
    type=click.Choice(["bucket", "prefix"]),
    help="A fresh bucket for the run, or a fresh prefix inside the target's.",
)
@click.option(
    "--image",
    metavar="NAME",
    help="Image of container:minio; default: $DSKIT_MINIO_IMAGE, else the last that MinIO published.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    help="Time limit of the run, instead of that of the budget.",
)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a certificate and stop.")
def certify(
    targets: tuple[str, ...],
    level: str | None,
    budget: str,
    seed: int,
    out: Path | None,
    name: str | None,
    profile: str | None,
    isolation: str | None,
    image: str | None,
    seconds: float | None,
    schema: bool,
) -> None:
    """Certify object stores through dskit's client API.

    TARGET is a store URL (memory:, disk:PATH, file:PATH, s3://BUCKET?endpoint=…, minio://HOST:PORT/BUCKET,
    az://CONTAINER?account=…, gs://BUCKET, dav+https://HOST/PATH), an S3 endpoint (http://HOST:PORT, credentials from
    the AWS environment variables), container:minio (a MinIO server that is started for the run and removed; needs a
    Docker engine), or py:MODULE:FUNCTION, a callable that gives a Store or a Service.

    Exit codes: 0 certified (also modulo a profile), 1 violations, 2 usage, 3 engine error, 4 inconclusive; 128 plus
    the number of a signal that ended the run.
    """
    if schema:
        from .schema import certificate_schema

        click.echo(json.dumps(certificate_schema(), indent=2))
        return
    if not targets:
        raise click.UsageError("name at least one TARGET, for example memory:")
    if name and len(targets) > 1:
        raise click.UsageError("--name goes with one target")
    from .certificate import EXIT_CODES, exit_code
    from .contained import with_image

    certificates = []
    try:
        if image is not None:
            targets = tuple(with_image(target, image) for target in targets)
        if out is not None:
            _prepare(out)
        for target in targets:
            with explained(), interruptible():
                certificate = _run(target, level, budget, seed, name, profile, isolation, seconds)
            certificates.append(certificate)
            if out is not None:
                _write(out, certificate)
    except ConfigurationError as error:
        raise click.UsageError(error.message) from error
    except StoreError as error:  # what had to be there before the run could begin
        click.echo(f"Error: {error.message}", err=True)
        sys.exit(EXIT_CODES["error"])
    sys.exit(exit_code(certificates))


def _run(
    target: str,
    level: str | None,
    budget: str,
    seed: int,
    name: str | None,
    profile: str | None,
    isolation: str | None,
    seconds: float | None,
) -> dict[str, Any]:
    from rich.console import Console

    from .profile import load_profile
    from .reports import terminal
    from .surveying import survey

    console = Console()
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    accepted = load_profile(profile) if profile else None
    options = {"--budget": budget, "--seed": seed, "--level": level, "--profile": profile, "--isolation": isolation}
    options |= {"--seconds": seconds, "--name": name}
    given = [str(word) for option, value in options.items() if value is not None for word in (option, value)]
    command = "dskit certify " + shlex.join([_redacted(target), *given])
    with terminal.progress(console, name or _redacted(target)) as listen:
        certificate = survey(
            target,
            level=level,
            budget=budget,
            seed=seed,
            name=name,
            profile=accepted,
            isolation=isolation,
            seconds=seconds,
            command=command,
            on_event=listen,
        )
    terminal.summary(console, certificate)
    return certificate


def _prepare(folder: Path) -> None:
    """What writing the certificates needs, before the minutes that a run may take. Raises `ConfigurationError`."""
    with explained():
        import jinja2  # noqa: F401
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"--out {folder}: {error.strerror or error}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigurationError(f"--out {folder}: not a folder that may be written to")


def _write(folder: Path, certificate: dict[str, Any]) -> None:
    from .reports import html

    stem = re.sub(r"[^A-Za-z0-9.-]+", "-", certificate["subject"]["name"]).strip("-") or "certificate"
    text = json.dumps(certificate, indent=1, ensure_ascii=True) + "\n"
    (folder / f"{stem}.json").write_text(text, "utf-8")
    page = html.render(certificate)
    (folder / f"{stem}.html").write_text(page, "utf-8", errors="backslashreplace")
    click.echo(f"wrote {folder / stem}.json and .html")


def _redacted(target: str) -> str:
    """A target without the password that its URL may carry."""
    return re.sub(r"(//[^/@:]*):[^/@]*@", r"\1:***@", target)
