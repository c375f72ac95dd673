"""What people use fsspec for: pandas, pyarrow and zarr, by URL and by filesystem."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import zarr

import dskit


@pytest.fixture
def options(store: dskit.Store) -> dict[str, Any]:
    return {"store": store}


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame({"number": range(1000), "name": [f"name {number % 7}" for number in range(1000)]})


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_pandas_csv(options: Any, frame: pd.DataFrame, name: str) -> None:
    frame.to_csv(f"dskit://tables/{name}", index=False, storage_options=options)
    again = pd.read_csv(f"dskit://tables/{name}", storage_options=options)
    pd.testing.assert_frame_equal(again, frame)


def test_pandas_parquet(options: Any, frame: pd.DataFrame) -> None:
    frame.to_parquet("dskit://tables/t.parquet", storage_options=options)
    again = pd.read_parquet("dskit://tables/t.parquet", columns=["name"], storage_options=options)
    assert list(again["name"]) == list(frame["name"])


def test_pyarrow_dataset(fs: Any, frame: pd.DataFrame) -> None:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    partitioning = ds.partitioning(pa.schema([("name", pa.string())]), flavor="hive")
    ds.write_dataset(table, "tables/set", format="parquet", filesystem=fs, partitioning=partitioning)
    assert len(fs.find("tables/set")) == 7
    again = ds.dataset("tables/set", format="parquet", filesystem=fs, partitioning=partitioning)
    found = again.to_table(filter=ds.field("name") == "name 3", columns=["number"])
    assert found["number"].to_pylist() == [number for number in range(1000) if number % 7 == 3]


def test_pyarrow_parquet(fs: Any, frame: pd.DataFrame) -> None:
    pq.write_table(pa.Table.from_pandas(frame), "t.parquet", filesystem=fs)
    assert pq.read_table("t.parquet", columns=["number"], filesystem=fs)["number"].to_pylist() == list(range(1000))


def test_zarr(options: Any, store: dskit.Store) -> None:
    data = np.arange(10_000).reshape(100, 100)
    place = zarr.storage.FsspecStore.from_url("dskit://arrays/one", storage_options=options)
    group = zarr.create_group(store=place)
    array = group.create_array("data", shape=data.shape, chunks=(30, 40), dtype=data.dtype)
    array[:] = data
    array.attrs["unit"] = "m"
    array[5:7, :] = 0
    assert len(list(store.list("arrays/one/data/c/"))) == 12

    again = zarr.open_group(
        store=zarr.storage.FsspecStore.from_url("dskit://arrays/one", storage_options=options), mode="r"
    )
    assert list(again.array_keys()) == ["data"]
    expected = data.copy()
    expected[5:7, :] = 0
    found: Any = again["data"]
    np.testing.assert_array_equal(found[20:50, 10:90], expected[20:50, 10:90])
    np.testing.assert_array_equal(found[:], expected)
    assert found.attrs["unit"] == "m"
