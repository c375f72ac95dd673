"""Properties RNG (ranges) and LST (listing)."""

from __future__ import annotations

from .catalogue_objects import row
from .property import Level, Property, Reach, Severity

__all__ = ["PROPERTIES"]

_range = row(Level.RANGES)
_core = row(Level.CORE)

PROPERTIES: tuple[Property, ...] = (
    _range(
        "RNG-01",
        "first-last is inclusive at both ends, partial, and says which bytes of how many it holds.",
        "recorded:test_get_object_range",
        "RFC 9110 §14",
        needs="get_range",
    ),
    _range(
        "RNG-02", "A last byte at or beyond the end is clamped.", "recorded:test_get_object_range", needs="get_range"
    ),
    _range("RNG-03", "first- reads to the end.", "recorded:test_get_object_range", needs="get_range"),
    _range("RNG-04", "-n reads the last n bytes.", "recorded:test_get_object_range", needs="get_suffix_range"),
    _range(
        "RNG-05",
        "-n with n above the size reads the whole object, as a partial answer.",
        "recorded:test_get_object_range",
        needs="get_suffix_range",
    ),
    _range(
        "RNG-06",
        "A first byte at or beyond the end is InvalidRange (416).",
        "recorded:test_invalid_range_error",
        needs="get_range",
    ),
    _range(
        "RNG-07", "The suffix -0 is InvalidRange (416).", "recorded:test_get_object_range", needs="get_suffix_range"
    ),
    _range(
        "RNG-08",
        "A range whose first byte is after its last is ignored: the whole object, 200.",
        "recorded:test_get_object_range",
        needs="get_range",
    ),
    _range(
        "RNG-09",
        "A malformed range, another unit, or several ranges are ignored: the whole object, 200.",
        "recorded:test_get_object_range",
        "botocore:GetObjectRequest.Range",
        reach=Reach.S3,
    ),
    _range(
        "RNG-10", "The ranges of any partition of an object join to the object.", "RFC 9110 §14.1", needs="get_range"
    ),
    _range(
        "RNG-11",
        "Preconditions are evaluated before the range.",
        "RFC 9110 §13.2.2",
        needs="get_range get_if_match get_if_none_match",
    ),
    _range(
        "RNG-12",
        "HEAD honours Range with the headers that GET has.",
        "botocore:HeadObjectRequest.Range",
        reach=Reach.S3,
    ),
    _range(
        "RNG-13",
        "Any range of an empty object is InvalidRange (416).",
        "RFC 9110 §14.1.1",
        "reading",
        needs="get_range",
        severity=Severity.SHOULD,
    ),
    _range(
        "RNG-14",
        "partNumber=n reads exactly that part and tells the number of parts; beyond the last it is InvalidPartNumber.",
        "recorded:test_get_object_part",
        needs="get_part_number multipart",
        level=Level.MULTIPART,
    ),
    _core(
        "LST-01",
        "The pages together hold every live key under the prefix, and no other.",
        "botocore:ListObjectsV2",
        needs="list",
    ),
    _core(
        "LST-02",
        "Keys and groups come in the order of their UTF-8 bytes.",
        "botocore:ListObjectsV2",
        "guide:ListingKeysUsingAPIs",
        needs="list",
    ),
    _core("LST-03", "Pages do not overlap and strictly increase.", "reading", needs="list list_page"),
    _core("LST-04", "A page holds at most max-keys keys and groups together.", "botocore:KeyCount", needs="list_page"),
    _core(
        "LST-05",
        "A page is truncated when, and only when, more follows; then it has a token that goes on.",
        "botocore:NextContinuationToken",
        needs="list_page",
    ),
    _core(
        "LST-06",
        "Pages are full: no page but the last has fewer than max-keys rows.",
        "botocore:MaxKeys",
        needs="list_page",
        severity=Severity.SHOULD,
    ),
    _core(
        "LST-07",
        "A prefix is a string of characters, not a path segment.",
        "botocore:ListObjectsV2Request.Prefix",
        "peers:obstore",
        needs="list",
    ),
    _core(
        "LST-08",
        "With a delimiter each group appears once, its keys not beside it, and counts as one row.",
        "botocore:CommonPrefixes",
        needs="list_delimiter",
    ),
    _core(
        "LST-09",
        "A group whose keys straddle a page boundary appears on one page only.",
        "peers:duplicated roll-ups",
        needs="list_delimiter list_page",
    ),
    _core(
        "LST-10",
        "Any non-empty string is a delimiter, of several characters as well.",
        "peers:s3-tests bucket_listv2_delimiter",
        needs="list_delimiter list_delimiter_any",
    ),
    _core(
        "LST-11",
        "Groups form after the prefix: the key equal to the prefix is listed as a key.",
        "peers:s3-tests",
        needs="list_delimiter",
    ),
    _core(
        "LST-12",
        "start-after is exclusive and need not exist.",
        "botocore:ListObjectsV2Request.StartAfter",
        needs="list_start_after",
    ),
    _core(
        "LST-13",
        "With a delimiter, groups not greater than start-after are left out.",
        "botocore:ListObjectsV2Request.Delimiter",
        "recorded:test_list_objects_marker_common_prefixes",
        needs="list_delimiter list_start_after",
    ),
    _core(
        "LST-14",
        "A token wins over start-after.",
        "recorded:test_list_objects_v2_continuation_start_after",
        needs="list_page list_start_after",
    ),
    _core(
        "LST-15",
        "A token can be used again, and still works when the key that it points to is gone.",
        "reading",
        needs="list_page",
    ),
    _core(
        "LST-16",
        "Keys that stay during a whole walk appear in it exactly once, whatever comes and goes beside them.",
        "reading",
        needs="list_page",
    ),
    _core(
        "LST-17",
        "max-keys=0 answers an empty page that is not truncated.",
        "peers:s3-tests bucket_listv2_maxkeys_zero",
        needs="list_page",
    ),
    _core(
        "LST-18",
        "max-keys above 1,000 means 1,000, as does none; a negative one is InvalidArgument.",
        "botocore:MaxKeys",
        needs="list_page",
    ),
    _core(
        "LST-19",
        "A listing shows every completed put, copy, delete and completed upload at once.",
        "guide:data consistency model",
        needs="list",
    ),
    _core("LST-20", "Size, ETag and time in a listing are those of head.", "botocore:Object", needs="list"),
    _core(
        "LST-21",
        "Uploads in progress are not listed as objects.",
        "botocore:ListObjectsV2",
        needs="list multipart",
        level=Level.MULTIPART,
    ),
    _core(
        "LST-22",
        "An empty token, or one that this store never gave, is InvalidArgument.",
        "recorded:test_list_objects_v2_continuation_start_after",
        needs="list_page",
    ),
    _core(
        "LST-23",
        "In listings of version 1 the marker is exclusive; NextMarker is the last row, with a delimiter only.",
        "botocore:NextMarker",
        "recorded:test_list_objects_next_marker",
        reach=Reach.S3,
    ),
    _core(
        "LST-24",
        "An empty prefix or delimiter is none; a prefix without keys lists nothing, without an error.",
        "peers:s3-tests",
        needs="list",
    ),
)
