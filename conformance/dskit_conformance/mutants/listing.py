"""Planted bugs of listings."""

from __future__ import annotations

from typing import Any

from dskit.types import ListPage

from .forwarding import Forwarding

__all__ = ["LISTING"]


class PageFilter(Forwarding):
    """Falsifies a page after the fact."""

    def list_page(self, bucket: str, **options: Any) -> ListPage:
        page = super().list_page(bucket, **options)
        self.falsify(bucket, page, options)
        return page

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        raise TypeError("a subclass says what is wrong")


class TokenSkipsOne(PageFilter):
    """the first key after a resume is missed"""

    id = "LIST-24"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        if options.get("token") is not None:
            del page.objects[:1]


class PrefixIsFolderName(Forwarding):
    """prefix `foo/` also returns keys under `foo1000/`"""

    id = "LIST-02"

    def list_page(self, bucket: str, *, prefix: str = "", **options: Any) -> ListPage:
        return super().list_page(bucket, prefix=prefix.rstrip("/"), **options)


class StartAfterInclusive(PageFilter):
    """start-after is inclusive"""

    id = "LIST-06"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        marker = options.get("start_after", "")
        first = options.get("token") is None and not options.get("delimiter")
        if marker and first and marker.startswith(options.get("prefix", "")):
            page.objects[:0] = [row for row in self.all_objects(bucket, marker) if row.key == marker]


class PagesOverlap(Forwarding):
    """the last key of a page comes again on the next one"""

    id = "LIST-33"

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self._last: dict[str, Any] = {}

    def list_page(self, bucket: str, **options: Any) -> ListPage:
        page = super().list_page(bucket, **options)
        last = self._last.get(options.get("token") or "")
        if last is not None:
            page.objects.insert(0, last)
        if page.next_token and page.objects:
            self._last[page.next_token] = page.objects[-1]
        return page


class SlashKeysHidden(PageFilter):
    """keys ending in `/` are missing from a listing without delimiter"""

    id = "LIST-10"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        if not options.get("delimiter"):
            page.objects[:] = [row for row in page.objects if not row.key.endswith("/")]


class ForeignDelimiterDropped(PageFilter):
    """a delimiter other than `/` loses its groups"""

    id = "LIST-12"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        if options.get("delimiter", "/") not in ("/", ""):
            page.prefixes.clear()


class SinglePrefixTruncated(Forwarding):
    """a page with groups alone says truncated though nothing is left"""

    id = "LIST-13"

    def list_page(self, bucket: str, *, token: str | None = None, **options: Any) -> ListPage:
        if token == "nothing-left":
            return ListPage()
        page = super().list_page(bucket, token=token, **options)
        if page.prefixes and not page.objects and page.next_token is None:
            page.next_token = "nothing-left"
        return page


class DirectoryOrder(PageFilter):
    """rows come in directory order: `dir1/a/` before `dir1/a.b/`"""

    id = "LIST-14"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        page.objects.sort(key=lambda row: row.key.split("/"))
        page.prefixes.sort(key=lambda name: name.split("/"))


class Utf16Order(PageFilter):
    """rows come in the order of UTF-16 code units"""

    id = "OWN-UTF16"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        page.objects.sort(key=lambda row: row.key.encode("utf-16-be"))


class MarkerHidesItsGroup(PageFilter):
    """start-after `prefix1` with a delimiter loses the group `prefix1/`"""

    id = "LIST-17"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        marker = options.get("start_after", "")
        if marker:
            page.prefixes[:] = [name for name in page.prefixes if not name.startswith(marker)]


class GroupStraddlesPages(Forwarding):
    """the resume point is the group itself, so that the group comes again"""

    id = "LIST-18"

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self._last: dict[str, str] = {}

    def list_page(self, bucket: str, **options: Any) -> ListPage:
        page = super().list_page(bucket, **options)
        again = self._last.get(options.get("token") or "")
        if again is not None and again not in page.prefixes:
            page.prefixes.insert(0, again)
        if page.next_token and page.prefixes and page.last == page.prefixes[-1]:
            self._last[page.next_token] = page.prefixes[-1]
        return page


class ZeroMeansDefault(Forwarding):
    """max-keys 0 behaves as the default page"""

    id = "LIST-19"

    def list_page(self, bucket: str, *, max_keys: int = 1000, **options: Any) -> ListPage:
        return super().list_page(bucket, max_keys=max_keys or 1000, **options)


class AbsentMarkerSkipsOne(PageFilter):
    """start-after skips one key even where the marker is no key"""

    id = "LIST-20"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        marker = options.get("start_after", "")
        if marker and options.get("token") is None and not self.exists(bucket, marker):
            del page.objects[:1]


class GroupTwice(PageFilter):
    """a group of a custom delimiter comes twice"""

    id = "LIST-23"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        if options.get("delimiter", "/") != "/":
            page.prefixes[:] = [name for name in page.prefixes for _ in range(2)]


class ObjectAndFolderMerged(PageFilter):
    """`obj` and `obj/` are merged into one row"""

    id = "LIST-25"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        names = {row.key for row in page.objects}
        page.objects[:] = [row for row in page.objects if not (row.key.endswith("/") and row.key[:-1] in names)]


class MarkerMustExist(Forwarding):
    """start-after is honoured only if that key exists"""

    id = "LIST-28"

    def list_page(self, bucket: str, *, start_after: str = "", **options: Any) -> ListPage:
        known = start_after if start_after and self.exists(bucket, start_after) else ""
        return super().list_page(bucket, start_after=known, **options)


