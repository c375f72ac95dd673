"""The server behind all documents, and the table at the end: document by variant, statements passed of total."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dskit_emulator import Server
from dskit_emulator.planes import PLANES
from tests.sdks.document import PROPERTY, Run, Stages, table


@pytest.fixture(scope="session")
def sdk_server() -> Iterator[Server]:
    """Endpoints of it have every plane, and S3 on the same port."""
    with Server(planes=PLANES) as server:
        yield server


@pytest.fixture(scope="session")
def stages(sdk_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    def folder(name: str) -> Path:
        return tmp_path_factory.mktemp(name)

    opened = Stages(sdk_server, folder)
    yield opened
    opened.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    run = getattr(item, "callspec", None) and item.callspec.params.get("run")  # type: ignore[attr-defined]
    if report.when == "call" and isinstance(run, Run):
        report.user_properties.append((PROPERTY, (run.document.title, run.variant)))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            for name, value in getattr(report, "user_properties", ()):
                if name == PROPERTY and report.when == "call":
                    passed, total = counts.get(tuple(value), (0, 0))
                    counts[tuple(value)] = (passed + (outcome == "passed"), total + 1)
    if counts:
        terminalreporter.section("statements of the documents, passed of total")
        for line in table(counts):
            terminalreporter.line(line)
