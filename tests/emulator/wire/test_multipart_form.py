"""multipart/form-data, against the writers of two HTTP clients, however the bytes arrive."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from urllib3.filepost import encode_multipart_formdata

from dskit_emulator.wire.errors import S3Error
from dskit_emulator.wire.multipart_form import (
    FIELDS_LIMIT,
    FileBegins,
    FileEnds,
    FormField,
    FormParser,
    boundary_of,
)

HEAD = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n'
FIELD = HEAD % b"key" + b"k\r\n"
FILE = HEAD % b"file" + b"bytes\r\n"
END = b"--b--\r\n"


def parse(pieces: Iterable[bytes], boundary: bytes = b"b") -> tuple[list[FormField], list[FileBegins], bytes]:
    """Fields, the beginnings of files, and the bytes in between. Raises `S3Error`."""
    parser = FormParser(boundary)
    events = [event for piece in pieces for event in parser.feed(piece)]
    parser.finish()
    assert [event for event in events if isinstance(event, FileEnds)] == [FileEnds()]
    return (
        [event for event in events if isinstance(event, FormField)],
        [event for event in events if isinstance(event, FileBegins)],
        b"".join(event for event in events if isinstance(event, bytes)),
    )


def refuse(*pieces: bytes) -> S3Error:
    with pytest.raises(S3Error) as caught:
        parse(pieces)
    return caught.value


def cut(body: bytes, places: list[int]) -> list[bytes]:
    at = sorted({0, len(body), *(place % (len(body) + 1) for place in places)})
    return [body[start:stop] for start, stop in itertools.pairwise(at)]


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters='"\\%/'), min_size=1, max_size=8
).filter(lambda name: name.lower() != "file")
VALUES = st.text(st.characters(codec="utf-8"), max_size=12)
CONTENTS = st.lists(st.sampled_from([b"\r", b"\n", b"--", b"\r\n--", b"\r\n--b", b"x", b"\x00\xff"]), max_size=12)


@settings(deadline=None)
@given(
    st.dictionaries(NAMES.filter(lambda name: name.lower() != "file"), VALUES, max_size=4), NAMES, CONTENTS, st.data()
)
def test_what_clients_write_is_read_however_it_is_cut(
    fields: dict[str, str], filename: str, contents: list[bytes], data: st.DataObject
) -> None:
    content = b"".join(contents)
    bodies = [encode_multipart_formdata({**fields, "file": (filename, content)}, boundary="bound-ary")[0]]
    headers = {"Content-Type": "multipart/form-data; boundary=bound-ary"}
    request = httpx.Request("POST", "http://x", data=fields, files={"file": (filename, content)}, headers=headers)
    bodies.append(request.read())
    for body in bodies:
        pieces = cut(body, data.draw(st.lists(st.integers(min_value=0), max_size=6)))
        found, files, taken = parse(pieces, b"bound-ary")
        assert found == [FormField(name, value) for name, value in fields.items()]
        assert (files, taken) == ([FileBegins(filename)], content)


SCRAPS = [
    HEAD % b"key",
    HEAD % b"file",
    END,
    b"--b",
    b"\r\n",
    b"--",
    b"-",
    b"\r",
    b"x",
    b"\xff",
    b'"',
    b"; name=",
    b": ",
]


def outcome(pieces: list[bytes]) -> object:
    try:
        return parse(pieces)
    except S3Error as error:
        return error.code


@settings(deadline=None)
@given(st.lists(st.sampled_from(SCRAPS), max_size=16), st.data())
def test_nonsense_is_refused_and_means_the_same_however_it_is_cut(scraps: list[bytes], data: st.DataObject) -> None:
    body = b"".join(scraps)
    pieces = cut(body, data.draw(st.lists(st.integers(min_value=0), max_size=6)))
    assert outcome(pieces) == outcome([body])


def test_byte_by_byte() -> None:
    body = b"preamble\r\n" + FIELD + FILE + FIELD + END + b"epilogue"
    fields, files, content = parse(bytes([byte]) for byte in body)
    assert (fields, files, content) == ([FormField("key", "k")], [FileBegins(None)], b"bytes")


def test_what_comes_after_the_file_is_ignored() -> None:
    second = HEAD % b"file" + b"other\r\n"
    assert parse([FILE + FIELD + second + END]) == ([], [FileBegins(None)], b"bytes")


@pytest.mark.parametrize(
    ("written", "filename"),
    [
        (b'filename="a b.txt"', "a b.txt"),
        (b"filename=plain.txt", "plain.txt"),
        (b'filename="C:\\dir\\a.txt"', "a.txt"),
        (b'filename="/home/me/a.txt"', "a.txt"),
        (b'filename="a%22b.txt"', 'a"b.txt'),
        (b'filename="a\\"b.txt"', 'a"b.txt'),
        (b'filename="a;b=c.txt"', "a;b=c.txt"),
        (b"filename=\"x\"; filename*=UTF-8''%C3%A9.txt", "é.txt"),
        ('filename="é.txt"'.encode(), "é.txt"),
        (b'filename=""', ""),
        (b"other=1", None),
    ],
)
def test_the_name_of_the_file(written: bytes, filename: str | None) -> None:
    head = b'--b\r\ncontent-disposition:form-data; NAME="FILE"; %s\r\nContent-Type: a/b\r\n\r\n' % written
    assert parse([head + b"x\r\n" + END])[1] == [FileBegins(filename)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        FIELD,
        FIELD + FILE,
        FIELD + FILE + b"--b-",
        FIELD.replace(b"\r\n", b"\n") + FILE + END,
        FILE.replace(b"--b\r\n", b"--b x\r\n") + END,
        FILE.replace(b"--b\r\n", b"--bx\r\n") + END,
        b"--b\r\nno header\r\n\r\n" + END,
        b"--b\r\n\r\nx\r\n" + END,
        b'--b\r\nContent-Disposition: attachment; name="a"\r\n\r\nx\r\n' + END,
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END,
        FILE.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n") + END,
        HEAD % b"key" + b"\xff\r\n" + FILE + END,
        HEAD % b"\xff" + b"k\r\n" + FILE + END,
    ],
)
def test_what_is_not_well_formed(body: bytes) -> None:
    error = refuse(body)
    assert (error.code, error.status) == ("MalformedPOSTRequest", 400)


def test_a_form_without_a_file() -> None:
    assert refuse(FIELD + END).code == "IncorrectNumberOfFilesInPostRequest"


def test_the_fields_have_twenty_kilobytes() -> None:
    overhead = len(HEAD % b"key") + len(b"\r\n") + len(HEAD % b"file")

    def form(size: int) -> bytes:
        return HEAD % b"key" + b"k" * (size - overhead) + b"\r\n" + FILE + END

    for pieces in (lambda body: [body], lambda body: cut(body, list(range(0, len(body), 1000)))):
        assert parse(pieces(form(FIELDS_LIMIT)))[2] == b"bytes"
        error = refuse(*pieces(form(FIELDS_LIMIT + 1)))
        assert (error.code, error.fields) == (
            "MaxPostPreDataLengthExceededError",
            {"MaxPostPreDataLengthBytes": str(FIELDS_LIMIT)},
        )


def test_a_field_or_header_that_never_ends_is_cut_off_at_the_limit() -> None:
    for beginning in (HEAD % b"key", b"--b\r\nContent-Disposition: "):
        parser = FormParser(b"b")
        list(parser.feed(beginning))
        for _ in range(19):
            list(parser.feed(b"x" * 1024))
        with pytest.raises(S3Error, match="MaxPostPreDataLengthExceeded"):
            list(parser.feed(b"x" * 1024))


@pytest.mark.parametrize("end", [b"\r", b"\n", b"x\r"])
def test_blanks_without_end_take_no_time_without_end(end: bytes) -> None:
    """As many as fields may have, and anybody may send: what gave them back one by one would be at it for hours."""
    with pytest.raises(S3Error) as caught:
        parse([b"--b\r\nContent-Disposition:" + b" " * 20_000 + end + b"\r\n\r\n\r\n--b--\r\n"])
    assert caught.value.code == "MalformedPOSTRequest"


def test_the_file_is_given_out_as_it_arrives() -> None:
    parser = FormParser(b"b")
    list(parser.feed(HEAD % b"file"))
    for _ in range(5):
        given_out = b"".join(event for event in parser.feed(b"x" * 1000) if isinstance(event, bytes))
        assert len(given_out) >= 990


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('Multipart/Form-Data; charset=utf-8; Boundary="a b:c"', b"a b:c"),
    ],
)
def test_the_boundary(content_type: str, boundary: bytes) -> None:
    assert boundary_of(content_type) == boundary


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        ("", "PreconditionFailed"),
        ("text/html; charset=UTF-8", "PreconditionFailed"),
        ("application/x-www-form-urlencoded", "PreconditionFailed"),
        ("multipart/form-data", "MalformedPOSTRequest"),
        ("multipart/form-data; boundary=", "MalformedPOSTRequest"),
        ("multipart/form-data; boundary=" + "x" * 71, "MalformedPOSTRequest"),
        ('multipart/form-data; boundary="a "', "MalformedPOSTRequest"),
    ],
)
def test_another_content_type(content_type: str, code: str) -> None:
    """aws-recorded:test_post_object_with_wrong_content_type."""
    with pytest.raises(S3Error) as caught:
        boundary_of(content_type)
    assert caught.value.code == code
