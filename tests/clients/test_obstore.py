"""obstore's S3Store (the Rust crate object_store) with default settings."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import httpx
import obstore
import pytest
from obstore.exceptions import AlreadyExistsError, GenericError, PermissionDeniedError, PreconditionError
from obstore.store import S3Store

MIB = 1024 * 1024


def connect(site: Any, **options: Any) -> Any:
    settings: dict[str, Any] = {
        "endpoint": site.url,
        "region": "us-east-1",
        "access_key_id": site.access_key,
        "secret_access_key": site.secret_key,
        "client_options": {"allow_http": True},
    }
    return S3Store(site.bucket, **{**settings, **options})


@pytest.fixture
def store(site: Any) -> Any:
    return connect(site)


def names(store: Any, prefix: str | None = None) -> list[str]:
    return [row["path"] for page in obstore.list(store, prefix) for row in page]


def test_what_is_put_is_got(store: Any) -> None:
    put = obstore.put(store, "k", b"hello", attributes={"Content-Type": "text/plain", "colour": "blue"})
    assert put["e_tag"] == f'"{hashlib.md5(b"hello").hexdigest()}"'
    got = obstore.get(store, "k")
    assert bytes(got.bytes()) == b"hello"
    assert got.meta["size"] == 5
    assert got.attributes["Content-Type"] == "text/plain"
    assert got.attributes["colour"] == "blue"
    assert bytes(obstore.get_range(store, "k", start=1, end=4)) == b"ell"
    assert [bytes(part) for part in obstore.get_ranges(store, "k", starts=[0, 3], ends=[2, 5])] == [b"he", b"lo"]
    assert obstore.head(store, "k")["e_tag"] == put["e_tag"]


def test_tags_are_refused_by_name_and_nothing_is_stored(site: Any) -> None:
    store = connect(site, retry_config={"max_retries": 0})
    with pytest.raises(GenericError, match=r"501 Not Implemented(.|\n)*x-amz-tagging"):
        obstore.put(store, "k", b"hello", tags={"colour": "blue"})
    assert names(store) == []


@pytest.mark.parametrize(
    "key", ["with space", "plus+plus", "per%cent", "a%2Fb", "é/€/日本語", "😀", "q?u&e=r#y", "~!*'()"]
)
def test_odd_keys_stay_what_they_are(store: Any, key: str) -> None:
    """Only those that the client itself does not refuse or fold."""
    obstore.put(store, key, b"x")
    assert bytes(obstore.get(store, key).bytes()) == b"x"
    assert names(store) == [key]
    obstore.copy(store, key, "copy")
    assert bytes(obstore.get(store, "copy").bytes()) == b"x"
    obstore.rename(store, "copy", key + ".moved")
    assert set(names(store)) == {key, key + ".moved"}
    obstore.delete(store, [key, key + ".moved"])
    assert names(store) == []


def test_a_large_object_moves_in_parts(store: Any) -> None:
    data = hashlib.shake_256(b"obstore").digest(21 * MIB + 5)
    put = obstore.put(store, "large", data, chunk_size=8 * MIB)
    assert str(put["e_tag"]).endswith('-3"')
    assert bytes(obstore.get(store, "large").bytes()) == data
    with obstore.open_writer(store, "written", buffer_size=6 * MIB) as writer:
        for at in range(0, len(data), MIB):
            writer.write(data[at : at + MIB])
    assert b"".join(bytes(part) for part in obstore.get(store, "written").stream()) == data


def test_listings(store: Any) -> None:
    keys = sorted(f"{number % 2}/{number:04d}" for number in range(1010))
    for key in keys:
        obstore.put(store, key, b"")
    assert names(store) == keys
    assert names(store, "1") == [key for key in keys if key.startswith("1/")]
    assert obstore.list_with_delimiter(store)["common_prefixes"] == ["0", "1"]
    after = [row["path"] for page in obstore.list(store, offset="1/0990") for row in page]
    assert after == [key for key in keys if key > "1/0990"]


def test_conditional_puts(store: Any) -> None:
    put = obstore.put(store, "k", b"1", mode="create")
    with pytest.raises(AlreadyExistsError):
        obstore.put(store, "k", b"2", mode="create")
    with pytest.raises(PreconditionError):
        obstore.put(store, "k", b"2", mode={"e_tag": '"0"'})
    obstore.put(store, "k", b"3", mode={"e_tag": put["e_tag"]})
    assert bytes(obstore.get(store, "k").bytes()) == b"3"


def test_signed_urls(site: Any, store: Any) -> None:
    url = obstore.sign(store, "PUT", "a b+é", timedelta(minutes=1))
    assert httpx.put(url, content=b"note").status_code == 200
    url = obstore.sign(store, "GET", "a b+é", timedelta(minutes=1))
    assert httpx.get(url).content == b"note"


def test_checksums(site: Any) -> None:
    store = connect(site, checksum_algorithm="sha256")
    obstore.put(store, "k", b"hello")
    assert bytes(obstore.get(store, "k").bytes()) == b"hello"


def test_errors_are_those_of_the_client(site: Any, store: Any) -> None:
    with pytest.raises(FileNotFoundError):
        obstore.get(store, "absent")
    with pytest.raises(FileNotFoundError):
        obstore.head(store, "absent")
    with pytest.raises(PermissionDeniedError):
        obstore.get(connect(site, secret_access_key="not-the-secret"), "k")
