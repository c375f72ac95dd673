"""Properties OBJ (whole objects) and KEY (key identity)."""

from __future__ import annotations

from collections.abc import Callable

from .property import Level, Property, Reach, Severity

__all__ = ["PROPERTIES", "row"]


def row(level: Level) -> Callable[..., Property]:
    """A maker of rows of one level; severity MUST and reach `api` unless said."""

    def make(
        property_id: str,
        statement: str,
        *sources: str,
        severity: Severity = Severity.MUST,
        reach: Reach = Reach.API,
        needs: str = "",
        disputed: bool = False,
        missing: str = "",
        level: Level = level,
    ) -> Property:
        return Property(
            property_id, level, severity, reach, statement, sources, frozenset(needs.split()), disputed, missing
        )

    return make


_core = row(Level.CORE)

PROPERTIES: tuple[Property, ...] = (
    _core(
        "OBJ-01",
        "A read after a completed put returns exactly the bytes put, at every size, whatever bytes they are.",
        "guide:data consistency model",
    ),
    _core("OBJ-02", "HEAD and GET of one object agree on size, ETag, type, metadata and time.", "botocore:HeadObject"),
    _core(
        "OBJ-03",
        "An overwrite replaces bytes, size, content type and all metadata; nothing of the old object merges in.",
        "botocore:PutObject",
    ),
    _core(
        "OBJ-04",
        "A key that was never written, was deleted, or is only a prefix of others reads as NoSuchKey.",
        "botocore:GetObject",
        "peers:object_store put_get_delete_list",
    ),
    _core("OBJ-05", "After a delete, get, head and list no longer see the key.", "guide:data consistency model"),
    _core(
        "OBJ-06",
        "Deleting a key that is not there succeeds and changes nothing.",
        "recorded:test_delete_non_existing_keys",
    ),
    _core(
        "OBJ-07",
        "A delete removes that one key: nothing under it, nothing above it.",
        "botocore:DeleteObject",
        "peers:obstore and opendal folders",
    ),
    _core("OBJ-08", "An object of zero bytes is an object for every verb.", "peers:OCI emptyBlob", "reading"),
    _core("OBJ-09", "A key written again after a delete carries over nothing of its former object.", "reading"),
    _core(
        "OBJ-10",
        "The ETag is there, stable, and the same in the answers to put, head, get and list.",
        "botocore:PutObjectOutput.ETag",
    ),
    _core("OBJ-11", "Different content of a key gets a different ETag.", "botocore:Object.ETag"),
    _core("OBJ-12", "Where declared, the ETag of a single put is the MD5 of its bytes.", "botocore:Object.ETag"),
    _core(
        "OBJ-13",
        "The last-modified time of a key never goes back, and listing and head show the same second.",
        "botocore:Object.LastModified",
    ),
    _core(
        "OBJ-14",
        "User metadata comes back: names lower-cased, values with inner blanks kept and outer ones trimmed.",
        "guide:UsingMetadata",
        needs="put_metadata",
    ),
    _core(
        "OBJ-15",
        "User metadata above 2 KB is refused with MetadataTooLarge and nothing is stored; 2 KB are kept.",
        "guide:UsingMetadata",
        needs="put_metadata",
    ),
    _core(
        "OBJ-16",
        "The content type defaults to binary/octet-stream; the standard headers of a put come back unchanged.",
        "botocore:PutObjectRequest",
        needs="put_headers put_content_type",
    ),
    _core(
        "OBJ-17",
        "response-* parameters change the headers of that answer only.",
        "botocore:GetObjectRequest.ResponseContentType",
        reach=Reach.S3,
    ),
    _core(
        "OBJ-18",
        "A wrong Content-MD5 is BadDigest, a malformed one InvalidDigest, and the object stays as it was.",
        "botocore:PutObjectRequest.ContentMD5",
        needs="put_content_md5",
    ),
    _core(
        "OBJ-19",
        "A wrong checksum is BadDigest and stores nothing; a right one comes back when checksums are asked for.",
        "recorded:test_put_object_checksum",
        needs="put_checksum",
    ),
    _core("OBJ-20", "A write that fails leaves bytes, metadata and ETag of the key as they were.", "reading"),
    _core(
        "OBJ-21",
        "A missing bucket is NoSuchBucket for every verb; a bucket that holds objects is not deleted (BucketNotEmpty).",
        "botocore:NoSuchBucket",
        "botocore:DeleteBucket",
        needs="buckets",
    ),
    _core(
        "KEY-01",
        "Writing or deleting one key changes no other key, and all of them are listed.",
        "guide:object-keys",
    ),
    _core(
        "KEY-02",
        "Empty segments, '.' and '..' are literal parts of a key.",
        "recorded:test_object_with_slashes_in_key",
    ),
    _core(
        "KEY-03",
        "Leading and trailing slashes count; a key that ends in a slash holds bytes like any other.",
        "recorded:test_put_get_object_special_character",
    ),
    _core(
        "KEY-04",
        "Keys are neither Unicode-normalised nor case-folded.",
        "recorded:test_s3_uppercase_key_names",
        "peers:file systems",
    ),
    _core("KEY-05", "Blanks and tabs at either end of a key are kept.", "peers:opendal"),
    _core(
        "KEY-06",
        "'%2F', '%20' and '+' in a key are those characters, through every verb.",
        "recorded:test_url_encoded_key",
    ),
    _core("KEY-07", "'a' and 'a/b' are held together, in either order of writing.", "guide:object-keys"),
    _core(
        "KEY-08",
        "A key of 1,024 bytes of UTF-8 is accepted, one of 1,025 is KeyTooLongError; characters do not count.",
        "guide:object-keys",
    ),
    _core("KEY-09", "A segment longer than 255 bytes is accepted.", "guide:object-keys", "peers:s3rver"),
    _core(
        "KEY-10",
        "Characters that XML escapes or forbids survive put, get, list and batch delete.",
        "botocore:EncodingType",
        "recorded:test_delete_objects_encoding",
    ),
    _core("KEY-11", "Line feeds, carriage returns and tabs in a key reach the object.", "peers:moto"),
    _core(
        "KEY-12",
        "Names that look reserved or internal (?acl, uploads, null, favicon.ico, a UUID) are ordinary keys.",
        "peers:moto",
        "peers:s3proxy",
    ),
    _core(
        "KEY-13",
        "A key that the store cannot hold is refused by every verb with a 4xx: no 5xx, no crash, no alias.",
        "reading",
    ),
)
