"""Targets that fail in any way, from the first call or later: the verdict is `error`, in a few sentences, soon."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import hypothesis
import pytest
from jsonschema import Draft202012Validator

import dskit
from dskit.reference import memory_service
from dskit_conformance import runner
from dskit_conformance import target as targets
from dskit_conformance.certificate import build, exit_code
from dskit_conformance.machines import play
from dskit_conformance.mutants.forwarding import Forwarding
from dskit_conformance.result import RunResult
from dskit_conformance.runner import certify
from dskit_conformance.schema import certificate_schema
from dskit_conformance.target import open_target
from dskit_conformance.troubles import MOST, MOST_IN_A_ROW, Troubles, told


class Turncoat:
    """A correct service for `good` calls; from then on each call ends in `bad`."""

    def __init__(self, good: int, bad: Callable[[], Any]) -> None:
        self._inner, self._left, self._bad = memory_service(), good, bad
        self.calls_after = 0

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if name == "close" or not callable(value):
            return value

        def call(*arguments: Any, **options: Any) -> Any:
            self._left -= 1
            if self._left < 0:
                self.calls_after += 1
                return self._bad()
            return value(*arguments, **options)

        return call


def raising(error: Exception) -> Callable[[], Any]:
    def bad() -> Any:
        raise error

    return bad


BAD: dict[str, Callable[[], Any]] = {
    "a TypeError": raising(TypeError("boom")),
    "a RecursionError": raising(RecursionError("deep")),
    "nobody there": raising(dskit.UnavailableError("it is dark in here")),
    "a time-out": raising(dskit.TimedOutError("it never came")),
}


def is_an_error(result: RunResult) -> None:
    assert result.errors
    assert len(result.errors) <= MOST + MOST_IN_A_ROW
    certificate = build(result)
    assert certificate["verdict"]["overall"] == "error"
    assert exit_code([certificate]) == 3
    Draft202012Validator(certificate_schema()).validate(certificate)


@pytest.mark.parametrize("good", [0, 1, 200])
@pytest.mark.parametrize("bad", BAD)
def test_a_target_that_fails_is_an_engine_error(bad: str, good: int) -> None:
    turncoat = Turncoat(good, BAD[bad])
    is_an_error(certify(lambda: dskit.Service(turncoat)))
    assert turncoat.calls_after < 100, "what is gone is not asked again and again"


@pytest.mark.parametrize(("good", "answer"), [(0, None), (1, 42), (3, None), (8, "x"), (200, None), (2000, 42)])
def test_a_target_whose_answers_are_none_is_an_engine_error_that_says_which(answer: Any, good: int) -> None:
    turncoat = Turncoat(good, lambda: answer)
    result = certify(lambda: dskit.Service(turncoat))
    is_an_error(result)
    assert turncoat.calls_after < 800, "what is gone is not asked again and again"
    kind = "None" if answer is None else f"a value of type {type(answer).__name__}"
    assert any(f"list_page returned {kind} where a ListPage is due" in sentence for sentence in result.errors)


def test_one_verb_that_crashes_is_a_finding_and_no_end() -> None:
    class Uploadless(Forwarding):
        """uploads crash"""

        id = "TEST-6"

        def create_upload(self, *_: Any, **__: Any) -> Any:
            raise TypeError("boom")

    result = certify(lambda: Uploadless(memory_service()), level="Multipart", seconds=1)
    assert not result.errors
    assert "ROB-01" in result.violations
    assert result.examples > MOST


def test_a_target_that_is_gone_is_no_violation_inside_a_prefix_either() -> None:
    turncoat = Turncoat(300, BAD["nobody there"])
    is_an_error(certify(dskit.Service(turncoat).bucket("data"), isolation="prefix"))


def test_what_is_outside_the_error_tree_comes_with_its_place() -> None:
    with pytest.raises(TypeError) as caught:
        BAD["a TypeError"]()
    assert told(caught.value).startswith("TypeError: boom (test_troubles.py:")


def test_one_example_that_comes_to_its_end_gives_the_target_another_chance() -> None:
    troubles = Troubles()
    for _ in range(MOST_IN_A_ROW - 1):
        troubles.note("listing", ValueError("x"))
    troubles.none()
    troubles.note("listing", ValueError("x"))
    assert not troubles.hopeless
    while len(troubles.errors) < MOST:
        troubles.none()
        troubles.note("listing", ValueError("x"))
    assert troubles.hopeless


def test_a_store_of_changing_answers_is_no_fault_of_the_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypothesis refuses to go on where the same choices lead to other questions; the next examples are drawn anew."""
    played: list[int] = []

    def unsteady(machine: Any, scene: Any, steps: int) -> None:
        played.append(steps)
        if len(played) == 2:
            raise hypothesis.errors.FlakyStrategyDefinition("inconsistent data generation")
        play(machine, scene, steps)

    monkeypatch.setattr(runner, "play", unsteady)
    monkeypatch.setattr(runner, "DIRECTED", ())
    result = certify("memory:", level="Ranges", seconds=1)
    assert result.errors == []
    assert len(played) > 2


