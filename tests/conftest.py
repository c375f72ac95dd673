"""What holds for all tests."""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Hypothesis measures no time: on a busy machine any example can be slow, and that says nothing of what it tests.

    `--hypothesis-profile` comes after this, and wins. The environment of the SDKs' packages has no Hypothesis.
    """
    if config.pluginmanager.hasplugin("hypothesispytest"):
        from hypothesis import HealthCheck, settings

        settings.register_profile("dskit", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
        settings.load_profile("dskit")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first: none is begun when another worker has no more to do."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Ten thousand tests and what they import live to the end: the garbage collector need not go through them, neither
    while they come nor, again and again, under the tests. What a test makes is collected as ever."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()
