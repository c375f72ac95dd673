"""Refusals: what the capabilities deny is refused by name before the service is touched."""

from __future__ import annotations

import dataclasses
import inspect
import os
import tempfile
from typing import Any

import pytest

import dskit
from dskit.capabilities import Supports
from dskit.guards import OPTIONS, VERBS, denials

ETAG = '"e"'
EVERYTHING = Supports(raw=True, sign=True, sign_content_type=True, sign_response=True, sign_post=True)
VALUES: dict[str, Any] = {
    "checksum": "CRC32",
    "checksum_algorithm": "CRC32",
    "checksum_type": "FULL_OBJECT",
    "checksums": {"CRC32": "AAAAAA=="},
    "content_md5": "AAAAAAAAAAAAAAAAAAAAAA==",
    "delimiter": "//",
    "if_none_match": "*",
    "metadata": {"a": "b"},
    "part_number": 1,
    "range": dskit.ByteRange(suffix=1),
    "replace": dskit.Attributes(),
}
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "put": ("k", b""),
    "copy": ("k", "c"),
    "rename": ("k", "c"),
    "delete_many": (["k"],),
    "list": (),
    "list_page": (),
    "list_with_delimiter": (),
    "list_uploads": (),
    "upload_part": ("k", "id", 1, b""),
    "upload_part_copy": ("k", "id", 1, "s"),
    "complete_multipart_upload": ("k", "id", []),
    "abort_multipart_upload": ("k", "id"),
    "list_parts": ("k", "id"),
    "raw": ("GetBucketLocation",),
    "upload": (__file__, "k"),
    "download_folder": ("", os.path.join(tempfile.gettempdir(), "no-such-folder")),
    "download": ("k", os.path.join(tempfile.gettempdir(), "no-such-download")),
}
REQUIRED: dict[str, dict[str, Any]] = {
    "get_range": {"start": 0, "end": 1},
    "get_ranges": {"starts": [0], "ends": [1]},
}


class Untouchable:
    """A service that fails the test when anything but its declaration is looked at."""

    name = "untouchable"
    blocking = False

    def __init__(self, supports: Supports) -> None:
        self.capabilities = dskit.Capabilities(supports=supports)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the service was touched: {name}")

    # Whether it is a `Signer` is asked of the class, since Python 3.12, where `__getattr__` has no say.

    def sign_url(self, *_: object) -> str:
        raise AssertionError("the service was touched: sign_url")

    def sign_form(self, *_: object) -> str:
        raise AssertionError("the service was touched: sign_form")


def store_without(capability: str) -> dskit.Store:
    service: Any = Untouchable(EVERYTHING.replace(**{capability: False}))
    return dskit.Store(service, "bucket")


def call(store: dskit.Store, verb: str, **options: Any) -> Any:
    arguments = ARGUMENTS.get(verb, ("k",))
    return getattr(store, verb)(*arguments, **{**REQUIRED.get(verb, {}), **options})


@pytest.mark.parametrize(("verb", "capability"), [(verb, name) for verb, names in VERBS.items() for name in names])
def test_a_denied_verb_is_refused_before_any_io(verb: str, capability: str) -> None:
    with pytest.raises(dskit.UnsupportedError, match=verb) as caught:
        call(store_without(capability), verb)
    error = caught.value
    assert (error.operation, error.bucket, error.details["Capability"]) == (verb, "bucket", capability)


@pytest.mark.parametrize(
    ("verb", "option", "capability"),
    [(verb, rule.option, rule.capability) for verb, rules in OPTIONS.items() for rule in rules],
)
def test_a_denied_option_is_refused_by_name_before_any_io(verb: str, option: str, capability: str) -> None:
    store = store_without(capability)
    with pytest.raises(dskit.UnsupportedError, match=option) as caught:
        call(store, verb, **{option: VALUES.get(option, "x")})
    assert caught.value.details == {"Option": option, "Capability": capability}


@pytest.mark.parametrize(
    ("verb", "option", "capability"),
    [(verb, rule.option, rule.capability) for verb, rules in OPTIONS.items() for rule in rules],
)
def test_an_option_at_its_default_was_not_asked_for(verb: str, option: str, capability: str) -> None:
    """The call reaches the service, so it was not refused; nothing is there but what is declared."""
    default = inspect.signature(getattr(dskit.Store, verb)).parameters[option].default
    with pytest.raises(AssertionError, match="touched"):
        list(call(store_without(capability), verb, **{option: default}))


def test_a_store_that_can_do_everything_denies_nothing() -> None:
    assert denials(EVERYTHING) == {}


def test_everything_is_everything() -> None:
    assert all(dataclasses.asdict(EVERYTHING).values())


def test_every_capability_is_consulted_somewhere() -> None:
    """`buckets` is asked by Service; those of rows of delete_many by their flow."""
    used = {name for names in VERBS.values() for name in names}
    used |= {rule.capability for rules in OPTIONS.values() for rule in rules}
    assert {field.name for field in dataclasses.fields(Supports)} - used == {"buckets", "delete_many_if_match"}


def test_every_rule_is_about_an_option_that_the_verb_has() -> None:
    for verb, rules in OPTIONS.items():
        parameters = inspect.signature(getattr(dskit.Store, verb)).parameters
        for rule in rules:
            assert rule.option in parameters
            assert parameters[rule.option].kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize("option", ["if_match", "if_match_size", "version_id"])
def test_denied_options_of_a_batch_row(option: str) -> None:
    store = store_without("get_version_id" if option == "version_id" else "delete_many_if_match")
    value: Any = 1 if option == "if_match_size" else ETAG
    with pytest.raises(dskit.UnsupportedError, match=option):
        store.delete_many([dskit.DeleteRequest(key="k", **{option: value})])


def test_a_service_without_buckets_says_so() -> None:
    service = dskit.Service(store_without("buckets").service)
    for refused in (service.create_bucket, service.delete_bucket):
        with pytest.raises(dskit.UnsupportedError) as caught:
            refused("bucket")
        assert caught.value.bucket == "bucket"


def test_slash_is_a_delimiter_that_every_grouping_store_has() -> None:
    with pytest.raises(AssertionError, match="touched: list_page"):
        store_without("list_delimiter_any").list_page(delimiter="/")


def test_a_suffix_range_alone_may_be_denied() -> None:
    store = store_without("get_suffix_range")
    with pytest.raises(AssertionError, match="touched: get"):
        store.get("k", range=(0, 1))
