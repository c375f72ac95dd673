"""Scalars on the wire: dates, booleans and header texts, both ways. Pure functions."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

__all__ = [
    "boolean",
    "decode_metadata",
    "encode_metadata",
    "http_date",
    "iso_date",
    "parse_boolean",
    "parse_http_date",
    "parse_iso_date",
]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS, 1)}
# Patterns as texts: `re` compiles one when it is first used, and remembers it. Most servers never see the half of them.
_IMF_FIXDATE = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z][a-z]) (\d{4}) (\d\d):(\d\d):(\d\d) GMT"
_ISO = r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*([Zz]|[+-]\d\d:?\d\d)?)?"
_COMPACT_ISO = r"(\d{4})(\d\d)(\d\d)[Tt](\d\d)(\d\d)(\d\d)()([Zz])"


def _utc(value: datetime) -> datetime:
    return value if value.tzinfo is UTC else value.astimezone(UTC)


@lru_cache(maxsize=4096)  # an object's time is shown again and again, and a datetime remembers its hash
def http_date(value: datetime) -> str:
    """IMF-fixdate of RFC 9110 section 5.6.7: ``Mon, 12 Oct 2009 17:50:30 GMT``. Fractions are cut off."""
    v = _utc(value)
    return (
        f"{_DAYS[v.weekday()]}, {v.day:02d} {_MONTHS[v.month - 1]} {v.year:04d} "
        f"{v.hour:02d}:{v.minute:02d}:{v.second:02d} GMT"
    )


@lru_cache(maxsize=4096)
def iso_date(value: datetime) -> str:
    """ISO 8601 as S3 writes it in bodies: ``2009-10-12T17:50:30.000Z``. S3's times are whole seconds."""
    return (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat()[:19] + ".000Z"


def parse_http_date(text: str) -> datetime:
    """Read any of the forms of RFC 9110 section 5.6.7, and ISO 8601, which S3 takes as well. Raises ValueError."""
    match = re.fullmatch(_IMF_FIXDATE, text)
    if match:
        day, month, year, hour, minute, second = match.groups()
        if month not in _MONTH_NUMBERS:
            raise ValueError(f"no month {month!r}")
        return datetime(int(year), _MONTH_NUMBERS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    from email.utils import parsedate_to_datetime  # 10 ms that few servers ever need

    try:
        value = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return parse_iso_date(text)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def parse_iso_date(text: str) -> datetime:
    """Read ISO 8601: a date or a date and a time, UTC where no zone is given. Raises ValueError."""
    match = re.fullmatch(_ISO, text.strip()) or re.fullmatch(_COMPACT_ISO, text.strip())
    if not match:
        raise ValueError(f"no ISO 8601 date: {text!r}")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    micro = int((fraction or "0").ljust(6, "0")[:6])
    value = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), micro)
    if zone is None or zone.upper() == "Z":
        return value.replace(tzinfo=UTC)
    sign = -1 if zone[0] == "-" else 1
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    try:
        return value.replace(tzinfo=timezone(sign * offset)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"out of range: {text!r}") from error


def boolean(value: object) -> str:
    return "true" if value else "false"


def parse_boolean(text: str) -> bool:
    """``true`` or ``false`` in any case; an empty text is false. Raises ValueError."""
    lowered = text.lower()
    if lowered == "true":
        return True
    if lowered in ("false", ""):
        return False
    raise ValueError(f"neither true nor false: {text!r}")


# User metadata. S3 keeps Unicode text: it reads RFC 2047 words and raw UTF-8, and writes what is not plain ASCII as
# RFC 2047 words (aws-recorded:test_user_metadata_rfc2047_encoded, test_put_unicode_metadata_with_sig_s3).

_WORD = r"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?="
_BETWEEN_WORDS = r"(\?=)[ \t\r\n]+(?==\?[^?\s]+\?[bBqQ]\?[^?]*\?=)"
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape"})  # codecs of Python alone
_WORD_LENGTH = 63  # of the encoded text in one word: 75 of RFC 2047 section 2 less the frame `=?UTF-8?Q?...?=`


def decode_metadata(text: str) -> str:
    """The stored value of an ``x-amz-meta-`` header. `text` is the header as latin-1 text of the wire's bytes.

    Bytes that are no UTF-8, inside a word or out of one, become U+FFFD inside a word
    (aws-recorded:test_user_metadata_rfc2047_bad_b64_encoded) and latin-1 characters outside (our reading).
    """
    if text.isascii():
        if "=?" not in text:
            return text
    else:
        try:
            text = text.encode("latin-1").decode()
        except UnicodeError:
            return text
    if "=?" not in text:
        return text
    return re.sub(_WORD, _decode_word, re.sub(_BETWEEN_WORDS, r"\1", text))


def _decode_word(match: re.Match[str]) -> str:
    charset, encoding, payload = match.groups()
    try:
        if codecs.lookup(charset).name in _NO_CHARSETS:
            return match[0]
        if encoding in "bB":
            raw = base64.b64decode(payload + "=" * (-len(payload) % 4))
        else:
            import quopri

            raw = quopri.decodestring(payload.replace("_", "=20").encode("latin-1"), header=True)
        text = raw.decode(charset, "replace")
        text.encode()  # UTF-7 can name a lone surrogate, which is no character
        return text
    except (LookupError, UnicodeError, binascii.Error, ValueError):
        return match[0]


def _plain(char: str) -> bool:
    return " " <= char <= "~" or char in "\t\r\n"


def encode_metadata(value: str) -> str:
    """The header text of a stored value: itself where plain ASCII, else RFC 2047 words in UTF-8.

    Words are ``Q`` where most characters are ASCII, else ``B``, as S3 does it; several words where one would be too
    long (RFC 2047 section 2), joined by a blank (our reading: no recording is that long).
    """
    if value.isascii() and (value.isprintable() or all(map(_plain, value))):
        return value
    plain = sum(map(_plain, value))
    foreign = sum(2 if ord(char) > 0xFFFF else 1 for char in value if not _plain(char))
    encode, letter = (_q, "Q") if plain > foreign else (_b, "B")
    return " ".join(f"=?UTF-8?{letter}?{encode(piece)}?=" for piece in _pieces(value, encode))


def _pieces(value: str, encode: Callable[[str], str]) -> list[str]:
    if len(value) > 1 and len(encode(value)) > _WORD_LENGTH:
        middle = len(value) // 2
        return [*_pieces(value[:middle], encode), *_pieces(value[middle:], encode)]
    return [value]


def _b(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()


def _q(text: str) -> str:
    return "".join(
        "_" if byte == 0x20 else chr(byte) if 0x20 < byte < 0x7F and byte not in b"=?_" else f"={byte:02X}"
        for byte in text.encode("utf-8", "surrogatepass")
    )
