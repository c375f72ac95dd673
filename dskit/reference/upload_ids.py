"""Ids of uploads. Random, and each says when its upload began, so that a listing goes on after one that has ended."""

from __future__ import annotations

import base64
import binascii

from dskit.ids import Ids

__all__ = ["new_upload_id", "seq_of"]

_RANDOM_BYTES = 40
_SEQ_BYTES = 8


def new_upload_id(ids: Ids, seq: int) -> str:
    """64 characters of base64url. `seq` is the catalog's counter when the upload began."""
    return base64.urlsafe_b64encode(ids.token(_RANDOM_BYTES) + seq.to_bytes(_SEQ_BYTES, "big")).decode("ascii")


def seq_of(upload_id: str) -> int | None:
    """The `seq` in an id; None for what `new_upload_id` cannot have made."""
    try:
        raw = base64.b64decode(upload_id, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return int.from_bytes(raw[_RANDOM_BYTES:], "big") if len(raw) == _RANDOM_BYTES + _SEQ_BYTES else None
