"""The arithmetic of signatures."""

from __future__ import annotations

import hmac

from dskit_emulator.wire.signatures import SigningKeys, canonical_headers, sign


def test_signing_is_hmac_for_keys_of_any_length() -> None:
    """RFC 2104: keys longer than a block are hashed first."""
    for length in (0, 1, 32, 63, 64, 65, 200):
        key = bytes(range(length))
        assert sign(key, "text") == hmac.digest(key, b"text", "sha256").hex()


def test_runs_of_blanks_in_signed_headers_count_as_one() -> None:
    headers = {"a": "one  two\tthree", "b": "plain"}
    assert canonical_headers(["a", "b", "c"], headers) == "a:one two three\nb:plain\nc:\n"


def test_keys_of_the_longest_regions_are_derived_and_not_remembered() -> None:
    """Where any region will do, whoever sends chooses it, as long as a head may be, before the signature is checked."""
    keys = SigningKeys()
    for number in range(600):
        keys.get("secret", "20260101", f"r{number}")
        assert keys.get("secret", "20260101", "r" * 60_000 + str(number % 2))
    assert len(keys._keys) <= 512
    assert max(len(region) for _, _, region in keys._keys) == 4
