"""The verbs that sign: which options go with which method, and who signs for a store without a wire."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest

import dskit
from dskit.signers import FormOptions, SignedForm, SignOptions


class Recorder:
    """A signer that keeps what it was asked for."""

    def __init__(self, name: str = "one") -> None:
        self.name = name
        self.asked: list[tuple[str, str, Any]] = []

    def sign_url(self, bucket: str, key: str, options: SignOptions) -> str:
        self.asked.append((bucket, key, options))
        return f"https://{self.name}/{bucket}/{key}"

    def sign_form(self, bucket: str, key: str, options: FormOptions) -> SignedForm:
        self.asked.append((bucket, key, options))
        return SignedForm(f"https://{self.name}/{bucket}", {"key": key})


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def store(recorder: Recorder) -> dskit.Store:
    made = dskit.MemoryStore()
    made.service.add_signer(recorder)  # type: ignore[attr-defined]
    return made


def test_a_store_that_nothing_serves_refuses_before_any_io() -> None:
    store = dskit.MemoryStore()
    for refused in (lambda: store.sign("k"), lambda: store.sign_post("k")):
        with pytest.raises(dskit.UnsupportedError, match=r"supports\.sign") as caught:
            refused()
        assert caught.value.key == "k"


def test_a_store_signs_from_the_moment_that_it_is_served_until_it_is_not(recorder: Recorder) -> None:
    store = dskit.MemoryStore()
    remove = store.service.add_signer(recorder)  # type: ignore[attr-defined]
    assert store.capabilities.supports.sign
    assert store.sign("k") == "https://one/default/k"
    remove()
    assert not store.capabilities.supports.sign
    with pytest.raises(dskit.UnsupportedError):
        store.sign("k")


def test_the_newest_of_several_signers_signs_and_the_others_are_not_lost() -> None:
    store = dskit.MemoryStore()
    add = store.service.add_signer  # type: ignore[attr-defined]
    first, second = add(Recorder("first")), add(Recorder("second"))
    assert store.sign("k").startswith("https://second/")
    second()
    assert store.sign("k").startswith("https://first/")
    first()
    first()
    assert not store.capabilities.supports.sign


def test_the_prefix_of_a_store_is_in_what_is_signed(recorder: Recorder) -> None:
    store = dskit.MemoryStore(prefix="team/")
    store.service.add_signer(recorder)  # type: ignore[attr-defined]
    store.sign("k")
    store.sign_post("k")
    assert [key for _, key, _ in recorder.asked] == ["team/k", "team/k"]


@pytest.mark.parametrize(
    ("given", "seconds"), [(1, 1), (604_800, 604_800), (timedelta(minutes=2), 120), (timedelta(days=7), 604_800)]
)
def test_expires_in_is_seconds_or_a_timedelta(store: dskit.Store, recorder: Recorder, given: Any, seconds: int) -> None:
    store.sign("k", expires_in=given)
    store.sign_post("k", expires_in=given)
    assert [options.expires_in for _, _, options in recorder.asked] == [seconds, seconds]


@pytest.mark.parametrize(
    "given", [0, -1, 604_801, timedelta(days=7, seconds=1), timedelta(milliseconds=1500), 1.5, True, "60", None]
)
def test_any_other_lifetime_is_refused(store: dskit.Store, recorder: Recorder, given: Any) -> None:
    for refused in (lambda: store.sign("k", expires_in=given), lambda: store.sign_post("k", expires_in=given)):
        with pytest.raises(dskit.InvalidRequestError, match="expires_in"):
            refused()
    assert recorder.asked == []


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("GET", {"content_type": "text/plain"}),
        ("DELETE", {"content_type": "text/plain"}),
        ("PUT", {"version_id": "v"}),
        ("PUT", {"response_content_type": "text/plain"}),
        ("DELETE", {"response_expires": datetime(2030, 1, 1, tzinfo=UTC)}),
        ("GET", {"response_content_type": "two\nlines"}),
        ("PATCH", {}),
        ("get", {}),
    ],
)
def test_an_option_that_the_method_does_not_have_is_refused(
    store: dskit.Store, recorder: Recorder, method: Any, options: dict[str, Any]
) -> None:
    with pytest.raises(dskit.InvalidRequestError):
        store.sign("k", method, **options)
    assert recorder.asked == []


def test_response_headers_become_the_parameters_of_s3(store: dskit.Store, recorder: Recorder) -> None:
    store.sign(
        "k",
        response_content_type="a",
        response_content_disposition="b",
        response_content_encoding="c",
        response_content_language="d",
        response_cache_control="e",
        response_expires=datetime(1994, 12, 1, 16, tzinfo=UTC),
    )
    assert recorder.asked[0][2].response_query() == {
        "response-content-type": "a",
        "response-content-disposition": "b",
        "response-content-encoding": "c",
        "response-content-language": "d",
        "response-cache-control": "e",
        "response-expires": "Thu, 01 Dec 1994 16:00:00 GMT",
    }


def policy_of(options: FormOptions, key: str = "k") -> dict[str, Any]:
    until = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
    document: dict[str, Any] = json.loads(base64.b64decode(options.policy("data", key, until, {"x-amz-date": "now"})))
    return document


def test_a_policy_names_all_that_the_form_must_hold(store: dskit.Store, recorder: Recorder) -> None:
    store.sign_post(
        "k",
        content_type="text/plain",
        content_length_range=(1, 10),
        metadata={"Author": "ada"},
        success_action_status=201,
        fields={"acl": "private"},
        conditions=[["starts-with", "$Cache-Control", ""], {"x-amz-storage-class": "STANDARD"}],
    )
    options = recorder.asked[0][2]
    exact = {
        "acl": "private",
        "Content-Type": "text/plain",
        "x-amz-meta-author": "ada",
        "success_action_status": "201",
    }
    assert options.fields == exact
    policy = policy_of(options)
    assert policy["expiration"] == "2026-01-02T03:04:05.678Z"
    assert policy["conditions"] == [
        {"bucket": "data"},
        {"key": "k"},
        *({name: value} for name, value in exact.items()),
        {"x-amz-date": "now"},
        ["starts-with", "$Cache-Control", ""],
        {"x-amz-storage-class": "STANDARD"},
        ["content-length-range", 1, 10],
    ]


def test_a_key_that_the_file_name_completes_is_held_to_its_beginning() -> None:
    assert ["starts-with", "$key", "in/"] in policy_of(FormOptions(), "in/${filename}")["conditions"]


@pytest.mark.parametrize(
    "options",
    [
        {"content_length_range": (2, 1)},
        {"content_length_range": (-1, 1)},
        {"content_length_range": (1, 2, 3)},
        {"content_length_range": 5},
        {"fields": {"x-amz-meta-a": "b"}, "metadata": {"a": "c"}},
        {"success_action_status": 202},
        {"fields": {"Key": "other"}},
        {"fields": {"x-amz-date": "other"}},
        {"fields": {"a": 1}},
        {"fields": {"content-type": "a/b"}, "content_type": "a/b"},
        {"fields": {"Acl": "private", "acl": "private"}},
        {"success_action_redirect": "javascript:alert(1)"},
        {"conditions": [["starts-with", "Content-Type", ""]]},
        {"conditions": [["like", "$key", ""]]},
        {"conditions": [{"a": "b", "c": "d"}]},
        {"conditions": ["abc"]},
        {"conditions": [["content-length-range", 5, 1]]},
    ],
)
def test_what_no_policy_can_say_is_refused(store: dskit.Store, recorder: Recorder, options: dict[str, Any]) -> None:
    with pytest.raises(dskit.InvalidRequestError):
        store.sign_post("k", **options)
    assert recorder.asked == []


def test_a_file_name_in_the_middle_of_a_key_is_refused(store: dskit.Store) -> None:
    with pytest.raises(dskit.InvalidKeyError, match="filename"):
        store.sign_post("a/${filename}/b")


def test_coroutines_sign_too(store: dskit.Store, recorder: Recorder) -> None:
    async def sign() -> tuple[str, SignedForm]:
        url = await store.aio.sign("k", "HEAD", response_content_type="a")
        return url, await store.aio.sign_post("k", content_type="b", fields={"acl": "private"})

    url, form = anyio.run(sign)
    assert (url, form.fields) == ("https://one/default/k", {"key": "k"})
    assert recorder.asked[0][2].response.content_type == "a"
    assert recorder.asked[1][2].fields == {"Content-Type": "b", "acl": "private"}


def test_files_sign_while_they_are_served(tmp_path: Any, recorder: Recorder) -> None:
    for store in (dskit.LocalStore(tmp_path / "files"), dskit.DiskStore(tmp_path / "disk")):
        with store:
            remove = store.service.add_signer(recorder)  # type: ignore[attr-defined]
            assert store.sign("k").startswith("https://one/")
            remove()
            assert not store.capabilities.supports.sign
