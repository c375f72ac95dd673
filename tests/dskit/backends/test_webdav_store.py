"""`WebDAVStore`: folders are no objects, credentials, addresses."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

import dskit
from dskit.errors import (
    AuthenticationError,
    BucketNotFoundError,
    ConfigurationError,
    InvalidKeyError,
    KeyConflictError,
    NotFoundError,
    UnsupportedError,
)


@pytest.fixture
def webdav(webdav_cloud: dskit.Store) -> dskit.Store:
    return webdav_cloud


def test_deleting_a_folder_deletes_nothing(webdav: dskit.Store) -> None:
    """DELETE of a collection removes all that is in it (RFC 4918 section 9.6.1)."""
    webdav.put("a/b/c", b"x")
    for key in ("a", "a/b"):
        webdav.delete(key)
    assert webdav.delete_many(["a", "a/b"]).deleted == ["a", "a/b"]
    assert [row.key for row in webdav.list()] == ["a/b/c"]


def test_a_folder_is_neither_source_nor_target_of_a_copy(webdav: dskit.Store) -> None:
    webdav.put("a/b", b"x")
    webdav.put("k", b"y")
    with pytest.raises(NotFoundError):
        webdav.copy("a", "z")
    with pytest.raises(KeyConflictError):
        webdav.copy("k", "a")
    assert [row.key for row in webdav.list()] == ["a/b", "k"]


def test_a_folder_is_no_object(webdav: dskit.Store) -> None:
    webdav.put("a/b", b"x")
    for verb in (webdav.get, webdav.head):
        with pytest.raises(NotFoundError):
            verb("a")
    assert not webdav.exists("a")


def test_a_key_beside_its_folder_is_refused(webdav: dskit.Store) -> None:
    webdav.put("a/b", b"x")
    for key in ("a", "a/b/c"):
        with pytest.raises(KeyConflictError):
            webdav.put(key, b"")
    with pytest.raises(KeyConflictError):
        webdav.copy("a/b", "a/b/c")
    assert [row.key for row in webdav.list()] == ["a/b"]


@pytest.mark.parametrize("verb", ["put", "copy"])
def test_writes_at_once_make_the_same_folders_and_none_of_them_fails(webdav: dskit.Store, verb: str) -> None:
    """Of two MKCOL of one folder the second is answered 405 (RFC 4918 section 9.3.1)."""
    writers = 6
    webdav.put("source", b"x")

    def write(key: str) -> None:
        together.wait()
        if verb == "put":
            webdav.put(key, b"x")
        else:
            webdav.copy("source", key)

    with ThreadPoolExecutor(writers) as pool:
        for attempt in range(4):
            together = Barrier(writers)
            keys = [f"{attempt}/a/b/c/{number}" for number in range(writers)]
            list(pool.map(write, keys))
            assert [row.key for row in webdav.list(f"{attempt}/")] == keys


def test_what_a_put_cannot_carry_is_refused(webdav: dskit.Store) -> None:
    for options in ({"if_none_match": "*"}, {"if_match": '"x"'}, {"metadata": {"a": "b"}}, {"content_type": "text/x"}):
        with pytest.raises(UnsupportedError):
            webdav.put("k", b"", **options)
    assert not webdav.exists("k")


def test_the_path_of_the_address_is_in_no_key(webdav: dskit.Store) -> None:
    base = f"{webdav_url(webdav)}/deep/er%20folder"
    with dskit.WebDAVStore(base) as store:
        store.put("sub/k", b"x")
        assert [row.key for row in store.list()] == ["sub/k"]
        assert store.list_with_delimiter().prefixes == ["sub/"]
        store.delete("sub")
        store.copy("sub/k", "copied")
        assert [row.key for row in store.list()] == ["copied", "sub/k"]
    assert [row.key for row in webdav.list()] == ["deep/er folder/copied", "deep/er folder/sub/k"]


def webdav_url(store: dskit.Store) -> str:
    return store.name.removeprefix("webdav ")


def test_credentials_come_from_the_environment_or_keywords_and_are_shown_nowhere(
    webdav: dskit.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = os.environ["WEBDAV_PASSWORD"]
    address = webdav_url(webdav)
    monkeypatch.delenv("WEBDAV_PASSWORD")
    monkeypatch.delenv("WEBDAV_USERNAME")
    with dskit.WebDAVStore(address) as nobody, pytest.raises(AuthenticationError) as caught:
        nobody.get("k")
    with dskit.WebDAVStore(address, username="dskit", password=password) as known:
        assert list(known.list()) == []
        assert password not in f"{known!r} {known.service!r} {known.name} {caught.value}"
    with pytest.warns(UserWarning, match="secret"):
        dskit.open_store(f"dav+{address.replace('//', f'//dskit:{password}@')}").close()


def test_a_service_has_one_bucket() -> None:
    with dskit.open_service("dav+http://127.0.0.1:9/x") as service, pytest.raises(BucketNotFoundError):
        list(service.bucket("other").list())


@pytest.mark.parametrize("url", ["dav+http:///x", "dav+https://h/a//b", "dav+https://h/a/../b", "dav+https://h:x/"])
def test_addresses_that_make_no_sense(url: str) -> None:
    with pytest.raises(ConfigurationError):
        dskit.open_store(url)


def test_a_segment_that_no_file_name_can_be_is_refused_before_any_request() -> None:
    with dskit.WebDAVStore("http://127.0.0.1:9/") as store, pytest.raises(InvalidKeyError, match="255"):
        store.put("a" * 256, b"")
