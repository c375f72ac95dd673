"""What holds for all tests."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Hypothesis measures no time: on a busy machine any example can be slow, and that says nothing of what it tests.

    `--hypothesis-profile` comes after this, and wins. The environment of the SDKs' packages has no Hypothesis.
    """
    if config.pluginmanager.hasplugin("hypothesispytest"):
        from hypothesis import HealthCheck, settings

        settings.register_profile("dskit", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
        settings.load_profile("dskit")
