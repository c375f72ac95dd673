"""`Bytes` is obstore's: every operator and method gives what the real class gives, or raises what it raises."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import obstore
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dskit.compat.obstore as obs

EXPRESSIONS = [
    "b == b'Hello World'",
    "b == bytearray(b'Hello World')",
    "b == 'Hello World'",
    "b != b'x'",
    "b + b'x'",
    "b + B(b'x')",
    "b'x' + b",
    "b + 3",
    "b + 'x'",
    "b * 2",
    "b * 0",
    "b * -1",
    "b * 'x'",
    "b[0]",
    "b[-1]",
    "b[20]",
    "b[1:3]",
    "b[::2]",
    "b[::-1]",
    "b[3:1]",
    "b['a']",
    "b'ell' in b",
    "b'xyz' in b",
    "72 in b",
    "'x' in b",
    "len(b)",
    "bool(B())",
    "hash(b)",
    "str(b)",
    "repr(b)",
    "bytes(b)",
    "bytes(memoryview(b))",
    "memoryview(b).readonly",
    "list(b)",
    "b < B(b'z')",
    "b < b'z'",
    "b >= b'z'",
    "b.removeprefix(b'He')",
    "b.removeprefix(b'xx')",
    "b.removesuffix(b'ld')",
    "b.removesuffix(b'')",
    "b.removeprefix('He')",
    "b.isalnum()",
    "b.isalpha()",
    "b.isascii()",
    "b.isdigit()",
    "b.islower()",
    "b.isspace()",
    "b.isupper()",
    "b.lower()",
    "b.upper()",
    "b.to_bytes()",
    "b.decode()",
    "b.startswith(b'H')",
    "b.split()",
    "hasattr(b, 'hex')",
    "pickle.loads(pickle.dumps(b))",
    "copy.copy(b)",
    "copy.deepcopy(b)",
    "int.from_bytes(b, 'big')",
    "b''.join([b, b])",
    "B()",
    "B(b)",
    "B(buf=b'x')",
    "B('x')",
    "B(3)",
    "B([1])",
    "B(memoryview(b'abcdef')[::2])",
]


def result(expression: str, kind: Any, data: bytes) -> Any:
    names = {"B": kind, "b": kind(data), "pickle": pickle, "copy": copy}
    try:
        value = eval(expression, names)
    except Exception as error:
        return type(error)
    return (type(value).__name__, bytes(value) if type(value).__name__ == "Bytes" else value)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expressions(expression: str) -> None:
    assert result(expression, obs.Bytes, b"Hello World") == result(expression, obstore.Bytes, b"Hello World")


@given(st.binary(max_size=20))
def test_texts(data: bytes) -> None:
    for expression in ("repr(b)", "str(b)", "bytes(b)", "b.lower()", "b.isalpha()", "b.isspace()", "b.isascii()"):
        assert result(expression, obs.Bytes, data) == result(expression, obstore.Bytes, data)


def test_a_buffer_of_it_can_be_put_again() -> None:
    store = obs.store.MemoryStore()
    obs.put(store, "k", obs.Bytes(b"x"))
    obs.put(store, "l", obs.get(store, "k").bytes())
    assert obs.get(store, "l").bytes() == b"x"