class ChildrenHidden(PageFilter):
    """children are hidden behind an object `dir/`"""

    id = "LIST-34"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        folders = tuple(row.key for row in page.objects if row.key.endswith("/"))
        if folders:
            page.objects[:] = [row for row in page.objects if row.key in folders or not row.key.startswith(folders)]


class TokenIgnored(Forwarding):
    """the token is ignored: page 1 for ever"""

    id = "LIST-38"

    def list_page(self, bucket: str, *, token: str | None = None, **options: Any) -> ListPage:
        return super().list_page(bucket, token=None, **options)


class EmptyTruncatedPage(Forwarding):
    """an empty page that says truncated"""

    id = "LIST-42"

    def list_page(self, bucket: str, *, token: str | None = None, **options: Any) -> ListPage:
        if token is None and options.get("max_keys", 1000) == 1:
            return ListPage(next_token="first")
        return super().list_page(bucket, token=None if token == "first" else token, **options)


class StartAfterWins(Forwarding):
    """start-after is applied instead of the token"""

    id = "LIST-44"

    def list_page(self, bucket: str, *, token: str | None = None, start_after: str = "", **options: Any) -> ListPage:
        return super().list_page(bucket, token=None if start_after else token, start_after=start_after, **options)


class PrefixNotItself(PageFilter):
    """prefix `dir/` does not return the key `dir/`"""

    id = "LIST-45"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        page.objects[:] = [row for row in page.objects if row.key != options.get("prefix")]


class NextByteSkipped(PageFilter):
    """with delimiter `/` the key that begins with the group and `0` is skipped"""

    id = "LIST-46"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        if options.get("delimiter") == "/":
            groups = {row.key.split("/")[0] + "0" for row in self.all_objects(bucket) if "/" in row.key}
            page.objects[:] = [row for row in page.objects if row.key not in groups]


class OneCharacterDelimiter(Forwarding):
    """only the first character of a delimiter counts"""

    id = "LIST-49"

    def list_page(self, bucket: str, *, delimiter: str = "", **options: Any) -> ListPage:
        return super().list_page(bucket, delimiter=delimiter[:1], **options)


class PartialPrefixFindsNothing(PageFilter):
    """a prefix that does not end at the delimiter finds nothing"""

    id = "LIST-53"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        prefix, delimiter = options.get("prefix", ""), options.get("delimiter", "")
        if prefix and delimiter and not prefix.endswith(delimiter):
            page.objects.clear()
            page.prefixes.clear()
            page.next_token = None


class GroupsDropped(PageFilter):
    """a delimiter drops nested keys instead of grouping them"""

    id = "LIST-54"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        page.prefixes.clear()


class FirstPageOnly(PageFilter):
    """listing stops after page 1"""

    id = "LIST-55"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        page.next_token = None


class SegmentPrefix(PageFilter):
    """a prefix matches whole path segments"""

    id = "OWN-SEGMENT"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        prefix = options.get("prefix", "")
        if prefix and not prefix.endswith("/"):
            page.objects[:] = [row for row in page.objects if row.key == prefix or row.key.startswith(prefix + "/")]


class DeletedGroupStays(Forwarding):
    """a group is listed after its last key is gone"""

    id = "LIST-11"

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self._seen: dict[tuple[str, str, str], set[str]] = {}

    def list_page(self, bucket: str, **options: Any) -> ListPage:
        page = super().list_page(bucket, **options)
        delimiter, prefix = options.get("delimiter", ""), options.get("prefix", "")
        if delimiter and not options.get("start_after") and options.get("token") is None and page.next_token is None:
            seen = self._seen.setdefault((bucket, prefix, delimiter), set())
            seen.update(page.prefixes)
            page.prefixes[:] = sorted(seen, key=str.encode)
        return page


class StaleListing(Forwarding):
    """the second listing comes from a cache"""

    id = "OWN-STALE-LIST"

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self._cache: dict[tuple[Any, ...], ListPage] = {}

    def list_page(self, bucket: str, **options: Any) -> ListPage:
        request = (bucket, *sorted((name, str(value)) for name, value in options.items()))
        if request in self._cache:
            return self._cache.pop(request)
        page = super().list_page(bucket, **options)
        self._cache[request] = ListPage(
            objects=list(page.objects), prefixes=list(page.prefixes), next_token=page.next_token
        )
        return page


LISTING: tuple[type[Forwarding], ...] = (
    TokenSkipsOne,
    PrefixIsFolderName,
    StartAfterInclusive,
    PagesOverlap,
    SlashKeysHidden,
    ForeignDelimiterDropped,
    SinglePrefixTruncated,
    DirectoryOrder,
    Utf16Order,
    MarkerHidesItsGroup,
    GroupStraddlesPages,
    ZeroMeansDefault,
    AbsentMarkerSkipsOne,
    GroupTwice,
    ObjectAndFolderMerged,
    MarkerMustExist,
    ChildrenHidden,
    TokenIgnored,
    EmptyTruncatedPage,
    StartAfterWins,
    PrefixNotItself,
    NextByteSkipped,
    OneCharacterDelimiter,
    PartialPrefixFindsNothing,
    GroupsDropped,
    FirstPageOnly,
    SegmentPrefix,
    DeletedGroupStays,
    StaleListing,
)