def test_what_cannot_be_removed_is_named() -> None:
    class Sticky(Forwarding):
        """buckets stay"""

        id = "TEST-4"

        def delete_bucket(self, bucket: str, **_: Any) -> Any:
            raise dskit.PermissionDeniedError("not yours")

    result = certify(lambda: Sticky(memory_service()), level="Ranges", seconds=0.5)
    assert result.left_behind
    assert build(result)["run"]["left_behind"] == result.left_behind


def test_a_bucket_whose_making_has_no_known_outcome_is_swept() -> None:
    class Lossy(Forwarding):
        """the answer to the making of a bucket is lost"""

        id = "TEST-5"

        def create_bucket(self, bucket: str, **options: Any) -> Any:
            super().create_bucket(bucket, **options)
            raise dskit.OutcomeUnknownError("the answer was lost")

    service = dskit.Service(Lossy(memory_service()))
    subject = open_target(service)
    with pytest.raises(dskit.OutcomeUnknownError), subject.ground():
        pass
    assert subject.sweep() == []
    assert list(service.list_buckets()) == []


def test_a_key_that_the_client_refuses_is_swept_by_a_raw_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """A raw call can make it: servers take keys that are too long."""
    from dskit_emulator import Server

    def refused(*_: Any, **__: Any) -> Any:
        raise dskit.InvalidKeyError("too long")

    with Server() as s3:
        service = s3.store("any").service
        for call in ("delete", "delete_many"):
            monkeypatch.setattr(service, call, refused)
        with open_target(dskit.Service(service)).ground() as ground:
            for key in ("a", "b"):
                ground.store.put(key, b"x")
        assert [bucket.name for bucket in s3.backend.list_buckets()] == ["any"]


def test_the_sweep_ends_where_nobody_answers() -> None:
    turncoat = Turncoat(0, BAD["a time-out"])
    subject = open_target(dskit.Service(turncoat))
    subject.left_behind += ["dskit-a", "dskit-b", "dskit-c"]
    assert subject.sweep() == ["dskit-a", "dskit-b", "dskit-c"]
    assert turncoat.calls_after == 1


class _Page(http.server.BaseHTTPRequestHandler):
    """`kind` of the server says what every request is answered with."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        kind, end = self.server.kind, self.server.end  # type: ignore[attr-defined]
        self.close_connection = True
        if kind == "hangs":
            end.wait(30)
        elif kind == "garbage":
            self.wfile.write(b"\x00\xff lorem ipsum\r\n\r\n")
        elif kind == "a redirect":
            self.send_response(301)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif kind == "a page":
            self.send_response(200)
            self.send_header("Content-Length", "20")
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else b"<html>Hello!</html>\n")

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Nothing: the test says what went wrong."""


@contextmanager
def answering(kind: str) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        server.kind, server.end = kind, threading.Event()  # type: ignore[attr-defined]
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.end.set()  # type: ignore[attr-defined]
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("kind", ["hangs", "garbage", "a redirect", "a page", "closed connections"])
@pytest.mark.parametrize("client", ["http", "minio"])
def test_an_address_that_is_no_s3_endpoint(kind: str, client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"):
        monkeypatch.setenv(name, "a-long-enough-key")
    monkeypatch.setattr(targets, "ANSWER_SECONDS", 0.2)
    with answering(kind) as url:
        is_an_error(certify(url if client == "http" else f"minio://{url.removeprefix('http://')}?secure=false"))
