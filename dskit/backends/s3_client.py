"""One boto3 client made from dskit's options: own session, own pool, botocore's retries off."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import boto3
import boto3.session
import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader

from ..errors import ConfigurationError
from .remote_xml import readable

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

__all__ = ["make_client"]


def make_client(
    *,
    session: boto3.session.Session | None,
    endpoint: str | None,
    region: str | None,
    addressing: Literal["path", "virtual"] | None,
    access_key: str | None,
    secret_key: str | None,
    session_token: str | None,
    anonymous: bool,
    max_connections: int,
    connect_timeout: float,
    read_timeout: float,
    verify: bool | str,
) -> S3Client:
    """Raises `ConfigurationError` for options that boto3 refuses. No request is sent."""
    if addressing not in (None, "path", "virtual"):
        raise ConfigurationError(f"addressing is 'path' or 'virtual', not {addressing!r}")
    if (access_key is None) != (secret_key is None):
        raise ConfigurationError("access_key and secret_key come together")
    config: dict[str, Any] = {
        "retries": {"total_max_attempts": 1, "mode": "standard"},
        "max_pool_connections": max_connections,
        "connect_timeout": connect_timeout,
        "read_timeout": read_timeout,
        "s3": {"addressing_style": addressing or "auto"},
        "response_checksum_validation": "when_required",  # asked for by `S3Reader`, of whole objects
    }
    if anonymous:
        config["signature_version"] = UNSIGNED
    try:
        session = session or _new_session()
        client = session.client(
            "s3",
            endpoint_url=endpoint,
            region_name=region or session.region_name or "us-east-1",
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            aws_session_token=session_token,
            config=Config(**config),
            verify=verify,
        )
        # The wider pattern comes first: before botocore's own look at the body of a 200, on "before-parse.s3.*".
        client.meta.events.register_first("before-parse.*.*", _make_readable)
        events: Any = client.meta.events  # its types know no handler that answers
        events.register_first("choose-signer.s3", _sign_by_version_4)
        events.register_first("needs-retry.s3", _ask_no_bucket_again)
        return client
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationError(f"boto3 refuses these options: {error}") from error


class _Models(Loader):
    """The models that botocore ships, each read once: reading them is most of what a client costs (260 ms of CPU
    without, 35 ms with). They are never changed after."""

    @property
    def search_paths(self) -> list[str]:
        """A copy, since every session of boto3 appends its own folder, which is here already."""
        return [*super().search_paths]


@cache
def _models(data_path: str | None) -> _Models:
    """The models below the folders of `data_path`, botocore's own and boto3's."""
    given = [os.path.expanduser(path) for path in data_path.split(os.pathsep)] if data_path else []
    return _Models(extra_search_paths=[*given, os.path.join(os.path.dirname(boto3.__file__), "data")])


def _new_session() -> boto3.session.Session:
    """A session of its own, since one may make clients on one thread only, with the models of all."""
    session = botocore.session.get_session()
    session.register_component("data_loader", _models(session.get_config_variable("data_path")))
    return boto3.session.Session(botocore_session=session)


def _sign_by_version_4(signature_version: str, **_: Any) -> str | None:
    """boto3 would choose version 2 for URLs and forms, which leaves most of a request unsigned."""
    return f"s3{signature_version}" if signature_version in ("v4-query", "v4-presign-post") else None


def _ask_no_bucket_again(request_dict: dict[str, Any], response: Any, operation: Any, **_: Any) -> None:
    """botocore asks HeadBucket for the region after a redirect that names none, and HeadBucket again when that is
    redirected likewise, and so on: a RecursionError. It asks nobody where the request is marked as redirected."""
    context = request_dict["context"].get("s3_redirect")
    if response is None or context is None:
        return
    answer = response[1]
    told = "x-amz-bucket-region" in answer["ResponseMetadata"]["HTTPHeaders"] or answer.get("Error", {}).get("Region")
    if context["bucket"] is None or (operation.name == "HeadBucket" and not told):
        context["redirected"] = True


_ECHO_THE_KEY = ("CreateMultipartUpload", "CompleteMultipartUpload", "ListParts")


def _make_readable(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
    """botocore takes an answer that it cannot parse for a broken one, a 500."""
    body = response_dict.get("body")
    if isinstance(body, bytes) and (response_dict["status_code"] >= 300 or operation_model.name in _ECHO_THE_KEY):
        response_dict["body"] = readable(body)
