"""The real obstore and the facade on the same server of a cloud: Azurite, fake-gcs-server, wsgidav.

The calls are those of `same_calls`. What differs is listed with its reason, and an entry that no longer differs
fails.
"""

from __future__ import annotations

import base64
import datetime
import pickle
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import obstore
import obstore.fsspec
import obstore.store
import pytest

import dskit
import dskit.compat.obstore as obs
import dskit.compat.obstore.fsspec
from dskit.ids import RandomIds
from tests.dskit.compat.obstore import same_calls as same
from tests.dskit.compat.obstore.pairs import Call, Pair, Side, outcome, parameters

pytestmark = pytest.mark.clouds

QUIET: dict[str, Any] = {"client_options": {"allow_http": True}, "retry_config": {"max_retries": 0}}


def azure_options(server: Any) -> dict[str, Any]:
    query = parse_qs(urlsplit(server.url).query)
    return {
        "account_name": query["account"][0],
        "account_key": server.environment["AZURE_STORAGE_ACCOUNT_KEY"],
        "endpoint": query["endpoint"][0],
        **QUIET,
    }


def gcs_options(server: Any) -> dict[str, Any]:
    base = parse_qs(urlsplit(server.url).query)["endpoint"][0]
    return {"base_url": base, "bearer_token": server.environment["GOOGLE_BEARER_TOKEN"], **QUIET}


def http_options(server: Any) -> dict[str, Any]:
    pair = f"{server.environment['WEBDAV_USERNAME']}:{server.environment['WEBDAV_PASSWORD']}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {**QUIET, "client_options": {"allow_http": True, "default_headers": headers}}


@pytest.fixture(params=["azure", "gcs", "webdav"])
def server(request: pytest.FixtureRequest, cloud_servers: Callable[[str], Any]) -> Any:
    return cloud_servers(request.param)


@pytest.fixture
def pair(server: Any) -> Iterator[Pair]:
    place = RandomIds().token(6).hex()

    def store(package: Any, name: str) -> Any:
        if server.kind == "azure":
            return package.store.AzureStore("data", prefix=f"{place}/{name}", **azure_options(server))
        if server.kind == "gcs":
            return package.store.GCSStore("data", prefix=f"{place}/{name}", **gcs_options(server))
        return package.store.HTTPStore(f"{address}/{place}/{name}", **http_options(server))

    address = server.url.removeprefix("dav+")
    if server.kind == "webdav":
        with dskit.WebDAVStore(address, username="dskit", password=server.environment["WEBDAV_PASSWORD"]) as root:
            for name in ("real", "facade"):  # a put makes no folders above the address
                root.put(f"{place}/{name}/k", b"")
                root.delete(f"{place}/{name}/k")
    made = Pair(server.kind, Side(obstore, store(obstore, "real")), Side(obs, store(obs, "facade")))
    yield made
    made.facade.store.native.close()


def fill(pair: Pair) -> Pair:
    for package, store in pair.both():
        for path, data in (("r", b"0123456789"), ("a/b", b"hello\nworld"), ("a/c/d", b""), ("ab", b"x")):
            package.put(store, path, data)
    return pair


def answers(pair: Pair, call: Call) -> tuple[Any, Any]:
    """Without generations, which dskit has not, and without the path of a WebDAV address, which obstore leaves before
    every path of a listing."""
    base = urlsplit(pair.real.store.url).path.strip("/") if pair.kind == "webdav" else None
    return _bare(outcome(call, pair.real), base), _bare(outcome(call, pair.facade), base)


def _bare(value: Any, base: str | None) -> Any:
    if isinstance(value, dict):
        return {name: None if name == "version" else _bare(item, base) for name, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_bare(item, base) for item in value)
    if isinstance(value, list):
        return [_bare(item, base) for item in value if base is None or item != base]
    if isinstance(value, str) and base is not None:
        return value.removeprefix(f"{base}/")
    return value


def compare(pair: Pair, calls: dict[str, Call], *, known: Iterable[str], again: bool = False) -> None:
    """All of `calls`, on the same objects or on fresh ones; exactly those of `known` differ."""
    differing = {}
    for name, call in calls.items():
        if again:
            fill(pair)
        real, facade = answers(pair, call)
        if real != facade:
            differing[name] = (real, facade)
    assert differing.keys() == set(known), differing


def known(pair: Pair, table: dict[str, set[str]]) -> set[str]:
    return table.get(pair.kind, set()) | table.get("all", set())


def test_reads(pair: Pair) -> None:
    compare(fill(pair), same.READS, known=())


