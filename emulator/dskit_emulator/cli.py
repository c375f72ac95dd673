"""`dskit serve`: an endpoint as a program."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dskit.errors import ConfigurationError, StoreError
from dskit.extras import explained

from .planes import PLANES

if TYPE_CHECKING:
    from .fronts.site import FrontSettings
    from .server import Server

__all__ = ["serve"]

_GRACE = 5.0
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3  # of mallopt(3)
_TWIN = 0.05
_NEW_OBJECTS = 20_000  # between two looks of the garbage collector
_ENDING = frozenset({signal.SIGINT, signal.SIGTERM})


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=9000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option(
    "--also-port",
    "also_ports",
    multiple=True,
    metavar="N",
    type=click.IntRange(0, 65535),
    help="Listen there too; repeatable.",
)
@click.option(
    "--plane",
    "planes",
    multiple=True,
    metavar="NAME",
    help=f"Speak an SDK's own protocol too ({', '.join(PLANES)}); repeatable.",
)
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Keep everything in this folder.")
@click.option("--memory", is_flag=True, help="Keep everything in memory (the default).")
@click.option("--account", "accounts", multiple=True, metavar="NAME:ACCESS:SECRET", help="Who may sign; repeatable.")
@click.option("--bucket", "buckets", multiple=True, metavar="NAME", help="Make this bucket at start; repeatable.")
@click.option(
    "--load",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Fill from this folder: into the one --bucket, else each subfolder becomes a bucket.",
)
@click.option("--domain", "domains", multiple=True, metavar="HOST", help="BUCKET.HOST addresses a bucket; repeatable.")
@click.option("--rule", "rules", multiple=True, metavar="NAME", help="Depart from AWS's behaviour; see --list-rules.")
@click.option("--list-rules", is_flag=True, help="Print the rules and leave.")
@click.option("--region", default="us-east-1", show_default=True, help="Region that signatures must name.")
@click.option("--tls-cert", type=click.Path(exists=True, dir_okay=False), help="Certificate chain (PEM).")
@click.option("--tls-key", type=click.Path(exists=True, dir_okay=False), help="Private key (PEM).")
@click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="NAME=N",
    help="Limit or time of HTTP, as head_seconds=10 (docs/reference/front.md); repeatable.",
)
@click.option("--ready-file", type=click.Path(dir_okay=False, path_type=Path), help="Holds the URL while serving.")
@click.option("--quiet", is_flag=True, help="No access log.")
def serve(list_rules: bool, **options: Any) -> None:
    """Serve S3 on a local port until SIGINT or SIGTERM.

    Requests under way are then finished, and the exit code is 0. A signal while --load fills it ends it with 128 plus
    the signal's number; files that were loaded stay.
    """
    if list_rules:
        _print_rules()
        return
    # From here on the two signals wait until `sigwait` takes them; threads inherit the mask.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        _serve(**options)
    except (StoreError, OSError) as error:
        raise click.UsageError(_explain(error)) from error


def _serve(
    *,
    host: str,
    port: int,
    also_ports: tuple[int, ...],
    planes: tuple[str, ...],
    data: Path | None,
    memory: bool,
    accounts: tuple[str, ...],
    buckets: tuple[str, ...],
    load: Path | None,
    domains: tuple[str, ...],
    rules: tuple[str, ...],
    region: str,
    tls_cert: str | None,
    tls_key: str | None,
    limits: tuple[str, ...],
    ready_file: Path | None,
    quiet: bool,
) -> None:
    from dskit.clock import SystemClock

    from .control.access import AccessLog, LineWriter

    with explained():
        from .server import Server

    if data is not None and memory:
        raise ConfigurationError("--data and --memory exclude each other")
    if (tls_cert is None) != (tls_key is None):
        raise ConfigurationError("--tls-cert and --tls-key need each other")
    if load is not None and len(buckets) > 1:
        raise ConfigurationError("--load fills one --bucket; without --bucket each subfolder becomes a bucket")
    if ready_file is not None and not ready_file.parent.is_dir():
        raise ConfigurationError(f"--ready-file {ready_file}: there is no folder {ready_file.parent}")
    _reuse_memory()
    _collect_seldom()
    lines = LineWriter(sys.stdout)
    clock = SystemClock()
    server = Server(
        host=host,
        port=port,
        also_ports=also_ports,
        planes=planes,
        data=data,
        accounts=accounts,
        buckets=buckets,
        domains=domains,
        rules=rules,
        region=region,
        clock=clock,
        tls=(tls_cert, tls_key) if tls_cert and tls_key else None,
        front=_front(limits),
        observer=None if quiet else AccessLog(lines.write, clock),
    )
    try:
        server.start()
        if load is not None:
            from .loader import load_folder

            loaded = load_folder(
                server.backend,
                load,
                bucket=buckets[0] if buckets else None,
                owner=server.accounts.default.canonical_id,
                region=region,
                stopped=lambda: bool(signal.sigpending() & _ENDING),
            )
            counts = f"objects {loaded.objects}, bytes {loaded.bytes}, buckets {loaded.buckets}"
            if not loaded.whole:
                received = _take_signal()
                lines.write(f"{received.name}: ended while loading from {load}, after {counts}\n")
                raise SystemExit(128 + received)
            lines.write(f"loaded from {load}: {counts}\n")
        lines.write(banner(server, data, given=bool(accounts)))
        if ready_file is not None:
            _announce(server.url, ready_file)
        lines.write(f"{_take_signal().name}: finishing requests under way\n")
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)  # a second one ends at once
    finally:
        server.close(grace=_GRACE)
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)
        lines.close()


def _front(limits: tuple[str, ...]) -> FrontSettings:
    from .fronts.site import FrontSettings

    defaults = FrontSettings()
    given: dict[str, Any] = {}
    for limit in limits:
        name, _, value = limit.partition("=")
        if name not in FrontSettings.__dataclass_fields__:
            known = ", ".join(FrontSettings.__dataclass_fields__)
            raise ConfigurationError(f"--limit {limit}: there is no {name!r}; there are: {known}")
        try:
            given[name] = type(getattr(defaults, name))(value)
        except ValueError as error:
            raise ConfigurationError(f"--limit {limit}: {value!r} is no number of the kind of {name}") from error
    return FrontSettings(**given)


def _announce(url: str, ready_file: Path) -> None:
    staged = ready_file.with_name(ready_file.name + f".{os.getpid()}")
    try:
        staged.write_text(url + "\n")
        staged.replace(ready_file)
    except OSError as error:
        raise ConfigurationError(f"--ready-file {ready_file} cannot be written: {error.strerror}") from error


def _take_signal() -> signal.Signals:
    """Wait for one of the two signals, unless it has come already."""
    received = signal.sigwait(_ENDING)
    # `timeout` and terminals signal the process and its group: a twin that comes at once is the same request.
    time.sleep(_TWIN)
    for twin in signal.sigpending() & _ENDING:
        signal.sigwait({twin})
    return signal.Signals(received)


def _reuse_memory() -> None:
    """Let glibc keep 16 MiB of freed memory; each long listing would else be mapped, faulted in and unmapped anew.

    That is a sixth of its cost. Other C libraries do without.
    """
    import ctypes

    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    for option, value in ((_M_TRIM_THRESHOLD, 16 << 20), (_M_TOP_PAD, 1 << 20), (_M_MMAP_THRESHOLD, 4 << 20)):
        set_option(option, value)


def _collect_seldom() -> None:
    """A page of a listing is some two thousand objects that live for a moment, and Python's collector looks through all
    that are new at each 700 of them: about a tenth of what the page costs. Few requests leave a cycle for it to find.
    """
    import gc

    youngest, *others = gc.get_threshold()
    if youngest:  # else collections are switched off
        gc.set_threshold(max(youngest, _NEW_OBJECTS), *others)


def banner(server: Server, data: Path | None, *, given: bool) -> str:
    """What to paste. Secrets that the user gave are not repeated; the default account's is no secret."""
    url, account = server.url, server.accounts.default
    secret = f"SECRET-OF-{account.name}" if given else account.secret_key

    def exports(plane: str | None = None) -> str:
        env = server.env(plane)
        return "\n".join(f"  export {name}={value.replace(account.secret_key, secret)}" for name, value in env.items())

    region = server.default.region
    planes = "".join(f"{plane}:\n{exports(plane)}\n\n" for plane in server.default.planes)
    ports = ", ".join(map(str, server.default.also_ports))
    also = f", also on port {ports}" if ports else ""
    rules = f", rules: {', '.join(server.rules)}" if server.rules else ""
    return f"""\
dskit: S3 endpoint at {url}, region {region}, data in {data or "memory"}{rules}{also}. Ctrl-C ends it.

shell (aws-cli, SDKs):
{exports()}

{planes}aws-cli:
  aws s3 mb s3://my-bucket && aws s3 ls

boto3:
  boto3.client("s3", endpoint_url="{url}", region_name="{region}",
               aws_access_key_id="{account.access_key}", aws_secret_access_key="{secret}")

mc:
  mc alias set dskit {url} {account.access_key} {secret}

"""


def _print_rules() -> None:
    from .rules import RULES

    for rule in RULES.values():
        click.echo(f"{rule.name}\n    {rule.text}\n    AWS: {rule.aws}")


def _explain(error: StoreError | OSError) -> str:
    if isinstance(error, StoreError):
        return f"bucket {error.bucket!r}: {error.message}" if error.bucket else error.message
    reason = error.strerror or str(error)
    return reason if error.filename is None else f"{error.filename}: {reason}"
