"""Properties CPY (copies), CND (conditions), MPU (multipart), DEL (batch delete) and ROB (robustness)."""

from __future__ import annotations

from .catalogue_objects import row
from .property import Level, Property, Reach, Severity

__all__ = ["PROPERTIES"]

_copy = row(Level.COPY)
_cond = row(Level.CONDITIONAL)
_mpu = row(Level.MULTIPART)
_batch = row(Level.BATCH)
_core = row(Level.CORE)

_COPY = (
    _copy(
        "CPY-01",
        "A plain copy keeps bytes, metadata and content type.",
        "recorded:test_s3_copy_metadata_directive_copy",
        needs="copy",
    ),
    _copy(
        "CPY-02",
        "REPLACE replaces all metadata and the type, merging nothing of the source.",
        "recorded:test_s3_copy_metadata_replace",
        needs="copy copy_replace",
    ),
    _copy(
        "CPY-03",
        "A copy of an object onto itself that changes nothing is InvalidRequest.",
        "recorded:test_s3_copy_object_in_place_metadata_directive",
        needs="copy",
    ),
    _copy(
        "CPY-04",
        "A copy of an object onto itself with REPLACE keeps its bytes.",
        "recorded:test_s3_copy_object_in_place_metadata_directive",
        needs="copy copy_replace",
    ),
    _copy(
        "CPY-05",
        "A source that is not there is NoSuchKey and leaves the destination alone.",
        "botocore:CopyObject",
        "peers:object_store copy_rename_nonexistent_object",
        needs="copy",
    ),
    _copy(
        "CPY-06",
        "Source and copy are separate objects: a later write to one never shows on the other.",
        "reading",
        needs="copy",
    ),
    _copy(
        "CPY-07",
        "Conditions on the source that do not hold are 412; of the documented pairs the ETag one decides.",
        "botocore:CopyObjectRequest.CopySourceIfMatch",
        "recorded:test_s3_copy_object_preconditions",
        needs="copy copy_source_conditions",
    ),
    _copy("CPY-08", "Every key that the store holds can be the source of a copy.", "reading", needs="copy"),
    _copy(
        "CPY-09",
        "If-None-Match:* on the destination of a copy is honoured.",
        "recorded:test_copy_object_if_none_match",
        needs="copy copy_if_none_match",
    ),
)

_CONDITIONAL = (
    _cond(
        "CND-01",
        "A put with If-None-Match:* succeeds when the key is absent, else it is 412 and nothing changes.",
        "botocore:PutObjectRequest.IfNoneMatch",
        "recorded:test_put_object_if_none_match",
        needs="put_if_none_match",
    ),
    _cond(
        "CND-02",
        "After a delete, a put with If-None-Match:* succeeds again.",
        "recorded:test_put_object_if_none_match",
        needs="put_if_none_match",
    ),
    _cond(
        "CND-03",
        "A put with If-Match succeeds for the current ETag and is 412 for any other.",
        "recorded:test_put_object_if_match",
        needs="put_if_match",
    ),
    _cond(
        "CND-04",
        "A put with If-Match on a missing key is NoSuchKey and creates nothing.",
        "recorded:test_put_object_if_match",
        needs="put_if_match",
    ),
    _cond(
        "CND-05",
        "Conditions of a put that S3 lacks (If-None-Match with an ETag, If-Match:*, both) are refused, never ignored.",
        "recorded:test_put_object_if_match_validation",
        needs="put_if_none_match put_if_match",
    ),
    _cond(
        "CND-06",
        "A read with a stale If-Match is 412; with a matching If-None-Match, or *, it is 304 without a body.",
        "recorded:test_s3_get_object_preconditions",
        "RFC 9110 §13.1",
        needs="get_if_match get_if_none_match",
    ),
    _cond(
        "CND-07",
        "At the last-modified time If-Modified-Since is 304 and If-Unmodified-Since holds; future dates are ignored.",
        "recorded:test_s3_get_object_preconditions",
        needs="get_if_modified_since get_if_unmodified_since",
    ),
    _cond(
        "CND-08",
        "On reads If-Match beats If-Unmodified-Since, and If-None-Match beats If-Modified-Since.",
        "botocore:GetObject",
        needs="get_if_match get_if_none_match get_if_modified_since get_if_unmodified_since",
    ),
    _cond(
        "CND-09",
        "A delete with a stale If-Match is 412 and deletes nothing; with the current ETag, or *, it deletes; of a key"
        " that is not there it is NoSuchKey.",
        "recorded:test_delete_object_if_match_non_express",
        "botocore:DeleteObjectRequest.IfMatch",
        "peers:localstack#13894, measured on AWS",
        "peers:ministack#1475, measured on AWS; the 204 of ministack#1451 was an error of its author",
        needs="delete_if_match",
    ),
    _cond(
        "CND-10",
        "A completion with If-None-Match:* of a key that exists is 412 and leaves the upload usable.",
        "recorded:test_multipart_if_none_match_with_delete",
        needs="multipart multipart_if_none_match",
        level=Level.MULTIPART,
    ),
    _cond(
        "CND-11",
        "A batch delete with a stale ETag for a key reports PreconditionFailed for that key and keeps it.",
        "botocore:ObjectIdentifier.ETag",
        needs="delete_many delete_many_if_match",
        level=Level.BATCH,
    ),
    _cond(
        "CND-12",
        "Reads accept an ETag without its quotes.",
        "recorded:test_s3_get_object_preconditions",
        needs="get_if_match get_if_none_match",
        severity=Severity.SHOULD,
    ),
)

