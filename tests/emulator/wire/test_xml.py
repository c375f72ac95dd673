"""The XML reader takes documents and nothing else; the writer's escapes come back as they were."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dskit_emulator.wire.errors import S3Error
from dskit_emulator.wire.xml import XMLProblem, escape, parse
from tests.emulator.wire.shapes import codec

DELETE = codec().operations["DeleteObjects"]
COMPLETE = codec().operations["CompleteMultipartUpload"]

_BOMB = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Delete><Object><Key>&b;</Key></Object></Delete>"""
_EXTERNAL = (
    b"""<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><Delete><Object><Key>&x;</Key></Object></Delete>"""
)
_HOSTILE = {
    "nothing but blanks": b"  \n",
    "text": b"hello",
    "cut off": b"<Delete><Object><Key>a</Key>",
    "crossed tags": b"<Delete><Object></Delete></Object>",
    "two roots": b"<Delete/><Delete/>",
    "an entity bomb": _BOMB,
    "an external entity": _EXTERNAL,
    "an empty document type": b"<!DOCTYPE Delete><Delete><Object><Key>a</Key></Object></Delete>",
    "a document type in UTF-16": _BOMB.decode().replace('"1.0"', '"1.0" encoding="UTF-16"').encode("utf-16"),
    "an undefined entity": b"<Delete><Object><Key>&nbsp;</Key></Object></Delete>",
    "an unknown encoding": b'<?xml version="1.0" encoding="klingon"?><Delete/>',
    "an encoding that is no text": b'<?xml version="1.0" encoding="base64"?><Delete/>',
    "not UTF-8": b"<Delete><Object><Key>\xff\xfe</Key></Object></Delete>",
    "a raw control character": b"<Delete><Object><Key>\x01</Key></Object></Delete>",
    "a reference to one": b"<Delete><Object><Key>&#1;</Key></Object></Delete>",
    "NUL": b"<Delete>\x00</Delete>",
    "another root": b"<Tagging><Object><Key>a</Key></Object></Tagging>",
    "an unknown element": b"<Delete><Object><Key>a</Key><Colour>red</Colour></Object></Delete>",
    "no object": b"<Delete><Quiet>true</Quiet></Delete>",
    "no key": b"<Delete><Object><VersionId>v</VersionId></Object></Delete>",
    "two keys": b"<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>",
    "stray text": b"<Delete>x<Object><Key>a</Key></Object></Delete>",
    "elements in a text": b"<Delete><Object><Key><b>a</b></Key></Object></Delete>",
    "a boolean that is none": b"<Delete><Quiet>maybe</Quiet><Object><Key>a</Key></Object></Delete>",
    "a number that is none": b"<Delete><Object><Key>a</Key><Size>1_0</Size></Object></Delete>",
    "a huge number": b"<Delete><Object><Key>a</Key><Size>" + b"9" * 5000 + b"</Size></Object></Delete>",
    "a date that is none": b"<Delete><Object><Key>a</Key><LastModifiedTime>soon</LastModifiedTime></Object></Delete>",
    "a date out of range": b"<Delete><Object><Key>a</Key><LastModifiedTime>0000-00-00T99:00:00Z</LastModifiedTime>"
    b"</Object></Delete>",
    "depth": b"<Delete>" * 5000,
    "depth, closed": b"<a>" * 100 + b"</a>" * 100,
    "JSON": b'{"Delete": []}',
    "a tag of a million attributes": b"<Delete " + b" ".join(b'a%d=""' % i for i in range(600_000)) + b"/>",
    "a tag without an end": b"<Delete a='" + b"x" * 2**22,
    "a long comment": b"<Delete><!--" + b"x" * 2**20 + b"--><Object><Key>a</Key></Object></Delete>",
    "a million attributes in small tags": b"<Delete>" + b"<a a='' b='' c='' d='' e=''/>" * 200_000 + b"</Delete>",
}


@pytest.mark.parametrize("body", _HOSTILE.values(), ids=_HOSTILE)
def test_hostile_documents_are_malformed_and_nothing_worse(body: bytes) -> None:
    with pytest.raises(S3Error) as caught:
        codec().decode_body(DELETE, body)
    assert (caught.value.code, caught.value.status) == ("MalformedXML", 400)
    assert caught.value.reason


