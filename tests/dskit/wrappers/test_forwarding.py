"""No verb of a wrapper falls back to a default: all arrive at what is wrapped, with what was given."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

import dskit
import dskit_emulator
from dskit.backend import ConfigurableService, ObjectService, PushService
from dskit.reference import memory_service
from dskit.sources import BufferSource
from dskit.types import PutOptions
from dskit.wrappers import (
    CacheService,
    Fault,
    FaultService,
    ReadOnlyService,
    RecordingService,
    RetryService,
    ThrottleService,
    WrappedService,
)
from dskit.wrappers.faults import VERBS
from dskit.wrappers.forwarding import Call

WRAPPERS: dict[str, Callable[[Any], WrappedService]] = {
    "cache": CacheService,
    "fault": FaultService,
    "recording": RecordingService,
    "retry": RetryService,
    "throttle": ThrottleService,
    "read-only": ReadOnlyService,
}


def methods(protocol: type) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(value)
        for name, value in vars(protocol).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }


PORT = methods(ObjectService)
PUSH = methods(PushService)
KEEP = methods(ConfigurableService)
EVERY = {**PORT, **PUSH, **KEEP}
WRITES = {
    "create_bucket", "delete_bucket", "put", "delete", "delete_many", "copy", "create_upload", "put_part", "copy_part",
    "complete_upload", "abort_upload", "begin_put", "begin_part", "put_configuration", "put_access",
}  # fmt: skip


class Reading:
    """What a get returns, as far as a wrapper looks at it."""

    def __init__(self) -> None:
        self.meta = dskit.ObjectMeta(key="k", size=0, etag='"e"', last_modified=memory_service().clock.now())
        self.start = self.stop = 0
        self.partial = False

    def close(self) -> None:
        """Nothing is held."""


class Spy:
    """A service that notes every call, whatever it is called."""

    name = "spy"
    blocking = False
    part_bytes = 5 * 1024**2
    capabilities = dskit.Capabilities()

    def __init__(self) -> None:
        self.seen: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.answers: dict[str, Any] = {"get": Reading(), "head": Reading()}
        for name in (*PORT, *PUSH, *KEEP, "raw"):
            setattr(self, name, self._noted(name))

    def _noted(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            self.seen.append((name, args, options))
            return self.answers.setdefault(name, object())

        return call


def arguments(signature: inspect.Signature) -> tuple[list[Any], dict[str, Any]]:
    """A distinct value for each parameter; records where the wrapper looks into them."""
    known: dict[str, Any] = {
        "options": dskit.ReadOptions(),
        "request": dskit.DeleteRequest(key="k"),
        "requests": [dskit.DeleteRequest(key="k")],
        "source": BufferSource(b"data"),
        "conditions": dskit.Conditions(),
    }
    positional: list[Any] = []
    keywords: dict[str, Any] = {}
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        value = known.get(parameter.name, f"<{parameter.name}>")
        if parameter.kind is parameter.KEYWORD_ONLY:
            keywords[parameter.name] = value
        else:
            positional.append(value)
    return positional, keywords


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("name", list(EVERY))
def test_every_verb_arrives_with_all_its_arguments(wrapper: str, name: str) -> None:
    if wrapper == "retry" and name in PUSH:
        assert not hasattr(RetryService(Spy()), name), "what was pushed could not be sent again"  # type: ignore[arg-type]
        return
    spy = Spy()
    wrapped = WRAPPERS[wrapper](spy)
    positional, keywords = arguments(EVERY[name])
    if name in ("put", "put_part", "begin_put", "begin_part"):
        positional[-1] = PutOptions(length=4)
    if name == "copy":
        positional[-1] = dskit.CopyOptions()
    if wrapper == "read-only" and name in WRITES:
        with pytest.raises(dskit.PermissionDeniedError, match="read-only"):
            getattr(wrapped, name)(*positional, **keywords)
        assert spy.seen == []
        return
    getattr(wrapped, name)(*positional, **keywords)
    if name == "close":
        assert spy.seen == [("close", (), {})]
        return
    ((seen, args, options),) = spy.seen
    assert seen == name
    for given, arrived in zip(positional, args, strict=True):
        if hasattr(given, "chunks"):
            assert [bytes(chunk) for chunk in arrived.chunks()] == [b"data"]
        else:
            assert arrived == given
    assert options == keywords


def test_every_call_can_be_made_to_fail_by_its_verb() -> None:
    """A fault may name each verb under which some call arrives, and no other."""
    seen: set[str] = set()

    class Noting(WrappedService):
        def around(self, call: Call, run: Callable[[], Any]) -> Any:
            seen.add(call.verb)
            return run()

    noting = Noting(Spy())  # type: ignore[arg-type]
    for name in set(EVERY) - {"close"}:
        positional, keywords = arguments(EVERY[name])
        if name in ("put", "put_part", "begin_put", "begin_part"):
            positional[-1] = PutOptions(length=4)
        if name == "copy":
            positional[-1] = dskit.CopyOptions()
        getattr(noting, name)(*positional, **keywords)
    noting.raw("GetObject")
    with dskit_emulator.Server(backend=(inner := memory_service()), buckets=["data"]):
        signing = dskit.Service(Noting(inner)).bucket("data")
        signing.sign("k")
        signing.sign_post("k")
    assert seen == VERBS
    for verb in seen:
        Fault(verb=verb, error=dskit.ThrottledError)


def test_a_fault_of_an_acl_reaches_who_asked_for_it() -> None:
    faults = [Fault(verb=verb, times=1, error=dskit.ThrottledError) for verb in ("put_configuration", "put_access")]
    faulty = FaultService(memory_service(), faults)
    with dskit_emulator.Server(backend=faulty, buckets=["data"]) as server:
        client = server.client()
        client.put_object(Bucket="data", Key="k", Body=b"x")
        rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        client.put_bucket_ownership_controls(Bucket="data", OwnershipControls=rules)  # boto3 tries again
        client.put_object_acl(Bucket="data", Key="k", ACL="private")
    assert faulty.fired == (1, 1)


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_raw_is_there_where_the_wrapped_service_has_it(wrapper: str) -> None:
    spy = Spy()
    WRAPPERS[wrapper](spy).raw("GetObject", Bucket="b", Key="k")
    assert spy.seen == [("raw", ("GetObject",), {"Bucket": "b", "Key": "k"})]
    assert not hasattr(WRAPPERS[wrapper](memory_service()), "raw")


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_signing_is_there_where_the_wrapped_service_signs(wrapper: str) -> None:
    """While a server serves what is wrapped; a read-only store signs for reading alone."""
    inner = memory_service()
    inner.create_bucket("data")
    service = WRAPPERS[wrapper](inner)
    store = dskit.Service(service).bucket("data")
    with dskit_emulator.Server(backend=inner) as server:
        assert store.sign("k").startswith(server.url)
        for refused in (lambda: store.sign("k", "PUT"), lambda: store.sign_post("k")):
            with pytest.raises(dskit.PermissionDeniedError) if wrapper == "read-only" else nullcontext():
                refused()
    with pytest.raises(dskit.UnsupportedError):
        store.sign("k")
    assert not hasattr(WRAPPERS[wrapper](Spy()), "sign_url")


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_bytes_can_be_pushed_where_the_wrapped_service_takes_them(wrapper: str) -> None:
    pushed = wrapper != "retry"
    assert isinstance(WRAPPERS[wrapper](memory_service()), PushService) is pushed

    class Pulls(WrappedService):
        pushes = False

    assert not isinstance(WRAPPERS[wrapper](Pulls(memory_service())), PushService)


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_acls_and_configurations_are_kept_where_the_wrapped_service_keeps_them(wrapper: str) -> None:
    assert isinstance(WRAPPERS[wrapper](memory_service()), ConfigurableService) is (wrapper != "retry")

    class Forgets(WrappedService):
        def __init__(self, inner: ObjectService) -> None:
            super().__init__(inner)
            del self.put_configuration, self.put_access

    forgetful = WRAPPERS[wrapper](Forgets(memory_service()))
    assert not isinstance(forgetful, ConfigurableService)
    assert not hasattr(forgetful, "put_access")


def test_a_wrapper_has_all_that_the_client_api_asks_a_service_for() -> None:
    """What a backend gets and wrappers do not would be lost silently: each name that the facade uses is there."""
    package = Path(dskit.__file__).parent
    used: set[str] = set()
    for path in [*package.glob("*.py"), *package.glob("transfer/*.py")]:
        text = path.read_text()
        used |= set(re.findall(r"\bservice\.(\w+)", text))
        used |= set(re.findall(r'getattr\((?:\w+\.)?service, "(\w+)"', text))
    assert {"put", "list_page", "begin_put", "capabilities", "copy_scope", "raw"} <= used
    assert used <= set(dir(RecordingService(Spy())))  # type: ignore[arg-type]
