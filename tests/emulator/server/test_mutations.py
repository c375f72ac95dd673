"""Valid requests gone wrong: a precise answer to each, never a hang, and what is refused has changed nothing."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dskit.clock import ManualClock
from dskit.ids import SeededIds
from dskit_emulator import Server
from tests.emulator.server.exchanges import exchange, statuses
from tests.emulator.server.mutated_requests import Mutations
from tests.emulator.wire.chunked_bodies import AWS_EXAMPLE
from tests.emulator.wire.signed_requests import AWS_DAY


class Contents:
    """The buckets of a server, of which ``scratch`` has something in it that requests may well change."""

    def __init__(self, s3: Server) -> None:
        self._service = s3.backend
        self._store = s3.direct("scratch")
        self.upload = ""
        self.tidy()

    def tidy(self) -> None:
        """What a request did that went well is undone where the next ones need it."""
        for info in self._service.list_buckets():
            if info.name != "scratch":
                self._service.delete_bucket(info.name)
        for key in ("kept", "gone"):
            if not self._store.exists(key):
                self._store.put(key, b"untouched", metadata={"a": "b"})
        if self.upload not in [upload.upload_id for upload in self._uploads()]:
            self.upload = self._store.create_multipart_upload("up").upload_id

    def _uploads(self) -> Any:
        return self._store.list_uploads().uploads

    def state(self) -> object:
        return (
            [(info.name, info.owner) for info in self._service.list_buckets()],
            [(row.key, row.size, row.etag, self._store.head(row.key).metadata) for row in self._store.list()],
            [(upload.key, upload.upload_id) for upload in self._uploads()],
            [(part.number, part.etag) for part in self._store.list_parts("up", self.upload).parts],
        )


@pytest.mark.slow
@pytest.mark.parametrize(("where", "count"), [("memory", 2400), ("disk", 600)])
def test_what_is_refused_changes_nothing(
    where: str, count: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Each request is signed for a bucket that it may do everything to: the refusal alone protects what is there."""
    caplog.set_level(logging.ERROR)
    options: dict[str, Any] = {"data": tmp_path / "data"} if where == "disk" else {}
    clock = ManualClock(AWS_DAY.now())
    with Server(accounts=[AWS_EXAMPLE], buckets=["scratch"], clock=clock, ids=SeededIds(where), **options) as s3:
        contents = Contents(s3)
        mutations = Mutations(s3.port, len(where), contents.upload)
        seen: Counter[tuple[str, int]] = Counter()
        before = contents.state()
        for number in range(count):
            kind = (mutations.of_meaning, mutations.of_bytes, mutations.of_chunks)[number % 3]
            request = kind()
            answer = exchange(s3.port, request)
            found = statuses(answer)
            assert all(status < 500 or status == 501 for status in found), (request, answer)
            assert found or kind == mutations.of_bytes, request
            if any(status < 300 for status in found):
                contents.tidy()
                mutations.upload = contents.upload
                before = contents.state()
            else:
                assert contents.state() == before, (request, answer)
            seen.update((kind.__name__, status) for status in found)
    assert not caplog.records
    assert {(kind, status) for kind in ("of_meaning", "of_bytes", "of_chunks") for status in (200, 400, 403)} <= set(
        seen
    )