_TAGS = st.sampled_from([b"Delete", b"Object", b"Key", b"Quiet", b"CompleteMultipartUpload", b"Part", b"ETag", b"x:y"])
_PIECES = st.one_of(
    _TAGS.map(lambda tag: b"<" + tag + b">"),
    _TAGS.map(lambda tag: b"</" + tag + b">"),
    st.sampled_from([b"<", b">", b"&amp;", b"&#x0;", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<!DOCTYPE a>", b"<?p?>"]),
    st.sampled_from([b' xmlns="u"', b" xmlns:x='u'", b"\xef\xbb\xbf", b"\xff\xfe", b'<?xml version="1.1"?>', b"true"]),
    st.binary(max_size=6),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=14).map(b"".join) | st.binary(max_size=80))
@example(b"<CompleteMultipartUpload/>")
def test_any_bytes_decode_or_are_malformed(body: bytes) -> None:
    for operation in (DELETE, COMPLETE):
        code = ""
        try:
            codec().decode_body(operation, body)
        except S3Error as error:
            code = error.code
        assert code in ("", "MalformedXML", "MissingRequestBodyError")


@pytest.mark.parametrize(
    "body",
    [
        b"<Delete><Object><Key>a</Key></Object></Delete>",
        b'<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>a</Key></Object></Delete>',
        b'<s:Delete xmlns:s="http://s3.amazonaws.com/doc/2006-03-01/"><s:Object><s:Key>a</s:Key></s:Object></s:Delete>',
        b'\xef\xbb\xbf<?xml version="1.0"?>\n<Delete>\n <Object>\n  <Key>a</Key>\n </Object>\n</Delete>\n',
        "<?xml version='1.0' encoding='UTF-16'?><Delete><Object><Key>a</Key></Object></Delete>".encode("utf-16"),
        b"<Delete><!-- one --><Object><Key><![CDATA[a]]></Key></Object></Delete>",
    ],
)
def test_one_document_in_many_dresses(body: bytes) -> None:
    assert codec().decode_body(DELETE, body) == {"Delete": {"Objects": [{"Key": "a"}]}}


def test_texts_are_taken_literally() -> None:
    """Blanks, quotes, percent signs and references of a key stay what they are."""
    body = b"<Delete><Object><Key> a%2F&quot;&#13;\n&lt; </Key></Object></Delete>"
    assert codec().decode_body(DELETE, body) == {"Delete": {"Objects": [{"Key": ' a%2F"\r\n< '}]}}


def test_an_empty_text_is_an_empty_text() -> None:
    body = b"<Delete><Object><Key/></Object></Delete>"
    assert codec().decode_body(DELETE, body) == {"Delete": {"Objects": [{"Key": ""}]}}


def test_what_is_long_but_no_tag_is_taken() -> None:
    """However a document falls into pieces: blanks before and behind, entities, a character at each seam."""
    key = "\u20ac&lt;" * 30_000
    body = f"{' ' * 100_000}<Delete>{' ' * 100_000}<Object><Key>{key}</Key></Object></Delete>{' ' * 100_000}".encode()
    for shift in range(3):
        decoded = codec().decode_body(DELETE, b"\n" * shift + body)
        assert decoded == {"Delete": {"Objects": [{"Key": "\u20ac<" * 30_000}]}}


def test_a_document_above_the_limit_is_not_parsed() -> None:
    with pytest.raises(S3Error) as caught:
        codec().decode_body(DELETE, b"<" * 101, limit=100)
    assert caught.value.code == "MaxMessageLengthExceeded"
    assert caught.value.fields == {"MaxMessageLengthBytes": "100"}


def test_a_thousand_of_the_longest_keys_are_below_the_limit() -> None:
    key = b"&amp;" * 1024
    body = b"<Delete>" + (b"<Object><Key>" + key + b"</Key></Object>") * 1000 + b"</Delete>"
    assert len(codec().decode_body(DELETE, body)["Delete"]["Objects"]) == 1000


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff", min_codepoint=0x20)))
@example("\t\n\r&<>\"'")
@example("]]>")
@example("\x85\u2028\U0001f600")
def test_what_xml_can_hold_comes_back(text: str) -> None:
    document = f"<k>{escape(text)}</k>"
    assert (ElementTree.fromstring(document).text or "") == text
    assert parse(document.encode()).text == text


@pytest.mark.parametrize(
    ("char", "expected"), [("\x01", "&#x1;"), ("\x00", "&#x0;"), ("\x1f", "&#x1f;"), ("\r", "&#13;")]
)
def test_control_characters_are_references(char: str, expected: str) -> None:
    """As S3 sends them; XML 1.0 parsers refuse most, which is what encoding-type=url is for."""
    assert escape(f"a{char}b") == f"a{expected}b"


def test_what_is_no_character_at_all_is_replaced() -> None:
    assert escape("\ud800\ufffe\uffff") == "\ufffd" * 3


def test_depth_and_number_of_elements_are_bounded() -> None:
    assert parse(b"<a>" * 32 + b"</a>" * 32).tag == "a"
    with pytest.raises(XMLProblem, match="deeply nested"):
        parse(b"<a>" * 33 + b"</a>" * 33)
    with pytest.raises(XMLProblem, match="too many"):
        parse(b"<a>" + b"<b/>" * 200_000 + b"</a>")


def test_the_pieces_of_a_text_are_joined_however_many() -> None:
    """In one go: adding each to the text so far took minutes for a document within the limit."""
    many = 199_000
    root = parse(b"<a>" + (b"x<b/>" + b" " * 30) * many + b"</a>")
    assert (len(root.children), root.text.count("x"), len(root.text)) == (many, many, 31 * many)
    assert [child.text for child in parse(b"<a>1<b>2</b>3<c>4<!-- -->5</c></a>").children] == ["2", "45"]


def test_a_reader_says_why() -> None:
    with pytest.raises(XMLProblem, match="entities are not taken"):
        parse(_BOMB)
