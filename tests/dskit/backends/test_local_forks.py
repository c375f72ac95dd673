"""A store of plain files that was opened before the process was forked: the child writes by itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import dskit
from tests.dskit.forked import in_child
from tests.dskit.leftovers import staged


@pytest.fixture
def local(tmp_path: Path) -> Iterator[dskit.LocalStore]:
    with dskit.LocalStore(tmp_path, durability="process") as store:
        store.put("k", b"old")
        yield store


def test_a_child_writes_on_when_its_parent_has_closed(local: dskit.LocalStore, tmp_path: Path) -> None:
    """It stages in a folder of its own: the parent's goes when the parent closes."""
    begun, begin = os.pipe()
    closed, close = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            staging = local.service.begin_put("default", "child", dskit.PutOptions())  # type: ignore[attr-defined]
            staging.write(b"its own")
            os.write(begin, b"x")
            os.read(closed, 1)
            staging.commit()
            code = 0
        finally:
            os._exit(code)
    os.close(begin)
    os.read(begun, 1)
    local.close()
    os.write(close, b"x")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    for descriptor in (begun, closed, close):
        os.close(descriptor)
    with dskit.LocalStore(tmp_path, durability="process") as again:
        assert again.get("child").read() == b"its own"
        assert staged(again) == []


@pytest.mark.parametrize("ends", ["abort", "commit", "write"])
def test_a_write_that_is_under_way_is_the_parents(local: dskit.LocalStore, ends: str) -> None:
    staging = local.service.begin_put("default", "k", dskit.PutOptions())  # type: ignore[attr-defined]
    staging.write(b"be")
    jobs: dict[str, Callable[[], object]] = {
        "abort": staging.abort,
        "commit": staging.commit,
        "write": lambda: staging.write(b"not"),
    }
    assert in_child(jobs[ends]) == ("None" if ends == "abort" else "UnavailableError")
    staging.write(b"gun")
    staging.commit()
    assert local.get("k").read() == b"begun"
