"""What the file system under a store can do, found by trying."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from typing import Literal

__all__ = ["ATTRIBUTE", "Traits", "probe"]

ATTRIBUTE = "user.dskit"


Form = Literal["NFC", "NFD"]


@dataclass(frozen=True, slots=True)
class Traits:
    """`exact_names`: names are bytes; else it folds case or normalises Unicode, and what would alias is refused. None:
    it has not been tried, since nothing has been written yet.

    `stored_form`: the Unicode form to which it changes names, and other names are refused. `attributes`: extended
    attributes can be written. `sync`: writes are to survive power loss.
    """

    exact_names: bool | None = None
    stored_form: Form | None = None
    attributes: bool = True
    max_name_bytes: int = 255
    sync: bool = True


def probe(control: int, *, sync: bool, token: str) -> Traits:
    """Try in the folder `control` (a descriptor), with names made from `token`; leaves nothing there."""
    composed, decomposed = f"{token}-\u00e9", f"{token}-e\u0301"
    exact = not _same_file(control, f"{token}-aB", f"{token}-Ab") and not _same_file(control, composed, decomposed)
    form: Form | None = None
    if not _kept(control, composed):
        form = "NFD"
    elif not _kept(control, decomposed):
        form = "NFC"
    try:
        longest = os.fpathconf(control, "PC_NAME_MAX")
    except (OSError, ValueError):
        longest = 255
    return Traits(exact, form, _keeps_attributes(control, token), longest if longest > 0 else 255, sync)


def _create(control: int, name: str) -> None:
    os.close(os.open(name.encode(), os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600, dir_fd=control))


def _same_file(control: int, name: str, other: str) -> bool:
    """Whether `other` opens a file that was made as `name`."""
    _create(control, name)
    try:
        os.stat(other.encode(), dir_fd=control)
    except FileNotFoundError:
        return False
    else:
        return True
    finally:
        os.unlink(name.encode(), dir_fd=control)


def _kept(control: int, name: str) -> bool:
    """Whether a new file is listed under the very name that it was given."""
    _create(control, name)
    try:
        return name.encode() in map(os.fsencode, os.listdir(control))
    finally:
        os.unlink(name.encode(), dir_fd=control)


def _keeps_attributes(control: int, token: str) -> bool:
    if not hasattr(os, "setxattr"):
        return False
    name = f"{token}-x".encode()
    file = os.open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600, dir_fd=control)
    try:
        os.setxattr(file, ATTRIBUTE, b"1")
        return os.getxattr(file, ATTRIBUTE) == b"1"
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.EPERM, errno.EACCES, errno.ENOSPC):
            return False
        raise
    finally:
        os.close(file)
        os.unlink(name, dir_fd=control)
