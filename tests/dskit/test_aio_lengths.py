"""Data of unknown length on a store that wants to know it: one put while they are short, parts when they are long."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

import dskit
from tests.dskit.pieces import pieces
from tests.dskit.wants_length import WantsLength

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def wants_length() -> dskit.Store:
    service: Any = WantsLength()
    return dskit.Store(service, "default")


MIB = 1024 * 1024


async def test_unknown_length_is_a_put_when_it_is_short(wants_length: dskit.Store) -> None:
    await wants_length.aio.put("k", pieces(b"a", b"b"), if_none_match="*")
    wants_length.put("s", iter([b"a", b"b"]))
    assert wants_length.get("k").read() == wants_length.get("s").read() == b"ab"
    assert "create_upload" not in wants_length.service.calls  # type: ignore[attr-defined]


async def test_unknown_length_is_a_multipart_upload_when_it_is_long(wants_length: dskit.Store) -> None:
    await wants_length.aio.put("k", pieces(*[bytes([number]) * MIB for number in range(10)]), metadata={"a": "b"})
    wants_length.put("s", (bytes([number]) * MIB for number in range(10)), metadata={"a": "b"})
    for key in ("k", "s"):
        assert wants_length.get(key).read() == b"".join(bytes([number]) * MIB for number in range(10))
        assert dict(wants_length.head(key).metadata) == {"a": "b"}
    assert wants_length.service.calls.count("put_part") == 4  # type: ignore[attr-defined]


async def test_conditions_and_digests_of_a_long_one(wants_length: dskit.Store) -> None:
    wants_length.put("k", b"old")
    wrong = "AAAAAAAAAAAAAAAAAAAAAA=="
    with pytest.raises(dskit.AlreadyExistsError):
        await wants_length.aio.put("k", pieces(*[b"x" * MIB] * 9), if_none_match="*")
    with pytest.raises(dskit.ChecksumMismatchError):
        await wants_length.aio.put("k", pieces(*[b"x" * MIB] * 9), content_md5=wrong)
    with pytest.raises(dskit.ChecksumMismatchError):
        wants_length.put("k", iter([b"x" * MIB] * 9), checksum=("CRC32", "AAAAAA=="))
    with pytest.raises(dskit.InvalidRequestError):
        wants_length.put("k", iter([b"x" * MIB] * 8 + ["text"]))  # type: ignore[arg-type]
    assert wants_length.get("k").read() == b"old"
    assert wants_length.list_uploads().uploads == []


async def test_a_long_one_drops_no_checksum(wants_length: dskit.Store) -> None:
    """A store may take checksums of whole puts only; what it could not keep is refused before anything is begun."""
    service: Any = wants_length.service
    supports = service.capabilities.supports.replace(multipart_checksum=False)
    service.capabilities = service.capabilities.replace(supports=supports)
    with pytest.raises(dskit.UnsupportedError, match="checksum"):
        await wants_length.aio.put("k", pieces(*[b"x" * MIB] * 9), checksum="CRC32")
    assert service.calls == []


async def test_cancelling_a_long_one_aborts_its_upload(wants_length: dskit.Store) -> None:
    async with anyio.create_task_group() as tasks:

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(9):
                yield b"x" * MIB
            tasks.cancel_scope.cancel()
            await anyio.sleep_forever()

        tasks.start_soon(wants_length.aio.put, "k", endless())
    assert "abort_upload" in wants_length.service.calls  # type: ignore[attr-defined]
    assert wants_length.list_uploads().uploads == []
    assert not wants_length.exists("k")
