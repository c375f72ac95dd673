"""Two accounts and a client without a signature, at one service over either catalog."""

from __future__ import annotations

from typing import Any

from botocore import UNSIGNED
from botocore.exceptions import ClientError

from dskit.backend import PushService
from dskit_emulator.accounts import make_account
from dskit_emulator.service import S3Service
from tests.emulator.transport import make_client

__all__ = ["ALICE", "BOB", "BUCKET", "FULL", "Parties", "failed", "rows"]

ALICE = make_account("alice", "alicekey", "alice-secret")
BOB = make_account("bob", "bobkey", "bob-secret")
BUCKET = "hers"
ENDPOINT = "http://localhost:9000"
FULL = "FULL_CONTROL"


class Parties:
    """`alice` owns the bucket, `bob` is another account, `nobody` does not sign."""

    def __init__(self, store: PushService, *rules: str) -> None:
        self.service = S3Service(store, accounts=[ALICE, BOB], rules=rules)
        self.alice = make_client(self.service, account=ALICE, endpoint=ENDPOINT)
        self.bob = make_client(self.service, account=BOB, endpoint=ENDPOINT)
        self.nobody = make_client(self.service, endpoint=ENDPOINT, config={"signature_version": UNSIGNED})

    def put(self, key: str = "k", body: bytes = b"data", *, by: Any = None, **params: Any) -> None:
        (by or self.alice).put_object(Bucket=BUCKET, Key=key, Body=body, **params)

    def get(self, who: Any, key: str = "k") -> bytes:
        body: bytes = who.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return body

    def own(self, ownership: str) -> None:
        rules = {"Rules": [{"ObjectOwnership": ownership}]}
        self.alice.put_bucket_ownership_controls(Bucket=BUCKET, OwnershipControls=rules)

    def block(self, **settings: bool) -> None:
        self.alice.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=settings)


def failed(function: Any, **params: Any) -> str:
    """The code of the error that a call must end in; the status for a HEAD."""
    try:
        function(**{"Bucket": BUCKET, **params})
    except ClientError as error:
        code: str = error.response["Error"]["Code"]
        return code
    raise AssertionError(f"{function.__name__} was answered")


def rows(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Grantee and permission of each row of an ACL, with names for what they are."""
    names = {ALICE.canonical_id: "alice", BOB.canonical_id: "bob"}
    found = []
    for row in answer["Grants"]:
        grantee = row["Grantee"]
        who = names.get(grantee["ID"], grantee["ID"]) if "ID" in grantee else grantee["URI"].rpartition("/")[2]
        found.append((who, row["Permission"]))
    return found
