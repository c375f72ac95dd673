"""The verbs of a store that list. In a file of its own also because `list` is one of them."""

from __future__ import annotations

from collections.abc import Iterator

from .errors import InvalidRequestError, StoreError
from .flows import check_advance, drive, inner_page, list_groups
from .guards import verb
from .types import ListPage, ObjectSummary
from .view import View

__all__ = ["ListingVerbs"]


def check_count(name: str, value: int) -> int:
    """Raises `InvalidRequestError` for a negative count (aws-recorded:test_list_objects_v2_with_prefix and others)."""
    if not isinstance(value, int) or value < 0:
        raise InvalidRequestError(f"Argument {name} must be an integer between 0 and 2147483647, not {value!r}")
    return value


class ListingVerbs(View):
    @verb()
    def list(self, prefix: str = "", *, start_after: str = "", page_size: int | None = None) -> Iterator[ObjectSummary]:
        """Every object whose key begins with the string `prefix` and is greater than `start_after`, lazily.

        In UTF-8 byte order of the keys where `semantics.list_order` says so. `page_size` is how many a request
        asks for, the largest page of the service by default. Pages are fetched as the iterator moves, so that what
        is written meanwhile may or may not be seen; what is there all the time is seen once.
        """
        pages = self.list_pages(prefix, start_after=start_after, page_size=page_size)
        return (row for page in pages for row in page.objects)

    @verb(operation="list")
    def list_pages(
        self, prefix: str = "", *, start_after: str = "", page_size: int | None = None
    ) -> Iterator[ListPage]:
        """The pages of `list`, lazily: for who wants to know where one request ends."""
        self.check_prefix(prefix, start_after)
        size = self.capabilities.limits.max_page
        if page_size is not None:
            if check_count("page_size", page_size) == 0:
                raise InvalidRequestError("page_size is 1 or more")
            size = min(size, page_size)
        return self._pages(prefix, start_after, size)

    def _pages(self, prefix: str, start_after: str, size: int) -> Iterator[ListPage]:
        token = None
        while True:
            try:
                page = self._page(prefix, "", start_after, token, size)
                check_advance(token, page)
            except StoreError as error:
                self.explain(error, "list", None)
                raise
            yield page
            token = page.next_token
            if token is None:
                return

    @verb()
    def list_page(
        self,
        prefix: str = "",
        *,
        delimiter: str = "",
        start_after: str = "",
        token: str | None = None,
        max_keys: int = 1000,
    ) -> ListPage:
        """One page: at most `max_keys` objects and groups together (never more than `limits.max_page`).

        Keys that have `delimiter`, any non-empty string, after the prefix are rolled up into `prefixes`. `token` is
        `next_token` of an earlier page; it wins over `start_after`, may be kept and used again. `max_keys` 0 gives
        an empty last page. Raises `InvalidRequestError` for a token that the store did not make.
        """
        self.check_prefix(prefix, start_after, delimiter)
        if token is not None and not (isinstance(token, str) and token):
            raise InvalidRequestError("The continuation token provided is incorrect")
        size = min(check_count("max_keys", max_keys), self.capabilities.limits.max_page)
        return self._page(prefix, delimiter, start_after, token, size)

    def _page(self, prefix: str, delimiter: str, start_after: str, token: str | None, size: int) -> ListPage:
        page = self.service.list_page(
            self.bucket,
            prefix=self.prefix + prefix,
            delimiter=delimiter,
            start_after=self.marker(start_after),
            token=token,
            max_keys=size,
        )
        shown = inner_page(self, page)
        if page.objects and page.next_token is not None and not (shown.objects or shown.prefixes):
            return self._page(prefix, delimiter, start_after, page.next_token, size)  # never an empty page in between
        return shown

    @verb()
    def list_with_delimiter(self, prefix: str = "", *, delimiter: str = "/", start_after: str = "") -> ListPage:
        """All pages of a listing with a delimiter, in one `ListPage` without a token."""
        self.check_prefix(prefix, start_after, delimiter)
        if not delimiter:
            raise InvalidRequestError("a delimiter has at least one character; without one use list")
        return drive(list_groups(self, prefix, delimiter, start_after))
