"""The arithmetic of signatures."""

from __future__ import annotations

import hmac

from dskit_emulator.wire.signatures import canonical_headers, sign


def test_signing_is_hmac_for_keys_of_any_length() -> None:
    """RFC 2104: keys longer than a block are hashed first."""
    for length in (0, 1, 32, 63, 64, 65, 200):
        key = bytes(range(length))
        assert sign(key, "text") == hmac.digest(key, b"text", "sha256").hex()


def test_runs_of_blanks_in_signed_headers_count_as_one() -> None:
    headers = {"a": "one  two\tthree", "b": "plain"}
    assert canonical_headers(["a", "b", "c"], headers) == "a:one two three\nb:plain\nc:\n"