OPTIONS: dict[str, set[str]] = {
    # NotSupportedError there and NotImplementedError here; Azurite answers 400 to If-None-Match: *.
    "azure": {"suffix", "suffix longer than all", "not any ETag"},
    # The server ignores conditions of reads; dskit judges them on the answer.
    "gcs": {"another ETag", "not any ETag", "unmodified since long ago"},
}


def test_options_of_a_get(pair: Pair) -> None:
    def calls(options: Any) -> Call:
        def call(package: Any, store: Any) -> Any:
            result = package.get(store, "r", options=options)
            return result.range, result.meta, result.bytes()

        return call

    compare(fill(pair), {name: calls(value) for name, value in same.OPTIONS.items()}, known=known(pair, OPTIONS))


LISTINGS: dict[str, set[str]] = {
    "all": {"offset that is not there"},  # no server looks where a listing is to begin
    "gcs": {"offset", "offset below a prefix"},
    # Nor do these; and obstore lists the file itself that is asked for as a folder.
    "webdav": {"offset", "offset below a prefix", "list 'a/b'", "list 'ab'", "group 'a/b'", "group 'ab'", "group 'a'"}
    | {"group 'a/'", "group '/a'", "group 'a/c'"},
}


def test_listings(pair: Pair) -> None:
    calls = {name: call for name, call in same.LISTINGS.items() if name != "rows"}  # their ETags have no quotes there
    for prefix in same.PREFIXES:
        calls[f"list {prefix!r}"] = _list(prefix)
        calls[f"group {prefix!r}"] = _group(prefix)
    compare(fill(pair), calls, known=known(pair, LISTINGS))


def _list(prefix: str | None) -> Call:
    return lambda package, store: same.paths_of(package.list(store, prefix).collect())


def _group(prefix: str | None) -> Call:
    def call(package: Any, store: Any) -> Any:
        found = package.list_with_delimiter(store, prefix)
        return sorted(found["common_prefixes"]), same.paths_of(found["objects"])

    return call


PUTS: dict[str, set[str]] = {
    "gcs": {"another ETag", "version of None"},  # obstore replaces by generation only
    # obstore drops attributes, and has no parts.
    "webdav": {"attributes", "attributes in lower case", "parts"},
}


def test_options_of_a_put(pair: Pair) -> None:
    def calls(options: Any) -> Call:
        def call(package: Any, store: Any) -> Any:
            made = package.put(store, "r", b"new", **options)
            found = package.get(store, "r")
            return made, found.bytes(), found.attributes

        return call

    puts = {name: calls(value) for name, value in same.PUTS.items()}
    compare(pair, puts, known=known(pair, PUTS), again=True)


DATA = {"webdav": {"list", "empty list", "iterator", "list of str", "a str among bytes"}}  # obstore has no parts


def test_what_can_be_put(pair: Pair) -> None:
    def calls(make: Any) -> Call:
        return lambda package, store: (package.put(store, "k", make()), package.get(store, "k").bytes())

    compare(pair, {name: calls(make) for name, make in same.DATA.items()}, known=known(pair, DATA))


CHANGES = {"webdav": {"copy onto itself"}}  # wsgidav answers 403


def test_changes(pair: Pair) -> None:
    def calls(change: Call) -> Call:
        def call(package: Any, store: Any) -> Any:
            package.delete(store, [path for path in ("new", "k") if path in _paths(package, store)])
            try:
                changed: Any = change(package, store)
            except Exception as error:
                changed = error
            left = [(path, bytes(package.get(store, path).bytes())) for path in ("r", "ab", "new") if _has(store, path)]
            if isinstance(changed, Exception):
                left.append(outcome(lambda *_: _raised(changed), Side(package, store)))
            return left

        return call

    changes = {name: calls(change) for name, change in same.CHANGES.items()}
    compare(pair, changes, known=known(pair, CHANGES), again=True)


def _paths(package: Any, store: Any) -> list[str]:
    return [path.rpartition("/")[2] for path in same.paths_of(package.list(store).collect())]


def _has(store: Any, path: str) -> bool:
    try:
        store.head(path)
    except FileNotFoundError:
        return False
    return True


def _raised(error: Exception) -> None:
    raise error


PATHS: dict[str, set[str]] = {"azure": {repr("b\\c")}}  # there it becomes b/c


def test_what_a_path_means(pair: Pair) -> None:
    def calls(path: str) -> Call:
        return lambda package, store: (package.put(store, path, b"1") and None, package.get(store, path).bytes())

    compare(pair, {repr(path): calls(path) for path in same.PATHS}, known=known(pair, PATHS))
    if pair.kind != "azure":
        real, facade = answers(pair, lambda package, store: same.paths_of(package.list(store).collect()))
        assert real == facade


