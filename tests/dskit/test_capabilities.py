"""The record of capabilities."""

from __future__ import annotations

import pytest

from dskit.capabilities import Capabilities, Supports
from dskit.errors import ConfigurationError


def test_a_record_survives_the_round_trip() -> None:
    record = Capabilities(supports=Supports(copy=False))
    assert Capabilities.from_mapping(record.to_mapping()) == record


@pytest.mark.parametrize("wrong", [{"supports": {"cpoy": True}}, {"limits": {"max": 1}}, {"sematics": {}}])
def test_a_misspelt_override_never_passes(wrong: dict[str, dict[str, bool]]) -> None:
    with pytest.raises(ConfigurationError):
        Capabilities.from_mapping(wrong)


def test_replace_changes_one_name_and_rejects_unknown_ones() -> None:
    assert Supports().replace(list=False).list is False
    with pytest.raises(ConfigurationError, match="lsit"):
        Supports().replace(lsit=False)
