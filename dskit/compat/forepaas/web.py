"""One HTTP request whose answer becomes an object: what `put_request` sends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias, cast
from urllib.parse import unquote, urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

__all__ = ["Answer", "Body", "fetched"]

Body: TypeAlias = Mapping[str, Any] | Iterable[tuple[str, Any]] | bytes | str | BinaryIO
TIMEOUT = urllib3.Timeout(connect=10, read=60)
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Answer:
    """`file` reads the content, decoded; `length` is its size in bytes where the answer tells it; `name` is the last
    segment of the URL's path."""

    file: BinaryIO
    length: int | None
    name: str


@contextmanager
def fetched(url: str, body: Body, method: str, headers: Mapping[str, str]) -> Iterator[Answer]:
    """Raises `urllib3.exceptions.HTTPError` for a URL that cannot be fetched and for an answer that is no success."""
    sent, kind = encoded(body)
    wanted = dict(headers)
    if kind and not any(name.lower() == "content-type" for name in wanted):
        wanted["Content-Type"] = kind
    with urllib3.PoolManager(timeout=TIMEOUT) as pool:
        response = pool.request(method, url, body=cast(Any, sent), headers=wanted, preload_content=False)
        try:
            where = urlsplit(url)
            if not 200 <= response.status < 300:
                raise HTTPError(
                    f"{method} {where.scheme}://{where.hostname}{where.path} answered {response.status} "
                    f"{response.reason or ''}; nothing was stored"
                )
            plain = "content-encoding" not in response.headers
            size = response.headers.get("content-length", "")
            length = int(size) if plain and size.isdigit() else None
            yield Answer(cast(BinaryIO, response), length, unquote(where.path).rpartition("/")[2])
        finally:
            response.close()


def encoded(body: Body) -> tuple[bytes | str | BinaryIO | None, str | None]:
    """The request's body and its content type, as the requests library makes them of such arguments."""
    if isinstance(body, bytes | str) or hasattr(body, "read"):
        return cast("bytes | str | BinaryIO", body) or None, None
    pairs = list(body.items() if isinstance(body, Mapping) else body)
    return (urlencode(pairs, doseq=True), FORM) if pairs else (None, None)
