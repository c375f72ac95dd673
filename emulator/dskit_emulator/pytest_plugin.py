"""pytest fixtures: an S3 endpoint for each test. Loads nothing until a fixture is used.

`s3_server` (session): the server, whose options may be changed by overriding `s3_options`.
`s3` (function): an endpoint on its own port with its own empty store; isolated under xdist and in threads, reachable by
any client, from subprocesses too (`s3.env()`).
`store` (function): a client-API store over that endpoint's socket, bucket ``default``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from dskit import S3Store

    from . import Endpoint, Server


@pytest.fixture(scope="session")
def s3_options() -> dict[str, Any]:
    """Keywords of `dskit_emulator.Server`. Override it in a conftest: ``return {"rules": {"small-parts"}}``."""
    return {}


@pytest.fixture(scope="session")
def s3_server(s3_options: dict[str, Any]) -> Iterator[Server]:
    """The session's server. Tests share its default endpoint; use `s3` for one that nobody else touches."""
    from . import Server

    with Server(**s3_options) as server:
        yield server


@pytest.fixture
def s3(s3_server: Server) -> Iterator[Endpoint]:
    """An S3 endpoint of this test's own: `.url`, `.client()`, `.store()`, `.direct()`, `.env()`."""
    with s3_server.endpoint() as endpoint:
        yield endpoint


@pytest.fixture
def store(s3: Endpoint) -> Iterator[S3Store]:
    """A store on an empty bucket of `s3`."""
    with s3.store() as opened:
        yield opened
