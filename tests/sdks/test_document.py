"""The harness itself: what a document's statements share, and what becomes of one that fails."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

import pytest

from dskit_emulator import Server
from tests.sdks.document import Document, Run, Stage, Stages, table


@pytest.fixture
def document() -> Document:
    def facade(stage: Stage) -> None:
        stage.modules["shop"] = ModuleType("shop")
        stage.modules["shop"].price = 7  # type: ignore[attr-defined]
        stage.environment["SHOP"] = "open"

    return Document("Shop", facade, prepare=lambda stage: stage.names.update(seen=[]), facades=("memory",))


def perform(document: Document, server: Server, folder: Path) -> list[str]:
    """The outcome of each statement: ``passed``, or the name of the error."""
    stages = Stages(server, lambda _: folder)
    outcomes = []
    for statement in document.statements:
        try:
            stages.perform(Run(document, "memory", statement))
            outcomes.append("passed")
        except Exception as error:
            outcomes.append(type(error).__name__)
    stages.close()
    return outcomes


def test_statements_share_names_modules_environment_and_folder(
    document: Document, sdk_server: Server, tmp_path: Path
) -> None:
    @document.statement("import os, shop\nprint(shop.price, os.environ['SHOP'], os.getcwd())")
    def _(stage: Stage) -> None:
        assert stage.output == f"7 open {tmp_path}\n"

    @document.statement("total = shop.price * 2\ntotal + 1")
    def _(stage: Stage) -> None:
        assert (stage["total"], stage.result) == (14, 15)

    @document.statement(
        """
        async def wait():
            return total

        await wait()
        """
    )
    def _(stage: Stage) -> None:
        assert stage.result == 14

    before = os.getcwd()
    assert perform(document, sdk_server, tmp_path) == ["passed"] * 3
    assert (os.getcwd(), "SHOP" in os.environ) == (before, False)


def test_a_failure_is_of_its_statement_alone(document: Document, sdk_server: Server, tmp_path: Path) -> None:
    @document.statement("seen.append(1)")
    def _(stage: Stage) -> None:
        assert stage["seen"] == [2]

    @document.statement("1 / 0")
    def _(stage: Stage) -> None:
        raise RuntimeError("not reached")

    @document.statement("seen.append(2)")
    def _(stage: Stage) -> None:
        assert stage["seen"] == [1, 2]

    assert perform(document, sdk_server, tmp_path) == ["AssertionError", "ZeroDivisionError", "passed"]


def test_the_table_counts_by_document_and_variant() -> None:
    counts = {("Shop", "memory"): (3, 4), ("Shop", "package"): (4, 4), ("A longer title", "s3"): (1, 1)}
    assert table(counts) == [
        "document          memory      disk     local        s3   package",
        "A longer title         -         -         -       1/1         -",
        "Shop                 3/4         -         -         -       4/4",
    ]
