"""The same call on the real obstore and on the facade: the same result, or an exception of the same class."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dskit.compat.obstore.pairs import Call, Pair, outcome, plain
from tests.dskit.compat.obstore.same_calls import (
    CHANGES,
    DATA,
    LISTINGS,
    OPTIONS,
    PATHS,
    PREFIXES,
    PUTS,
    READS,
    paths_of,
)


def both(pair: Pair, call: Call) -> tuple[Any, Any]:
    return outcome(call, pair.real), outcome(call, pair.facade)


@pytest.fixture
def filled(pair: Pair) -> Pair:
    for obs, store in pair.both():
        obs.put(store, "r", b"0123456789")
        obs.put(store, "a/b", b"hello\nworld")
        obs.put(store, "a/c/d", b"")
        obs.put(store, "ab", b"x")
    return pair


@pytest.mark.parametrize("path", PATHS, ids=ascii)
def test_what_a_path_means(pair: Pair, path: str) -> None:
    """The same are accepted, the same refused, and what is accepted is listed under the same name."""

    def call(obs: Any, store: Any) -> Any:
        obs.put(store, path, b"1")
        return paths_of(obs.list(store).collect()), obs.get(store, path).bytes()

    real, facade = both(pair, call)
    assert facade == real


@pytest.mark.parametrize("prefix", PREFIXES, ids=ascii)
def test_what_a_prefix_means(filled: Pair, prefix: str | None) -> None:
    def listed(obs: Any, store: Any) -> Any:
        return paths_of(obs.list(store, prefix).collect())

    def grouped(obs: Any, store: Any) -> Any:
        found = obs.list_with_delimiter(store, prefix)
        return sorted(found["common_prefixes"]), paths_of(found["objects"])

    for call in (listed, grouped):
        real, facade = both(filled, call)
        assert facade == real


@pytest.mark.parametrize("name", READS)
def test_reads(filled: Pair, name: str) -> None:
    real, facade = both(filled, READS[name])
    assert facade == real


@pytest.mark.parametrize("name", OPTIONS)
def test_options_of_a_get(filled: Pair, name: str) -> None:
    def call(obs: Any, store: Any) -> Any:
        result = obs.get(store, "r", options=OPTIONS[name])
        return result.range, result.meta, result.bytes()

    real, facade = both(filled, call)
    assert facade == real


def test_conditions_on_the_right_etag(filled: Pair) -> None:
    def matching(obs: Any, store: Any) -> Any:
        tag = obs.head(store, "r")["e_tag"]
        return [obs.get(store, "r", options={"if_match": text}).bytes() for text in (tag, f'"a", {tag}')]

    def not_matching(obs: Any, store: Any) -> Any:
        return obs.get(store, "r", options={"if_none_match": obs.head(store, "r")["e_tag"]})

    for call in (matching, not_matching):
        real, facade = both(filled, call)
        assert facade == real


@pytest.mark.parametrize("name", DATA)
def test_what_can_be_put(pair: Pair, name: str) -> None:
    def call(obs: Any, store: Any) -> Any:
        return obs.put(store, "k", DATA[name]()), obs.get(store, "k").bytes()

    real, facade = both(pair, call)
    assert facade == real

    def present(obs: Any, store: Any) -> Any:
        return paths_of(obs.list(store).collect())

    real, facade = both(pair, present)
    assert facade == real


def test_a_local_file_is_put_by_its_path(pair: Pair, tmp_path: Path) -> None:
    file = tmp_path / "source"
    file.write_bytes(b"of a file")
    for obs, store in pair.both():
        for path in (file, str(file)):
            obs.put(store, "k", path)
            assert obs.get(store, "k").bytes() == b"of a file"

    def folder(obs: Any, store: Any) -> Any:
        return obs.put(store, "k", tmp_path)

    real, facade = both(pair, folder)
    assert facade == real == ("raised", "OSError")


def test_a_file_is_put_from_its_position(pair: Pair) -> None:
    for obs, store in pair.both():
        file = io.BytesIO(b"xyz")
        file.read(1)
        obs.put(store, "k", file)
        assert obs.get(store, "k").bytes() == b"yz"


@pytest.mark.parametrize("name", PUTS)
def test_options_of_a_put(filled: Pair, name: str) -> None:
    def call(obs: Any, store: Any) -> Any:
        return obs.put(store, "r", b"new", **PUTS[name]), obs.get(store, "r").bytes(), obs.get(store, "r").attributes

    real, facade = both(filled, call)
    assert facade == real

    def after(obs: Any, store: Any) -> Any:
        return obs.get(store, "r").bytes()

    real, facade = both(filled, after)
    assert facade == real


def test_create_and_update(pair: Pair) -> None:
    def create(obs: Any, store: Any) -> Any:
        return obs.put(store, "new", b"1", mode="create")

    def create_from_an_iterator(obs: Any, store: Any) -> Any:
        return obs.put(store, "iterated", iter([b"1"]), mode="create")

    def update(obs: Any, store: Any) -> Any:
        return obs.put(store, "new", b"2", mode={"e_tag": obs.head(store, "new")["e_tag"]})

    def update_nothing(obs: Any, store: Any) -> Any:
        return obs.put(store, "absent", b"2", mode={"e_tag": '"x"'})

    calls = (create, create, create_from_an_iterator, create_from_an_iterator, update, update_nothing)
    for call in calls:
        real, facade = both(pair, call)
        assert facade == real, call.__name__


@pytest.mark.parametrize("name", CHANGES)
def test_changes(filled: Pair, name: str) -> None:
    real, facade = both(filled, CHANGES[name])
    assert facade == real

    def after(obs: Any, store: Any) -> Any:
        return [(path, bytes(obs.get(store, path).bytes())) for path in paths_of(obs.list(store).collect())]

    real, facade = both(filled, after)
    assert facade == real


@pytest.mark.parametrize("name", LISTINGS)
def test_listings(filled: Pair, name: str) -> None:
    real, facade = both(filled, LISTINGS[name])
    assert facade == real


def test_a_stream_of_a_listing_is_used_up(filled: Pair) -> None:
    def call(obs: Any, store: Any) -> Any:
        stream = obs.list(store, chunk_size=2)
        first = len(next(stream))
        rest = len(stream.collect())
        return iter(stream) is stream, first, rest, stream.collect(), next(stream, "the end")

    real, facade = both(filled, call)
    assert facade == real


def test_a_result_is_for_one_use(filled: Pair) -> None:
    def call(obs: Any, store: Any) -> Any:
        result = obs.get(store, "r")
        result.bytes()
        told = plain(result.meta), result.attributes, result.range
        with pytest.raises(ValueError, match="Result has already been disposed"):
            result.bytes()
        with pytest.raises(ValueError, match="Result has already been disposed"):
            result.stream()
        return told

    real, facade = both(filled, call)
    assert facade == real


def test_only_s3_signs(filled: Pair) -> None:
    minute = timedelta(minutes=1)

    def one(obs: Any, store: Any) -> Any:
        return type(obs.sign(store, "GET", "r", minute))

    def several(obs: Any, store: Any) -> Any:
        return [type(url) for url in obs.sign(store, "PUT", ["a", "b"], minute)]

    def no_method(obs: Any, store: Any) -> Any:
        return obs.sign(store, "get", "r", minute)

    def negative(obs: Any, store: Any) -> Any:
        return obs.sign(store, "GET", "r", -minute)

    for call in (one, several, no_method, negative):
        real, facade = both(filled, call)
        assert facade == real, call.__name__


def test_the_methods_of_a_store_are_the_functions(filled: Pair) -> None:
    def call(obs: Any, store: Any) -> Any:
        store.put("m", b"1")
        store.copy("m", "n")
        store.rename("n", "o")
        found = store.list_with_delimiter()
        told = (
            store.get("m").bytes(),
            store.head("o"),
            store.get_range("r", start=0, end=2),
            sorted(found["common_prefixes"]),
        )
        store.delete(["m", "o"])
        return told, store.get_ranges("r", starts=[1], lengths=[2]), paths_of(store.list_async("a").collect())

    real, facade = both(filled, call)
    assert facade == real
