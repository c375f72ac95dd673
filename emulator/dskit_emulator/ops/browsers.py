"""What browsers send of their own accord: preflights, which carry no signature.

None is allowed: they are answered as S3 answers where CORS was never configured, which is everywhere here
(aws-recorded:test_cors_http_options_no_config, test_cors_http_options_non_existent_bucket).
"""

from __future__ import annotations

from collections.abc import Mapping

from ..wire.errors import S3Error

__all__ = ["BROWSER_OPERATIONS", "refuse_browser"]

BROWSER_OPERATIONS = frozenset({"PreflightBucket", "PreflightObject"})


def refuse_browser(operation: str, headers: Mapping[str, str], *, bucket_found: bool) -> S3Error:
    """The answer to a member of `BROWSER_OPERATIONS`, to be given before authentication."""
    if "origin" not in headers:
        return S3Error("BadRequest", "Insufficient information. Origin request header needed.")
    problem = "CORS is not enabled for this bucket." if bucket_found else "Bucket not found"
    return S3Error(
        "AccessForbidden",
        f"CORSResponse: {problem}",
        fields={
            "Method": headers.get("access-control-request-method", "OPTIONS"),
            "ResourceType": "BUCKET" if operation == "PreflightBucket" else "OBJECT",
        },
    )
