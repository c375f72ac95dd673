"""A click group whose commands are found by entry point and loaded when they are needed."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points, version

import click

__all__ = ["dskit"]

_HINTS = {"serve": "emulator", "certify": "conformance"}


class Commands(click.Group):
    """Subcommands from the entry-point group `dskit.commands`; a broken one does not take the others with it."""

    def _points(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group="dskit.commands")}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._points())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
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
    """Testing against object stores: an S3 endpoint to test with, and a certificate for any store."""
