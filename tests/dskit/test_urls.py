"""URLs of stores and services."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import dskit
from dskit.retry import RetryOptions
from dskit.url_schemes import SCHEMES
from dskit.urls import redacted


def test_memory() -> None:
    with dskit.open_store("memory:") as store:
        assert isinstance(store, dskit.MemoryStore)
        assert (store.bucket, store.prefix) == ("default", "")
        store.put("k", b"x")
    assert dskit.open_store("memory:?bucket=data&prefix=p/").bucket == "data"


@pytest.mark.parametrize(("scheme", "kind"), [("file", "LocalStore"), ("disk", "DiskStore")])
def test_folders(scheme: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for url in (f"{scheme}:data", f"{scheme}:{tmp_path}/data", f"{scheme}://{tmp_path}/data"):
        with dskit.open_store(url) as store:
            assert type(store).__name__ == kind
            store.put("k", b"x")
    assert (tmp_path / "data").is_dir()
    with dskit.open_store(f"{scheme}:with%20blank%3F", bucket="other") as store:
        assert store.bucket == "other"
    assert (tmp_path / "with blank?").is_dir()


def test_a_file_url_is_one_bucket_for_a_store_and_a_folder_of_buckets_for_a_service(tmp_path: Path) -> None:
    with dskit.open_store(f"file:{tmp_path}") as store:
        store.put("one/k", b"x")
    assert (tmp_path / "one" / "k").read_bytes() == b"x"
    with dskit.open_service(f"file:{tmp_path}") as service:
        assert [bucket.name for bucket in service.list_buckets()] == ["one"]
        assert service.bucket("one").get("k").read() == b"x"


@pytest.mark.parametrize("url", ["memory:", "file:{}", "disk:{}"])
def test_a_service_has_buckets(url: str, tmp_path: Path) -> None:
    with dskit.open_service(url.format(tmp_path)) as service:
        service.create_bucket("first")
        service.bucket("first").put("k", b"x")
        assert service.head_bucket("first").name == "first"
        with pytest.raises(dskit.BucketNotEmptyError):
            service.delete_bucket("first")
        with pytest.raises(dskit.BucketNotFoundError):
            service.head_bucket("second")
        with pytest.raises(dskit.InvalidBucketNameError):
            service.create_bucket("No")
        service.create_bucket("second")
        service.bucket("second").copy("k", "c", source_bucket="first")
        assert service.bucket("second").get("c").read() == b"x"
        service.bucket("first").delete("k")
        service.delete_bucket("first")
        assert [bucket.name for bucket in service.list_buckets()] == ["second"]


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("", "scheme"),
        ("data", "file:data"),
        ("gopher:x", "no backend for 'gopher'"),
        ("http://127.0.0.1:9000", "s3://BUCKET"),
        ("memory:x", "no path"),
        ("memory:?colour=blue", "colour"),
        ("memory:?bucket=abc&bucket=abd", "twice"),
        ("disk:", "path"),
        ("disk:%00", "zero character"),
        ("file:%00", "zero character"),
        ("file:", "path"),
        ("file://host/x", "host"),
        ("file:x#y", "%23"),
        ("file:x?durability=perhaps", "power or process"),
        ("s3:", "bucket"),
        ("s3://bucket?addressing=sideways", "addressing"),
        ("s3://bucket?nonsense=1", "nonsense"),
        ("s3://bucket?client=curl", "boto3 or obstore"),
        ("minio:", "host"),
        ("minio://127.0.0.1:9000", "bucket"),
        ("minio://127.0.0.1:9000/bucket?secure=maybe", "secure"),
    ],
)
def test_a_wrong_url_is_a_configuration_error_with_the_remedy(
    url: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(dskit.ConfigurationError, match=hint):
        dskit.open_store(url)
    assert list(tmp_path.iterdir()) == []


def test_an_option_that_nobody_takes_is_refused() -> None:
    with pytest.raises(dskit.ConfigurationError, match="colour"):
        dskit.open_store("memory:", colour="blue")
    with pytest.raises(dskit.ConfigurationError, match="endpont"):
        dskit.open_store("s3://bucket", endpont="http://127.0.0.1:1")


REMOTE = {
    "s3:": {"access_key": "a", "secret_key": "s"},
    "s3:?client=obstore": {"access_key": "a", "secret_key": "s"},
    "minio://127.0.0.1:1": {"access_key": "a", "secret_key": "s"},
    "az:?account=a": {"access_key": "QUJD"},
    "gs:?anonymous=true": {},
    "dav+http://127.0.0.1:1/": {},
}


@pytest.mark.parametrize("url", REMOTE)
def test_every_remote_service_takes_the_options_that_its_store_takes(url: str) -> None:
    """Also those that it hands on (``**options``)."""
    common: dict[str, Any] = {"read_timeout": 3.0, "retries": RetryOptions(attempts=1), **REMOTE[url]}
    with dskit.open_service(url, **common) as service:
        assert service.service.retrier.options.attempts == 1  # type: ignore[attr-defined]
    with dskit.open_store(url, **common, **({} if url.startswith("dav") else {"bucket": "data"})) as store:
        assert store.service.retrier.options.attempts == 1  # type: ignore[attr-defined]


def test_an_option_of_the_other_client_is_refused_with_the_name_of_the_one_that_was_chosen() -> None:
    for url, client in (("s3:", "boto3"), ("s3:?client=obstore", "obstore")):
        for open_it in (dskit.open_service, lambda url, **options: dskit.open_store(url, bucket="b", **options)):
            with pytest.raises(dskit.ConfigurationError, match=rf"client={client} has no option 'timeout'.* read_time"):
                open_it(url, timeout=3, **REMOTE[url])
    with pytest.raises(dskit.ConfigurationError, match="client=obstore has no option 'max_connections'"):
        dskit.open_service("s3:?client=obstore", max_connections=3, **REMOTE["s3:"])


def test_the_place_is_given_by_the_url_alone(tmp_path: Path) -> None:
    for url in (f"disk:{tmp_path}/a", f"file:{tmp_path}/a"):
        with pytest.raises(dskit.ConfigurationError, match="no option 'path'"):
            dskit.open_store(url, path=tmp_path / "b")


def test_a_service_url_names_no_bucket() -> None:
    for url in ("memory:?bucket=abc", "s3://bucket?endpoint=http://127.0.0.1:1", "minio://127.0.0.1:1/bucket"):
        with pytest.raises(dskit.ConfigurationError, match="open_store"):
            dskit.open_service(url)


S3 = "s3://bucket/some/folder?endpoint=http://127.0.0.1:1&region=eu-west-1&addressing=path"


def test_s3() -> None:
    store = dskit.open_store(S3, access_key="a", secret_key="s")
    assert isinstance(store, dskit.S3Store)
    assert (store.bucket, store.prefix) == ("bucket", "some/folder/")
    assert store.prefix == dskit.open_store(S3.replace("folder", "folder/"), access_key="a", secret_key="s").prefix
    service = dskit.open_service("s3:?endpoint=http://127.0.0.1:1", access_key="a", secret_key="s")
    assert "127.0.0.1:1" in service.name


def test_minio() -> None:
    store = dskit.open_store("minio://127.0.0.1:1/bucket/f?secure=false", access_key="a", secret_key="s")
    assert isinstance(store, dskit.MinIOStore)
    assert (store.bucket, store.prefix) == ("bucket", "f/")
    assert "http://127.0.0.1:1" in store.name


@pytest.mark.parametrize(
    "url",
    [
        "s3://ACCESS:hush-hush@bucket?endpoint=http://127.0.0.1:1",
        "s3://bucket?endpoint=http://127.0.0.1:1&access_key=ACCESS&secret_key=hush-hush",
        "minio://ACCESS:hush-hush@127.0.0.1:1/bucket?secure=false",
        "s3://bucket?endpoint=http://ACCESS:hush-hush@127.0.0.1:1",
        "s3://bucket?endpoint=http://ACCESS:hush-hush@127.0.0.1:1&client=obstore",
    ],
)
def test_a_secret_in_a_url_works_with_a_warning_and_is_never_shown(url: str) -> None:
    with pytest.warns(UserWarning, match="secret") as caught:
        store = dskit.open_store(url)
    assert all("hush" not in str(warning.message) for warning in caught)
    assert [warning.filename for warning in caught] == [__file__]
    assert "hush" not in repr(store) + repr(store.service) + store.name
    with pytest.warns(UserWarning, match="secret"), pytest.raises(dskit.ConfigurationError) as failed:
        dskit.open_store(url, colour="blue")
    assert "hush" not in str(failed.value)


def test_a_mistake_elsewhere_does_not_show_the_password_of_the_endpoint() -> None:
    with pytest.raises(dskit.ConfigurationError, match="addressing") as failed:
        dskit.open_store("s3://bucket?endpoint=http://ACCESS:hush-hush@127.0.0.1:1&addressing=x")
    assert "hush" not in str(failed.value)


@pytest.mark.parametrize("kind", ["S3Store", "MinIOStore"])
def test_an_endpoint_keyword_with_a_password_is_refused_unseen(kind: str) -> None:
    with pytest.raises(dskit.ConfigurationError, match="access_key") as failed:
        getattr(dskit, kind)(bucket="bucket", endpoint="http://ACCESS:hush-hush@127.0.0.1:1")
    assert "hush" not in str(failed.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://b?endpoint=http://u:p/w@h:1&region=r", "s3://b?endpoint=http://…@h:1&region=r"),
        ("s3://a:b@bucket/x?secret_key=s&region=r", "s3://…@bucket/x?secret_key=…&region=r"),
        ("memory:?bucket=abc", "memory:?bucket=abc"),
        ("s3://[bad", "s3:…"),
        ("file:/a/b", "file:/a/b"),
    ],
)
def test_redacted(url: str, shown: str) -> None:
    assert redacted(url) == shown


@pytest.mark.parametrize(
    ("library", "url", "extra"),
    [
        ("boto3", "s3://bucket", "dskit[s3]"),
        ("obstore", "s3://bucket?client=obstore", "dskit[obstore]"),
        ("minio", "minio://127.0.0.1:1/bucket", "dskit[minio]"),
    ],
)
def test_a_missing_library_says_what_to_install(
    library: str, url: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == library or name.startswith("dskit.backends.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(dskit.ConfigurationError) as caught:
        dskit.open_store(url, access_key="a", secret_key="s")
    assert f'pip install "{extra}"' in str(caught.value)


def test_not_a_string() -> None:
    for value in (None, Path("x"), 7):
        odd: Any = value
        with pytest.raises(dskit.ConfigurationError):
            dskit.open_store(odd)


def test_no_credentials_for_minio_says_where_to_give_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "MINIO_ACCESS_KEY",
        "MINIO_SECRET_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_ACCESS_KEY",
    ):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(dskit.ConfigurationError, match="MINIO_ACCESS_KEY") as failed:
        dskit.open_store("minio://127.0.0.1:1/bucket")
    assert failed.value.message.startswith("no credentials")


def test_a_parameter_of_both_s3_clients_is_one_of_both_urls() -> None:
    own = {"s3": {"endpoint", "addressing"}, "minio": {"secure"}}
    common = [set(SCHEMES[name].parameters) - own[name] - {"client"} for name in own]
    assert common[0] == common[1]
    store = dskit.open_store("minio://127.0.0.1:1/bucket?anonymous=true&verify=false")
    assert not store.capabilities.supports.sign


@pytest.mark.parametrize(
    ("url", "given"),
    [
        ("s3://data?verify=false&part_bytes=6000000&max_connections=3", {"access_key": "key", "secret_key": "secret"}),
        ("s3://data?verify=false&part_bytes=6000000&client=obstore", {"access_key": "key", "secret_key": "secret"}),
        ("minio://host/data?verify=false&part_bytes=6000000", {"access_key": "key", "secret_key": "secret"}),
        ("az://data?account=name&verify=false&part_bytes=6000000", {"access_key": "a2V5"}),
        ("gs://data?verify=false&part_bytes=6000000", {"token": "token"}),
        ("dav+http://host/data?verify=false", {}),
    ],
)
def test_parameters_and_keywords_that_all_remote_stores_take(url: str, given: dict[str, Any]) -> None:
    less = {"supports": {"put_metadata": False}}
    common: dict[str, Any] = {"connect_timeout": 1.0, "read_timeout": 2.0, "retries": None, "capabilities": less}
    with dskit.open_store(url, **given, **common) as store:
        assert not store.capabilities.supports.put_metadata
    with pytest.raises(dskit.ConfigurationError, match=r"has no option 'colour'; it has .*\bread_timeout\b"):
        dskit.open_store(url, colour="blue", **given)
