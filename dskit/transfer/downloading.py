"""Object → local file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import AlreadyExistsError
from ..transfer_verbs import CONCURRENCY, PART_BYTES
from ..types import ObjectMeta
from .crew import ProgressCallback, Tally
from .journals import Journal
from .receiving import Receiving
from .sending import check_tuning, may_resume
from .staging import open_staged

if TYPE_CHECKING:
    from ..store import Store

__all__ = ["download"]


def download(
    store: Store,
    key: str,
    path: str | os.PathLike[str],
    *,
    if_match: str | None = None,
    version_id: str | None = None,
    overwrite: bool = True,
    resume: bool = False,
    durable: bool = False,
    part_bytes: int = PART_BYTES,
    concurrency: int = CONCURRENCY,
    progress: ProgressCallback | None = None,
) -> ObjectMeta:
    """`Store.download`."""
    check_tuning(part_bytes, concurrency)
    if not overwrite and os.path.lexists(path):
        raise AlreadyExistsError(f"there is a file {os.fspath(path)!r} already: choose another name, or overwrite it")
    journal = Journal(path, store, key, ".download") if resume else None
    keep = False
    try:
        with open_staged(path, resumable=journal.identity if journal is not None else None) as staged:
            try:
                meta = store.head(key, if_match=if_match, version_id=version_id, checksum_mode=True)
                tally = Tally(progress, total_bytes=meta.size, total_files=1)
                receiving = Receiving(
                    store=store,
                    key=key,
                    meta=meta,
                    staged=staged,
                    part_bytes=part_bytes,
                    concurrency=concurrency,
                    journal=journal,
                )
                receiving.run(tally)
                staged.commit(overwrite=overwrite, durable=durable)
            except BaseException as error:
                if resume and may_resume(error):
                    staged.keep()
                    keep = True
                raise
        tally(0, files=1, key=key)
        return meta
    finally:
        if journal is not None:
            if keep:
                journal.close()
            else:
                journal.remove()
