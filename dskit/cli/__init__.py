"""The `dskit` command. The emulator and the conformance suite add their subcommands (entry points `dskit.commands`)."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; exits with 2 for wrong usage and where click is missing."""
    try:
        import click  # noqa: F401
    except ImportError:
        print('the dskit command needs click and rich: pip install "dskit[cli]"', file=sys.stderr)
        sys.exit(2)
    from .group import dskit

    dskit(prog_name="dskit")
