"""The comparison with recordings can tell a difference: otherwise every replay would pass."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.emulator.recorded.matching import Binding, differences


@pytest.mark.parametrize(
    ("recorded", "actual"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {}),
        ({}, {"a": 1}),
        ({"a": {"b": "x"}}, {"a": {"b": "y"}}),
        ([1, 2], [1]),
        ([1, 2], [2, 1]),
        ("text", "texts"),
        ("arn:<partition>:s3:::<name>", "arn:aws:s3::name"),
        ({"Body": "text"}, {"Body": ""}),
        ("2020", datetime(2020, 1, 1, tzinfo=UTC)),
        (None, ""),
    ],
)
def test_what_differs_is_told(recorded: Any, actual: Any) -> None:
    assert differences(recorded, actual, Binding()) != []


@pytest.mark.parametrize(
    ("recorded", "actual"),
    [
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
        ("datetime", datetime(2020, 1, 1, tzinfo=UTC)),
        ("<name:1>/key", "bucket/key"),
        ({"Body": ""}, {"Body": "it had been read"}),
        ({"ID": "owner-id"}, {"ID": "abc"}),
    ],
)
def test_what_is_the_same_but_for_placeholders_passes(recorded: Any, actual: Any) -> None:
    assert differences(recorded, actual, Binding()) == []


def test_a_placeholder_stands_for_one_thing_throughout_a_recording() -> None:
    binding = Binding()
    assert differences(["<x:1>", "<x:2>", "<x:1>"], ["a", "b", "a"], binding) == []
    assert differences("<x:1>", "b", binding) != []
