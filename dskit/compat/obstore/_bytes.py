"""`Bytes`: what obstore gives for the contents of an object."""

from __future__ import annotations

from typing import Any, SupportsIndex

__all__ = ["Bytes"]


class _Absent:
    """A method of `bytes` that obstore's class has not."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> Any:
        raise AttributeError(f"'Bytes' object has no attribute {self._name!r}; to_bytes() gives a bytes that has")


def _narrowed(cls: type) -> type:
    """Hide the public methods of `bytes` that obstore's class lacks."""
    kept = {"isalnum", "isalpha", "isascii", "isdigit", "islower", "isspace", "isupper", *vars(cls)}
    for name in set(dir(bytes)) - kept:
        if not name.startswith("__"):
            setattr(cls, name, _Absent(name))
    return cls


@_narrowed
class Bytes(bytes):
    """An immutable buffer with the methods, the operators and the repr of obstore's `Bytes`.

    It subclasses `bytes`, because a class of pure Python has the buffer protocol only from Python 3.12 on. Whatever of
    `bytes` obstore's class lacks (`decode`, `startswith`, ordering, hashing) is not there either, so that code which
    runs on this class runs on that one. ``bytes(value)`` and ``memoryview(value)`` work as there.
    """

    __slots__ = ()

    def __new__(cls, buf: Any = b"") -> Bytes:
        if type(buf) is bytes or type(buf) is cls:
            return super().__new__(cls, buf)
        view = memoryview(buf)  # TypeError for a str, an int, a list
        if not view.c_contiguous:
            raise ValueError("Buffer is not C contiguous")
        return super().__new__(cls, view)

    def to_bytes(self) -> bytes:
        """The same bytes as a builtin `bytes`."""
        return bytes.__getitem__(self, slice(None))

    __bytes__ = to_bytes

    def __repr__(self) -> str:
        single = repr(self.to_bytes() + b'"')[2:-2]  # with a double quote inside, repr takes single ones around
        escaped = single.replace("\\'", "'").replace('"', '\\"')
        return f'Bytes(b"{escaped}")'

    __str__ = __repr__

    def __getitem__(self, key: SupportsIndex | slice) -> Any:
        try:
            found = bytes.__getitem__(self, key)
        except IndexError:
            raise IndexError("Index out of range") from None
        return Bytes(found) if isinstance(key, slice) else found

    def __add__(self, other: Any) -> Bytes:
        try:
            return Bytes(bytes.__add__(self, memoryview(other)))
        except TypeError:
            return NotImplemented

    def __mul__(self, other: SupportsIndex) -> Bytes:
        if not isinstance(other, int) or other < 0:
            return NotImplemented
        return Bytes(bytes.__mul__(self, other))

    def __rmul__(self, other: SupportsIndex) -> Bytes:
        return NotImplemented

    def __contains__(self, other: Any) -> bool:
        return bytes.__contains__(self, memoryview(other))

    def removeprefix(self, prefix: Any, /) -> Bytes:
        return Bytes(bytes.removeprefix(self, memoryview(prefix)))

    def removesuffix(self, suffix: Any, /) -> Bytes:
        return Bytes(bytes.removesuffix(self, memoryview(suffix)))

    def lower(self) -> Bytes:
        return Bytes(bytes.lower(self))

    def upper(self) -> Bytes:
        return Bytes(bytes.upper(self))

    def __lt__(self, other: object) -> bool:
        # NotImplemented would let the other side answer, which for a builtin bytes does order.
        raise TypeError(f"ordering is not supported between instances of 'Bytes' and {type(other).__name__!r}")

    __le__ = __gt__ = __ge__ = __lt__

    __hash__ = None  # type: ignore[assignment]

    def __getnewargs_ex__(self) -> tuple[tuple[bytes], dict[str, Any]]:
        return (bytes(self),), {}
