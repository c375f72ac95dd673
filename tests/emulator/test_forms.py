"""POST Object inside the service: what a form that fails leaves, and what its fields are checked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dskit.reference import disk_service
from dskit_emulator.messages import RequestHead, Response
from dskit_emulator.service import S3Service
from tests.emulator.transport import call

BUCKET = "forms"
HEADERS = {"host": "localhost:9000", "content-type": "multipart/form-data; boundary=b"}


def form(fields: dict[str, str], file: bytes = b"data", end: bytes = b"\r\n--b--\r\n") -> bytes:
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    head = '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    return ("".join(parts) + head).encode() + file + end


@pytest.fixture
def service(tmp_path: Path) -> Iterator[S3Service]:
    """Of requests without a signature, so that a form needs no policy."""
    store = disk_service(tmp_path / "store", durability="process")
    service = S3Service(store, rules=["anonymous"])
    store.create_bucket(BUCKET, owner=service.accounts.default.canonical_id)
    yield service
    store.close()


@pytest.mark.parametrize(("end", "code"), [(b"", "MalformedPOSTRequest"), (b"\r\n--b", "MalformedPOSTRequest")])
def test_a_form_that_is_cut_off_leaves_nothing(service: S3Service, tmp_path: Path, end: bytes, code: str) -> None:
    head = RequestHead("POST", f"/{BUCKET}", list(HEADERS.items()))
    exchange = service.open(head)
    assert not isinstance(exchange, Response)
    assert exchange.feed(form({"key": "k"}, b"x" * 300_000, end)) is None
    staged = [path for path in (tmp_path / "store" / "staging").rglob("*") if path.is_file() and path.name != "lock"]
    assert len(staged) == 1
    answer = exchange.finish()
    assert isinstance(answer.body, bytes)
    assert (answer.status, code.encode() in answer.body) == (400, True)
    assert not staged[0].exists()
    assert service.store.list_page(BUCKET).objects == []


def test_a_form_may_name_the_owner_that_it_expects(service: S3Service) -> None:
    owner = service.accounts.default.account_id
    for account_id, status in ((owner, 204), ("123456789012", 403), ("me", 400)):
        fields = {"key": "k", "x-amz-expected-bucket-owner": account_id}
        assert call(service, "POST", f"/{BUCKET}", HEADERS, form(fields)).status == status
        assert len(service.store.list_page(BUCKET).objects) == (status == 204)
        call(service, "DELETE", f"/{BUCKET}/k", {"host": "localhost:9000"})
