"""The error tree."""

from __future__ import annotations

import pickle

import pytest

from dskit import errors

ALL = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("kind", ALL)
def test_every_error_carries_its_context_and_survives_pickling(kind: type[errors.StoreError]) -> None:
    error = kind("what happened", key="k", bucket="b", operation="put", store="memory", details={"A": "1"})
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert (again.key, again.bucket, again.operation, again.store) == ("k", "b", "put", "memory")
    assert again.details == {"A": "1"}
    assert str(again) == str(error)
    assert error.code in str(error)


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (errors.NotFoundError, FileNotFoundError),
        (errors.AlreadyExistsError, FileExistsError),
        (errors.PermissionDeniedError, PermissionError),
        (errors.InvalidKeyError, ValueError),
        (errors.UnsupportedError, NotImplementedError),
        (errors.UnavailableError, ConnectionError),
        (errors.TimedOutError, TimeoutError),
        (errors.ConfigurationError, ValueError),
    ],
)
def test_ordinary_except_clauses_work(kind: type[errors.StoreError], builtin: type[Exception]) -> None:
    with pytest.raises(builtin):
        raise kind("x")


def test_context_fills_in_what_is_unknown_and_keeps_the_rest() -> None:
    error = errors.NotFoundError("x", key="inner").with_context(key="outer", bucket="b", operation="get")
    assert (error.key, error.bucket, error.operation) == ("inner", "b", "get")


def test_304_and_412_are_different() -> None:
    assert not issubclass(errors.NotModifiedError, errors.PreconditionFailedError)
    assert issubclass(errors.AlreadyExistsError, errors.PreconditionFailedError)


def test_the_tree_in_the_docstring_is_complete() -> None:
    drawn = errors.__doc__ or ""
    assert [kind.__name__ for kind in ALL if kind.__name__ not in drawn] == []
