"""Pages of uploads that end with a group: AWS leaves the marker of the next page empty, and it is the group's name."""

from __future__ import annotations

from dskit.backends import minio_xml, s3_answers

XML = b"""<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker></NextKeyMarker>
<NextUploadIdMarker></NextUploadIdMarker><EncodingType>url</EncodingType>
<CommonPrefixes><Prefix>a%20b/</Prefix></CommonPrefixes></ListMultipartUploadsResult>"""


def test_boto3_answers() -> None:
    answer = {
        "IsTruncated": True,
        "NextKeyMarker": "",
        "NextUploadIdMarker": "",
        "EncodingType": "url",
        "CommonPrefixes": [{"Prefix": "a%20b/"}],
    }
    page = s3_answers.upload_page(answer)
    assert (page.prefixes, page.next_key_marker) == (["a b/"], "a b/")
    assert s3_answers.upload_page({**answer, "IsTruncated": False}).next_key_marker is None


def test_minio_answers() -> None:
    page = minio_xml.upload_page(minio_xml.parse(XML))
    assert (page.prefixes, page.next_key_marker) == (["a b/"], "a b/")
