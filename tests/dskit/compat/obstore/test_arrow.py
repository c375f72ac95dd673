"""Listings as Arrow: the classes and columns of the real obstore where arro3 is installed, else pyarrow's."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import pyarrow
import pytest

import dskit
import dskit.compat.obstore as obs
from dskit.wrappers import RecordingStore
from tests.dskit.compat.obstore.pairs import Pair, Side

LISTINGS = {
    "list": lambda side: list(side.obs.list(side.store, return_arrow=True)),
    "chunks": lambda side: list(side.obs.list(side.store, chunk_size=2, return_arrow=True)),
    "collect": lambda side: [side.obs.list(side.store, return_arrow=True).collect()],
    "nothing": lambda side: [side.obs.list(side.store, "absent", return_arrow=True).collect()],
    "folder": lambda side: [side.obs.list_with_delimiter(side.store, "a", return_arrow=True)["objects"]],
    "no folder": lambda side: [side.obs.list_with_delimiter(side.store, "absent", return_arrow=True)["objects"]],
}


def installed(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


def filled(side: Side) -> Side:
    for key, body in {"r": b"0", "a/b": b"hello", "a/c/d": b"", "a/e": b"xx"}.items():
        side.obs.put(side.store, key, body)
    return side


def told(batches: list[Any]) -> Any:
    """Classes, columns (name, type, nullable), rows a batch, and of the rows what is the same in any two stores."""
    rows = [row for batch in batches for row in pyarrow.table(batch).to_pylist()]
    columns = [(field.name, str(field.type), field.nullable) for batch in batches for field in batch.schema]
    kept = sorted((row["path"], row["size"], row["version"]) for row in rows)
    return [(type(batch), batch.num_rows) for batch in batches], columns, kept


@pytest.mark.skipif(not installed("arro3.core"), reason="arro3 is not installed: pip install arro3-core")
@pytest.mark.parametrize("name", LISTINGS)
def test_with_arro3_both_give_its_classes(pair: Pair, name: str) -> None:
    real, facade = (told(LISTINGS[name](filled(side))) for side in pair.both())
    assert facade == real


@pytest.mark.skipif(installed("arro3.core"), reason="arro3 is installed, and comes before pyarrow")
@pytest.mark.parametrize("name", LISTINGS)
def test_without_arro3_the_real_one_raises_and_the_facade_gives_pyarrows(pair: Pair, name: str) -> None:
    with pytest.raises(ImportError, match="arro3"):
        LISTINGS[name](pair.real)
    kind = pyarrow.Table if "folder" in name else pyarrow.RecordBatch
    assert all(type(batch) is kind for batch in LISTINGS[name](filled(pair.facade)))


def test_columns_and_rows_are_obstores() -> None:
    """As its 0.12.1 makes them, whatever library is installed; the rows are those of a listing without Arrow."""
    store = filled(Side(obs, obs.store.MemoryStore())).store
    batch = pyarrow.record_batch(obs.list(store, return_arrow=True).collect())
    assert batch.schema == pyarrow.schema(
        [
            pyarrow.field("path", pyarrow.string(), nullable=False),
            pyarrow.field("last_modified", pyarrow.timestamp("us", "UTC"), nullable=False),
            pyarrow.field("size", pyarrow.uint64(), nullable=False),
            pyarrow.field("e_tag", pyarrow.string()),
            pyarrow.field("version", pyarrow.string()),
        ]
    )
    assert batch.to_pylist() == obs.list(store).collect()


@pytest.mark.parametrize("call", [obs.list, obs.list_with_delimiter], ids=["list", "list_with_delimiter"])
def test_without_a_library_nothing_is_asked(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("arro3.core", "pyarrow"):
        monkeypatch.setitem(sys.modules, name, None)
    with dskit.MemoryStore() as inner:
        native = RecordingStore(inner)
        with pytest.raises(ImportError, match="pip install arro3-core"):
            call(obs.store.wrap(native), return_arrow=True)
        assert not native.calls
