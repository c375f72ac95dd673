"""A click group whose commands are loaded when they are needed: those of the client API, and others by entry point."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points, version
from types import MappingProxyType

import click

__all__ = ["dskit"]

_HINTS = {"serve": "emulator", "certify": "conformance"}


OWN: Mapping[str, str] = MappingProxyType(
    {
        name: module
        for module, names in {
            "buckets": ("mb", "rb"),
            "completion": ("completion",),
            "listing": ("ls", "du", "tree"),
            "objects": ("cat", "rm", "sign", "stat"),
            "syncing": ("sync",),
            "transfers": ("cp", "mv"),
        }.items()
        for name in names
    }
)


class Commands(click.Group):
    """The client's own commands and those of the entry-point group `dskit.commands`; a broken one does not take the
    others with it."""

    def _points(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group="dskit.commands")}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*OWN, *self._points()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in OWN:
            own: click.Command = getattr(import_module(f"dskit.cli.{OWN[cmd_name]}"), cmd_name)
            return own
        point = self._points().get(cmd_name)
        if point is None:
            return None
        try:
            command = point.load()
        except ImportError as error:
            return _unavailable(cmd_name, error)
        return command if isinstance(command, click.Command) else None


def _unavailable(name: str, error: ImportError) -> click.Command:
    """A command in place of one that cannot be imported; it says what to install."""

    def complain() -> None:
        raise click.UsageError(f'`dskit {name}` cannot start ({error}): pip install "dskit[{_HINTS.get(name, "all")}]"')

    return click.Command(
        name,
        callback=complain,
        help="Not available: a library is missing.",
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("dskit"), prog_name="dskit")
def dskit() -> None:
    """Object stores: look at them and move what is in them, serve one to test with, certify any.

    URLs: s3://BUCKET/KEY?endpoint=URL, minio://HOST:PORT/BUCKET/KEY, az://CONTAINER/KEY?account=ACCOUNT,
    gs://BUCKET/KEY, dav+https://HOST/PATH#KEY, disk:PATH?bucket=BUCKET#KEY, file:FOLDER#KEY.
    """
