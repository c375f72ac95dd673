"""The verbs of an asynchronous store that list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from .aio_view import AsyncView, documented
from .hops import hop
from .listing import ListingVerbs
from .types import ListPage, ObjectSummary

__all__ = ["AsyncListingVerbs"]


@documented(ListingVerbs)
class AsyncListingVerbs(AsyncView):
    def list(
        self, prefix: str = "", *, start_after: str = "", page_size: int | None = None
    ) -> AsyncIterator[ObjectSummary]:
        pages = self.store.list_pages(prefix, start_after=start_after, page_size=page_size)
        return self._rows(pages)

    async def _rows(self, pages: Iterator[ListPage]) -> AsyncIterator[ObjectSummary]:
        while page := await hop(self.store.service, next, pages, None):
            for row in page.objects:
                yield row

    async def list_page(
        self,
        prefix: str = "",
        *,
        delimiter: str = "",
        start_after: str = "",
        token: str | None = None,
        max_keys: int = 1000,
    ) -> ListPage:
        return await self._call(
            self.store.list_page,
            prefix,
            delimiter=delimiter,
            start_after=start_after,
            token=token,
            max_keys=max_keys,
        )

    async def list_with_delimiter(self, prefix: str = "", *, delimiter: str = "/", start_after: str = "") -> ListPage:
        return await self._call(self.store.list_with_delimiter, prefix, delimiter=delimiter, start_after=start_after)
