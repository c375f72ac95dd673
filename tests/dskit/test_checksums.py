"""Checksums: against hardware, against themselves when parts are combined."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dskit import checksums

DATA = st.binary(max_size=300)


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("CRC32", "cbf43926"),
        ("CRC32C", "e3069283"),
        ("CRC64NVME", "ae8b14860a799888"),
        ("SHA1", hashlib.sha1(b"123456789").hexdigest()),
        ("SHA256", hashlib.sha256(b"123456789").hexdigest()),
        ("MD5", hashlib.md5(b"123456789").hexdigest()),
    ],
)
def test_check_values_of_the_catalogues(algorithm: str, expected: str) -> None:
    """The check value of a CRC is that of the nine digits."""
    assert checksums.crc(algorithm, b"123456789").hex() == expected


@given(DATA, st.integers(0, 300))
def test_the_fallback_equals_the_hardware(data: bytes, cut: int) -> None:
    """Whatever the split, and continued from an earlier value."""
    awscrt = pytest.importorskip("awscrt.checksums")
    for name, fast in (("CRC32C", awscrt.crc32c), ("CRC64NVME", awscrt.crc64nvme)):
        slow = checksums._table_update(name)
        assert slow(data[cut:], slow(data[:cut], 0)) == fast(data, 0)


def test_without_awscrt_the_fallback_is_taken() -> None:
    code = (
        "import sys; sys.modules['awscrt'] = None\n"
        "from dskit import checksums\n"
        "print(*(checksums.crc(name, b'123456789').hex() for name in ('CRC32C', 'CRC64NVME')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["e3069283", "ae8b14860a799888"]


@given(st.lists(DATA, max_size=5), st.sampled_from(["CRC32", "CRC32C", "CRC64NVME"]))
def test_the_crc_of_a_whole_follows_from_its_parts(parts: list[bytes], algorithm: str) -> None:
    known = [(checksums.crc(algorithm, part), len(part)) for part in parts]
    assert checksums.combine(algorithm, known) == checksums.crc(algorithm, b"".join(parts))


@given(DATA, DATA)
def test_crc32_is_that_of_zlib(left: bytes, right: bytes) -> None:
    hasher = checksums.hasher("CRC32")
    hasher.update(left)
    hasher.update(memoryview(right))
    assert int.from_bytes(hasher.digest(), "big") == zlib.crc32(left + right)


def test_a_composite_is_the_checksum_of_checksums_and_says_how_many() -> None:
    digests = [hashlib.sha256(b"a").digest(), hashlib.sha256(b"b").digest()]
    expected = checksums.encode(hashlib.sha256(b"".join(digests)).digest())
    assert checksums.composite("SHA256", digests) == f"{expected}-2"


@pytest.mark.parametrize("value", ["", "AAAA", "not base64!", "AAAAAA==\n", "ÄAAAAA=="])
def test_what_is_not_the_base64_of_a_digest_is_told_apart(value: str) -> None:
    assert checksums.decode(value, "CRC32") is None


def test_an_unknown_algorithm_is_named() -> None:
    with pytest.raises(ValueError, match="XXHASH64"):
        checksums.hasher("XXHASH64")


def test_what_only_python_could_compute_is_not_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "_accelerated", lambda: None)
    assert [name for name in checksums.ALGORITHMS if not checksums.fast(name)] == ["CRC32C", "CRC64NVME"]
    monkeypatch.setattr(checksums, "_accelerated", lambda: {"CRC32C": int, "CRC64NVME": int})
    assert all(map(checksums.fast, checksums.ALGORITHMS))
