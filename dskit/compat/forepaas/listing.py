"""Pages of a listing, for the client's objects and for who wants only their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from minio.helpers import check_bucket_name

from ...errors import StoreError
from ...store import Store
from ...types import ListPage
from .answers import s3_error
from .arguments import refuse

__all__ = ["pages"]


def pages(
    store_of: Callable[[str], Store],
    bucket_name: str,
    prefix: str | None = None,
    recursive: bool = False,
    start_after: str | None = None,
    include_user_meta: bool = False,
    include_version: bool = False,
    use_api_v1: bool = False,
    use_url_encoding_type: bool = True,
    fetch_owner: bool = False,
    extra_headers: Any = None,
    extra_query_params: Any = None,
) -> Iterator[ListPage]:
    """What `list_objects` asks for, with its arguments, page by page as the iterator moves.

    Raises as minio-py does: ValueError for a bad name, `S3Error` for the store's errors and what it cannot honour.
    """
    check_bucket_name(bucket_name)
    for name, given in (
        ("include_user_meta", include_user_meta),
        ("include_version", include_version),
        ("fetch_owner", fetch_owner),
        ("extra_headers", extra_headers),
        ("extra_query_params", extra_query_params),
    ):
        if given:
            refuse(name, "list_objects", bucket_name)
    try:
        store = store_of(bucket_name)
        token = None
        while True:
            page = store.list_page(
                prefix or "", delimiter="" if recursive else "/", start_after=start_after or "", token=token
            )
            yield page
            token = page.next_token
            if token is None:
                return
    except StoreError as error:
        raise s3_error(error) from error
