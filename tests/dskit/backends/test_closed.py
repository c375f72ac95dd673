"""A store that is used after it was closed says so, whichever it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3.session
import pytest

import dskit
import dskit_emulator
from dskit.backends.local_control import Control
from tests.dskit.leftovers import staged

KEYS = {"access_key": "dskit", "secret_key": "dskit-secret"}

VERBS: dict[str, Callable[[dskit.Store], object]] = {
    "put": lambda store: store.put("new", b"x"),
    "get": lambda store: store.get("k").read(),
    "head": lambda store: store.head("k"),
    "exists": lambda store: store.exists("k"),
    "list": lambda store: list(store.list()),
    "delete": lambda store: store.delete("k"),
    "delete_many": lambda store: store.delete_many(["k"]),
    "copy": lambda store: store.copy("k", "l"),
    "rename": lambda store: store.rename("k", "l"),
    "get_ranges": lambda store: store.get_ranges("k", starts=[0], ends=[1]),
}
MULTIPART = {
    "create_multipart_upload": lambda store: store.create_multipart_upload("m"),
    "list_uploads": lambda store: store.list_uploads(),
}


@pytest.fixture(params=["memory", "disk", "local", "s3", "minio", "obstore"])
def opened(request: pytest.FixtureRequest, tmp_path: Path, boto_session: boto3.session.Session) -> dskit.Store:
    if request.param == "memory":
        return dskit.MemoryStore()
    if request.param == "disk":
        return dskit.DiskStore(tmp_path, durability="process")
    if request.param == "local":
        return dskit.LocalStore(tmp_path, durability="process")
    s3: dskit_emulator.Endpoint = request.getfixturevalue("s3")
    s3.direct("data")
    if request.param == "s3":
        return dskit.S3Store("data", endpoint=s3.url, session=boto_session, **KEYS)  # type: ignore[arg-type]
    if request.param == "minio":
        return dskit.MinIOStore(s3.url.removeprefix("http://"), "data", secure=False, region="us-east-1", **KEYS)  # type: ignore[arg-type]
    return dskit.ObstoreS3Store("data", endpoint=s3.url, **KEYS)  # type: ignore[arg-type]


def test_every_verb_of_a_closed_store_is_refused(opened: dskit.Store) -> None:
    opened.put("k", b"x")
    opened.close()
    opened.close()
    verbs = VERBS | (MULTIPART if opened.capabilities.supports.multipart else {})
    for name, verb in verbs.items():
        with pytest.raises(dskit.ClosedError) as caught:
            verb(opened)
        assert not caught.value.retryable, name


def test_two_stores_of_a_service_go_on_until_the_service_is_closed() -> None:
    """Closing a store closes its service only where that is its own."""
    with dskit.open_service("memory:") as service:
        service.create_bucket("data")
        with service.bucket("data") as first:
            first.put("k", b"x")
        second = service.bucket("data")
        assert second.get("k").read() == b"x"
    with pytest.raises(dskit.ClosedError):
        second.get("k")


@pytest.mark.parametrize("write", ["put", "part"])
def test_plain_files_closed_while_a_write_is_published(
    tmp_path: Path, write: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By another thread, when the write has begun to take the lock of its key."""
    store = dskit.LocalStore(tmp_path, durability="process")
    store.put("k", b"old")
    upload = store.create_multipart_upload("m").upload_id
    lock = Control.lock

    def late(control: Control, *args: Any) -> Any:
        monkeypatch.undo()
        store.close()
        return lock(control, *args)

    monkeypatch.setattr(Control, "lock", late)
    calls: dict[str, Callable[[], object]] = {
        "put": lambda: store.put("k", b"new"),
        "part": lambda: store.upload_part("m", upload, 1, b"new"),
    }
    with pytest.raises(dskit.ClosedError):
        calls[write]()
    with dskit.LocalStore(tmp_path, durability="process") as again:
        assert again.get("k").read() == b"old"
        assert again.list_parts("m", upload).parts == []
        assert staged(again) == []
    assert list((tmp_path / ".dskit" / "staging").iterdir()) == []