def test_create_and_update(pair: Pair) -> None:
    def update(package: Any, store: Any) -> Any:
        found = package.head(store, "new")
        return package.put(store, "new", b"2", mode={name: found[name] for name in ("e_tag", "version") if found[name]})

    def create(package: Any, store: Any) -> Any:
        return package.put(store, "new", b"1", mode="create")

    def iterated(package: Any, store: Any) -> Any:
        return package.put(store, "iterated", iter([b"1"]), mode="create")

    for call in (create, create, iterated, iterated, update) if pair.kind != "webdav" else (create,):
        real, facade = answers(pair, call)
        assert facade == real
    if pair.kind == "gcs":  # obstore's idiom with both members works, though the version is None here
        store = pair.facade.store
        found = obs.head(store, "new")
        mode: Any = {"e_tag": found["e_tag"], "version": found["version"]}
        obs.put(store, "new", b"3", mode=mode)
        assert obs.get(store, "new").bytes() == b"3"


def test_large_data_and_files(pair: Pair) -> None:
    store = pair.facade.store
    data = bytes(range(256)) * 40_000
    obs.put(store, "large", data, chunk_size=5 * 1024**2)
    assert obs.get(store, "large").bytes() == data
    with obs.open_writer(store, "written") as file:
        file.write(data[:1000])
    assert obs.open_reader(store, "written").read() == data[:1000]


def test_coroutines(pair: Pair) -> None:
    store = pair.facade.store

    async def script() -> list[str]:
        await obs.put_async(store, "k", b"1")
        assert (await obs.get_async(store, "k")).bytes() == b"1"
        return [row["path"] async for chunk in obs.list(store) for row in chunk]

    assert anyio.run(script) == ["k"]


@pytest.mark.parametrize(("kind", "protocol"), [("azure", "abfs"), ("gcs", "gs")])
def test_fsspec_reaches_them(cloud_servers: Callable[[str], Any], kind: str, protocol: Any) -> None:
    server, folder = cloud_servers(kind), f"data/{RandomIds().token(6).hex()}"
    options = azure_options(server) if kind == "azure" else gcs_options(server)
    for package in (obstore.fsspec, obs.fsspec):
        files = package.FsspecStore(protocol, **options)
        files.pipe_file(f"{folder}/a/k", b"hello")
        assert files.cat_file(f"{folder}/a/k", start=1, end=3) == b"el"
        assert files.ls(folder, detail=False) == [f"{folder}/a"]
        files.rm_file(f"{folder}/a/k")
        assert not files.exists(f"{folder}/a/k")


def test_tags_are_refused_where_they_would_be_lost(pair: Pair) -> None:
    with pytest.raises(NotImplementedError, match="tags"):
        obs.put(pair.facade.store, "k", b"", tags={"a": "b"})
    assert not _has(pair.facade.store, "k")


def test_a_bucket_that_is_not_there(server: Any) -> None:
    store: Any
    if server.kind == "azure":
        store = obs.store.AzureStore("missing", **azure_options(server))
    elif server.kind == "gcs":
        store = obs.store.GCSStore("missing", **gcs_options(server))
    else:
        store = obs.store.HTTPStore(f"{server.url.removeprefix('dav+')}/missing", **http_options(server))
        assert obs.list(store).collect() == []
        return
    for call in (lambda: obs.put(store, "k", b"x"), lambda: obs.get(store, "k")):
        with pytest.raises(FileNotFoundError, match="NoSuchBucket"):
            call()


def test_stores_are_shown_compared_and_pickled_as_obstores(pair: Pair) -> None:
    real, facade = pair.real.store, pair.facade.store
    members = {name for name in dir(real) if not name.startswith("_")}
    assert members <= {name for name in dir(facade) if not name.startswith("_")}
    copied = pickle.loads(pickle.dumps(facade))
    assert copied == facade
    copied.put("k", b"1")
    assert facade.get("k").bytes() == b"1"
    assert parameters(type(facade).from_url) == parameters(type(real).from_url)


def test_azure_signs_with_a_key(cloud_servers: Callable[[str], Any]) -> None:
    server = cloud_servers("azure")
    store = obs.store.AzureStore("data", **azure_options(server))
    minute = datetime.timedelta(minutes=1)
    real = obstore.store.AzureStore("data", **azure_options(server))
    url, expected = (urlsplit(p.sign(s, "GET", "k", minute)) for p, s in ((obs, store), (obstore, real)))
    assert url[:3] == expected[:3]
    assert parse_qs(url.query).keys() == parse_qs(expected.query).keys()
