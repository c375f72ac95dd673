"""Calls of obstore that are made on the package and on the facade, and must have the same answers."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from tests.dskit.compat.obstore.pairs import Call

__all__ = ["CHANGES", "DATA", "LISTINGS", "OPTIONS", "PATHS", "PREFIXES", "PUTS", "READS", "paths_of"]

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def paths_of(rows: Any) -> list[str]:
    return sorted(row["path"] for row in rows)


PATHS = [
    "/r",
    "r/",
    "/a/b/",
    "a//b",
    "//",
    "a/./b",
    "a/../b",
    ".",
    "..",
    "x\ny",
    "x\ty",
    "x\x00y",
    "\x7f",
    "\ud800",
    "x y",
    "per%cent",
    "a%2Fb",
    "é",
    "e\u0301",
    "b\\c",
    "~q?#",
    "*",
    "a\x85b",
    "\U0001f600",
    "...",
    ".hidden",
    "a.",
]

PREFIXES = [None, "", "a", "a/", "/a", "/", "a//", "a/b", "a/c", "ab", "no", "..", "x\ny"]

READS: dict[str, Call] = {
    "head": lambda obs, store: obs.head(store, "r"),
    "head of nothing": lambda obs, store: obs.head(store, "no"),
    "get": lambda obs, store: obs.get(store, "r").bytes(),
    "get of nothing": lambda obs, store: obs.get(store, "no"),
    "meta": lambda obs, store: obs.get(store, "r").meta,
    "buffer": lambda obs, store: obs.get(store, "r").buffer(),
    "iterate": lambda obs, store: b"".join(obs.get(store, "r")),
    "stream": lambda obs, store: b"".join(obs.get(store, "r").stream(min_chunk_size=3)),
    "stream types": lambda obs, store: {type(chunk) for chunk in obs.get(store, "r").stream()},
    "negative chunks": lambda obs, store: obs.get(store, "r").stream(-1),
    "path that is no str": lambda obs, store: obs.get(store, 3),
    "no store": lambda obs, store: obs.get("store", "r"),
    "range": lambda obs, store: obs.get_range(store, "r", start=2, end=5),
    "range by length": lambda obs, store: obs.get_range(store, "r", start=2, length=5),
    "range beyond the end": lambda obs, store: obs.get_range(store, "r", start=5, end=50),
    "range after the end": lambda obs, store: obs.get_range(store, "r", start=10, end=12),
    "range of nothing": lambda obs, store: obs.get_range(store, "no", start=0, end=1),
    "empty range": lambda obs, store: obs.get_range(store, "r", start=5, end=5),
    "backward range": lambda obs, store: obs.get_range(store, "r", start=5, end=2),
    "range of no length": lambda obs, store: obs.get_range(store, "r", start=5, length=0),
    "range without end": lambda obs, store: obs.get_range(store, "r", start=5),
    "range with both": lambda obs, store: obs.get_range(store, "r", start=5, end=6, length=1),
    "range without start": lambda obs, store: obs.get_range(store, "r", end=6),
    "negative range": lambda obs, store: obs.get_range(store, "r", start=-1, end=6),
    "range of strings": lambda obs, store: obs.get_range(store, "r", start="a", end=6),
    "ranges": lambda obs, store: obs.get_ranges(store, "r", starts=[0, 3], ends=[2, 5]),
    "ranges by length": lambda obs, store: obs.get_ranges(store, "r", starts=(3, 0), lengths=(2, 50)),
    "ranges apart": lambda obs, store: obs.get_ranges(store, "r", starts=[0, 8], ends=[2, 9], coalesce=0),
    "no ranges": lambda obs, store: obs.get_ranges(store, "no", starts=[], ends=[]),
    "ranges of nothing": lambda obs, store: obs.get_ranges(store, "no", starts=[0], ends=[1]),
    "ranges without ends": lambda obs, store: obs.get_ranges(store, "r", starts=[0]),
    "ranges with both": lambda obs, store: obs.get_ranges(store, "r", starts=[0], ends=[1], lengths=[1]),
    "fewer ends": lambda obs, store: obs.get_ranges(store, "r", starts=[0, 3], ends=[2]),
    "more ends": lambda obs, store: obs.get_ranges(store, "r", starts=[0], ends=[2, 3]),
    "an empty one of several": lambda obs, store: obs.get_ranges(store, "r", starts=[0, 3], ends=[0, 5]),
    "a negative one": lambda obs, store: obs.get_ranges(store, "r", starts=[-1], ends=[5]),
}

OPTIONS: dict[str, Any] = {
    "nothing": {},
    "None": None,
    "an unknown name": {"foo": 1},
    "range": {"range": (2, 5)},
    "range as a list": {"range": [2, 5]},
    "range beyond the end": {"range": (2, 50)},
    "backward range": {"range": (5, 2)},
    "empty range": {"range": (3, 3)},
    "range after the end": {"range": (10, 12)},
    "offset": {"range": {"offset": 3}},
    "offset at the end": {"range": {"offset": 10}},
    "suffix": {"range": {"suffix": 3}},
    "suffix longer than all": {"range": {"suffix": 30}},
    "negative range": {"range": (-1, 3)},
    "half a range": {"range": (1,)},
    "range of a str": {"range": "x"},
    "range of another dict": {"range": {"x": 1}},
    "offset and suffix": {"range": {"offset": 1, "suffix": 2}},
    "range of None": {"range": None},
    "any ETag": {"if_match": "*"},
    "another ETag": {"if_match": '"x"'},
    "not another ETag": {"if_none_match": '"x"'},
    "not any ETag": {"if_none_match": "*"},
    "ETag of None": {"if_match": None},
    "ETag of an int": {"if_match": 3},
    "modified since long ago": {"if_modified_since": LONG_AGO},
    "unmodified since long ago": {"if_unmodified_since": LONG_AGO},
    "a naive time": {"if_modified_since": datetime(2000, 1, 1)},
    "head of a str": {"head": "x"},
}

DATA: dict[str, Any] = {
    "bytes": lambda: b"abc",
    "nothing": lambda: b"",
    "bytearray": lambda: bytearray(b"abc"),
    "memoryview": lambda: memoryview(b"abc"),
    "list": lambda: [b"abc", bytearray(b"d"), memoryview(b"e")],
    "empty list": list,
    "iterator": lambda: iter([b"abc", b"d"]),
    "file": lambda: io.BytesIO(b"abc"),
    "a str, which is a path": lambda: "no-such-file",
    "None": lambda: None,
    "int": lambda: 3,
    "list of str": lambda: ["abc"],
    "a str among bytes": lambda: [b"abc", "d"],
}

PUTS: dict[str, dict[str, Any]] = {
    "overwrite": {"mode": "overwrite"},
    "create": {"mode": "create"},
    "create in capitals": {"mode": "CREATE"},
    "another word": {"mode": "replace"},
    "mode of an int": {"mode": 3},
    "mode of nothing": {"mode": {}},
    "mode of another dict": {"mode": {"foo": "1"}},
    "another ETag": {"mode": {"e_tag": '"x"'}},
    "version of None": {"mode": {"e_tag": '"x"', "version": None}},
    "attributes": {"attributes": {"Content-Type": "text/plain", "colour": "blue", "Cache-Control": "no-store"}},
    "attributes in lower case": {"attributes": {"content-type": "text/plain"}},
    "attribute of an int": {"attributes": {"Content-Type": 3}},
    "tag of an int": {"tags": {"a": 3}},
    "chunks of zero": {"chunk_size": 0},
    "negative chunks": {"chunk_size": -1},
    "no concurrency": {"max_concurrency": 0},
    "parts": {"use_multipart": True},
    "no parts": {"use_multipart": False},
}

CHANGES: dict[str, Call] = {
    "copy": lambda obs, store: obs.copy(store, "r", "new"),
    "copy over": lambda obs, store: obs.copy(store, "r", "ab"),
    "copy nothing": lambda obs, store: obs.copy(store, "no", "new"),
    "copy onto itself": lambda obs, store: obs.copy(store, "r", "r"),
    "copy to a new one": lambda obs, store: obs.copy(store, "r", "new", overwrite=False),
    "copy over, which is not allowed": lambda obs, store: obs.copy(store, "r", "ab", overwrite=False),
    "rename": lambda obs, store: obs.rename(store, "r", "new"),
    "rename over": lambda obs, store: obs.rename(store, "r", "ab"),
    "rename nothing": lambda obs, store: obs.rename(store, "no", "new"),
    "rename to a new one": lambda obs, store: obs.rename(store, "r", "new", overwrite=False),
    "rename over, which is not allowed": lambda obs, store: obs.rename(store, "r", "ab", overwrite=False),
    "delete": lambda obs, store: obs.delete(store, "r"),
    "delete nothing": lambda obs, store: obs.delete(store, "no"),
    "delete several": lambda obs, store: obs.delete(store, ["r", "ab"]),
    "delete a tuple": lambda obs, store: obs.delete(store, ("r", "ab")),
    "delete none": lambda obs, store: obs.delete(store, []),
    "delete several that are not there": lambda obs, store: obs.delete(store, ["no", "none"]),
    "delete an int": lambda obs, store: obs.delete(store, 3),
}

LISTINGS: dict[str, Call] = {
    "chunks": lambda obs, store: [len(chunk) for chunk in obs.list(store, chunk_size=3)],
    "chunks of zero": lambda obs, store: [len(chunk) for chunk in obs.list(store, chunk_size=0)],
    "negative chunks": lambda obs, store: obs.list(store, chunk_size=-1),
    "types": lambda obs, store: {type(chunk) for chunk in obs.list(store)} | {type(obs.list(store).collect())},
    "offset": lambda obs, store: paths_of(obs.list(store, offset="a/b").collect()),
    "offset that is not there": lambda obs, store: paths_of(obs.list(store, offset="a/bb").collect()),
    "offset below a prefix": lambda obs, store: paths_of(obs.list(store, "a", offset="a/b").collect()),
    "offset that is no path": lambda obs, store: obs.list(store, offset="a//b"),
    "prefix that is no str": lambda obs, store: obs.list(store, 3),
    "rows": lambda obs, store: sorted(obs.list(store).collect(), key=lambda row: row["path"]),
    "nothing": lambda obs, store: list(obs.list(store, "no")),
    "nothing, collected": lambda obs, store: obs.list(store, "no").collect(),
}