_MULTIPART = (
    _mpu(
        "MPU-01",
        "Parts join in the order of their numbers, whatever the order of upload.",
        "botocore:CompleteMultipartUpload",
        needs="multipart",
    ),
    _mpu(
        "MPU-02",
        "A part uploaded again under its number replaces the former.",
        "botocore:UploadPart",
        needs="multipart",
    ),
    _mpu(
        "MPU-03",
        "Only the parts that are listed become the object; numbers may have gaps.",
        "recorded:test_complete_multipart_parts_order",
        needs="multipart",
    ),
    _mpu(
        "MPU-04",
        "A part list that does not ascend is InvalidPartOrder.",
        "recorded:test_complete_multipart_parts_order",
        needs="multipart",
    ),
    _mpu(
        "MPU-05",
        "A part that was not uploaded, or a wrong or replaced ETag, is InvalidPart.",
        "recorded:test_multipart_complete_multipart_wrong_part",
        needs="multipart",
    ),
    _mpu(
        "MPU-06",
        "A part but the last that is below the minimum size is EntityTooSmall; of exactly that size it is accepted.",
        "recorded:test_multipart_complete_multipart_too_small",
        needs="multipart",
    ),
    _mpu(
        "MPU-07",
        "Until it is completed an upload is not visible and the old object stays whole.",
        "guide:mpuoverview",
        needs="multipart",
    ),
    _mpu(
        "MPU-08",
        "After an abort the object is as before, and every verb on the upload is NoSuchUpload.",
        "botocore:AbortMultipartUpload",
        needs="multipart",
    ),
    _mpu(
        "MPU-09",
        "An upload id that is unknown, or that belongs to another key, is NoSuchUpload.",
        "recorded:test_multipart_no_such_upload",
        "recorded:test_multipart_key_validation",
        needs="multipart",
    ),
    _mpu(
        "MPU-10",
        "A part number outside 1..10,000 is InvalidArgument.",
        "botocore:UploadPartRequest.PartNumber",
        needs="multipart",
    ),
    _mpu(
        "MPU-11",
        "Metadata and content type given at creation are those of the object.",
        "botocore:CreateMultipartUpload",
        needs="multipart put_metadata put_content_type",
    ),
    _mpu(
        "MPU-12",
        "Uploads of one key at the same time are independent; the one completed last wins.",
        "botocore:CompleteMultipartUpload",
        needs="multipart",
    ),
    _mpu(
        "MPU-13",
        "ListParts gives the parts uploaded, by number, in pages.",
        "recorded:test_list_parts_pagination",
        needs="multipart list_parts",
    ),
    _mpu(
        "MPU-14",
        "ListMultipartUploads gives the uploads by key, then by time, with prefix, delimiter and pages.",
        "botocore:ListMultipartUploads",
        needs="multipart list_uploads",
    ),
    _mpu(
        "MPU-15",
        "Where ETags are MD5, that of a multipart object is the MD5 of the part MD5s, then -N.",
        "guide:checking object integrity",
        needs="multipart",
    ),
    _mpu(
        "MPU-16",
        "A repeated completion answers the same again, or NoSuchUpload; the object stays.",
        "reading",
        needs="multipart",
        severity=Severity.INFO,
    ),
    _mpu(
        "MPU-17",
        "A completion without parts is a 400 and leaves the upload alive.",
        "recorded:test_multipart_parts_checksum_exceptions_composite",
        needs="multipart",
    ),
    _mpu(
        "MPU-18",
        "A part copied from a range holds exactly it; a malformed range or one past the end is InvalidArgument.",
        "recorded:test_upload_part_copy_range",
        needs="multipart multipart_copy",
    ),
    _mpu("MPU-19", "A completion that fails leaves the upload usable.", "reading", needs="multipart"),
)

_BATCH = (
    _batch(
        "DEL-01",
        "Every key of a batch is gone, and each is reported deleted, those that were missing too.",
        "recorded:test_delete_objects",
        needs="delete_many",
    ),
    _batch("DEL-02", "A quiet batch reports errors only.", "botocore:Delete.Quiet", reach=Reach.S3),
    _batch("DEL-03", "A batch of more than 1,000 keys is MalformedXML.", "botocore:DeleteObjects", reach=Reach.S3),
    _batch(
        "DEL-04",
        "A key that cannot be deleted is reported and does not keep the others from being deleted.",
        "botocore:DeleteObjects",
        needs="delete_many",
    ),
)

_ROBUST = (
    _core("ROB-01", "Nothing that the suite sends is answered with a 5xx or kills the store.", "reading"),
    _core("ROB-02", "After every refused request the store is alive and its state is that of the model.", "reading"),
)

PROPERTIES: tuple[Property, ...] = _COPY + _CONDITIONAL + _MULTIPART + _BATCH + _ROBUST
