"""aiobotocore with default settings: many requests at once on one loop."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiobotocore.session import AioSession, get_session
from botocore.exceptions import ClientError

MIB = 1024 * 1024

Run = Callable[[Callable[[Any], Awaitable[None]]], None]


@pytest.fixture(scope="module")
def session() -> AioSession:
    """One for all tests, as in a program: each that is made reads botocore's models again."""
    return get_session()


@pytest.fixture
def run(session: AioSession, site: Any) -> Run:
    """Run a story with a client of its own on a loop of its own."""

    async def main(story: Callable[[Any], Awaitable[None]]) -> None:
        async with session.create_client(
            "s3",
            endpoint_url=site.url,
            region_name="us-east-1",
            aws_access_key_id=site.access_key,
            aws_secret_access_key=site.secret_key,
        ) as client:
            await story(client)

    return lambda story: asyncio.run(main(story))


async def read(client: Any, site: Any, key: str) -> bytes:
    answer = await client.get_object(Bucket=site.bucket, Key=key)
    async with answer["Body"] as body:
        data: bytes = await body.read()
    return data


def test_many_at_once(run: Run, site: Any) -> None:
    async def story(client: Any) -> None:
        keys = [f"k{number}" for number in range(40)]
        await asyncio.gather(*(client.put_object(Bucket=site.bucket, Key=key, Body=key.encode()) for key in keys))
        assert await asyncio.gather(*(read(client, site, key) for key in keys)) == [key.encode() for key in keys]

    run(story)


def test_odd_keys_stay_what_they_are(run: Run, site: Any, odd_key: str) -> None:
    async def story(client: Any) -> None:
        await client.put_object(Bucket=site.bucket, Key=odd_key, Body=b"x")
        assert await read(client, site, odd_key) == b"x"
        listed = await client.list_objects_v2(Bucket=site.bucket)
        assert [row["Key"] for row in listed["Contents"]] == [odd_key]
        await client.delete_object(Bucket=site.bucket, Key=odd_key)
        assert (await client.list_objects_v2(Bucket=site.bucket))["KeyCount"] == 0

    run(story)


def test_a_multipart_upload(run: Run, site: Any) -> None:
    data = hashlib.shake_256(b"aio").digest(20 * MIB + 1)

    async def story(client: Any) -> None:
        where = {"Bucket": site.bucket, "Key": "large"}
        upload = (await client.create_multipart_upload(**where))["UploadId"]
        pieces = [data[at : at + 7 * MIB] for at in range(0, len(data), 7 * MIB)]
        answers = await asyncio.gather(
            *(
                client.upload_part(**where, UploadId=upload, PartNumber=number, Body=piece)
                for number, piece in enumerate(pieces, 1)
            )
        )
        parts = [{"PartNumber": number, "ETag": answer["ETag"]} for number, answer in enumerate(answers, 1)]
        await client.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
        assert await read(client, site, "large") == data

    run(story)


def test_a_paginator(run: Run, site: Any) -> None:
    keys = [f"{number:04d}" for number in range(1030)]
    site.fill(keys)

    async def story(client: Any) -> None:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=site.bucket)
        found = [[row["Key"] for row in page["Contents"]] async for page in pages]
        assert [len(page) for page in found] == [1000, 30]
        assert [key for page in found for key in page] == keys

    run(story)


def test_errors_are_those_of_botocore(run: Run, site: Any) -> None:
    async def story(client: Any) -> None:
        with pytest.raises(client.exceptions.NoSuchKey):
            await client.get_object(Bucket=site.bucket, Key="absent")
        await client.put_object(Bucket=site.bucket, Key="k", Body=b"1", IfNoneMatch="*")
        with pytest.raises(ClientError) as refused:
            await client.put_object(Bucket=site.bucket, Key="k", Body=b"2", IfNoneMatch="*")
        assert refused.value.response["Error"]["Code"] == "PreconditionFailed"

    run(story)
