"""The decision about a request: who asks, what it needs, what is granted. Tables, without a service."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dskit.types import Access, Grant
from dskit_emulator.accounts import ANONYMOUS
from dskit_emulator.ops import OPERATIONS
from dskit_emulator.ops.access import (
    ALL_USERS,
    AUTHENTICATED_USERS,
    LOG_DELIVERY,
    NEEDS,
    BucketAccess,
    Need,
    Requester,
    UploadAccess,
    decide,
    grants,
)

OWNER, WRITER, OTHER = Requester("owner"), Requester("writer"), Requester("other")
NOBODY = Requester(ANONYMOUS.canonical_id, anonymous=True)
WHO = {"owner": OWNER, "writer": WRITER, "other": OTHER, "nobody": NOBODY}
HIS = Access("writer", (Grant("writer", "FULL_CONTROL"),))
OWNERS = Access("owner", (Grant("owner", "FULL_CONTROL"),))


def bucket(*rows: tuple[str, str], acls: bool = True, ignore_public: bool = False) -> BucketAccess:
    return BucketAccess("owner", tuple(Grant(*row) for row in rows), acls, ignore_public)


def allowed(need: Need, where: BucketAccess, found: Access | UploadAccess | None = None) -> set[str]:
    """Names of those who may."""
    return {name for name, who in WHO.items() if decide(need, who, where, found) is None}


# rows of an ACL

GRANTED = [
    (("other", "READ"), OTHER, "READ", True),
    (("other", "READ"), WRITER, "READ", False),
    (("other", "READ"), OTHER, "WRITE", False),
    (("other", "READ_ACP"), OTHER, "READ", False),
    (("other", "FULL_CONTROL"), OTHER, "WRITE_ACP", True),
    ((ALL_USERS, "READ"), NOBODY, "READ", True),
    ((ALL_USERS, "READ"), OTHER, "READ", True),
    ((ALL_USERS, "READ"), NOBODY, "READ_ACP", False),
    ((AUTHENTICATED_USERS, "READ"), OTHER, "READ", True),
    ((AUTHENTICATED_USERS, "READ"), NOBODY, "READ", False),
    ((LOG_DELIVERY, "FULL_CONTROL"), OTHER, "READ", False),
    ((LOG_DELIVERY, "FULL_CONTROL"), NOBODY, "READ", False),
]


@pytest.mark.parametrize(("row", "who", "permission", "expected"), GRANTED)
def test_a_row_gives_its_permission_to_its_grantee(
    row: tuple[str, str], who: Requester, permission: str, expected: bool
) -> None:
    assert grants([Grant("nobody-else", "READ"), Grant(*row)], who, permission) is expected


@pytest.mark.parametrize("group", [ALL_USERS, AUTHENTICATED_USERS])
def test_ignored_public_rows_give_nothing_and_the_others_still_do(group: str) -> None:
    rows = [Grant(group, "FULL_CONTROL"), Grant("writer", "READ")]
    assert not grants(rows, OTHER, "READ", ignore_public=True)
    assert grants(rows, WRITER, "READ", ignore_public=True)


# needs that are about the bucket

EVERYBODY = {"owner", "writer", "other", "nobody"}
ON_BUCKET = [
    (Need.LIST, "READ"),
    (Need.BUCKET_READ_ACP, "READ_ACP"),
    (Need.BUCKET_WRITE_ACP, "WRITE_ACP"),
    (Need.WRITE, "WRITE"),
]


@pytest.mark.parametrize(("need", "permission"), ON_BUCKET)
def test_a_bucket_is_open_to_its_owner_and_to_whom_it_grants_the_permission(need: Need, permission: str) -> None:
    others = [other for _, other in ON_BUCKET if other != permission]
    assert allowed(need, bucket()) == {"owner"}
    assert allowed(need, bucket(("other", permission))) == {"owner", "other"}
    assert allowed(need, bucket(("other", "FULL_CONTROL"))) == {"owner", "other"}
    assert allowed(need, bucket(*[("other", other) for other in others])) == {"owner"}
    assert allowed(need, bucket((ALL_USERS, permission))) == EVERYBODY
    assert allowed(need, bucket((AUTHENTICATED_USERS, permission))) == EVERYBODY - {"nobody"}
    assert allowed(need, bucket((ALL_USERS, permission), ("other", permission), acls=False)) == {"owner"}
    assert allowed(need, bucket((ALL_USERS, permission), ignore_public=True)) == {"owner"}


def test_write_is_for_new_objects_and_for_ones_own() -> None:
    """User guide, "ACL overview": "for the bucket and object owners of existing objects, also … overwrites"."""
    public = bucket((ALL_USERS, "WRITE"))
    assert allowed(Need.WRITE, public, None) == EVERYBODY
    assert allowed(Need.WRITE, public, OWNERS) == {"owner"}
    assert allowed(Need.WRITE, public, HIS) == {"owner", "writer"}
    assert allowed(Need.WRITE, public, Access(ANONYMOUS.canonical_id, ())) == {"owner", "nobody"}
    assert allowed(Need.WRITE, bucket(), HIS) == {"owner"}, "whose object it is does not open the bucket"


# needs that are about an object

ON_OBJECT = [(Need.OBJECT_READ, "READ"), (Need.OBJECT_READ_ACP, "READ_ACP"), (Need.OBJECT_WRITE_ACP, "WRITE_ACP")]


@pytest.mark.parametrize(("need", "permission"), ON_OBJECT)
def test_an_object_is_open_to_its_owner_and_to_whom_it_grants_the_permission(need: Need, permission: str) -> None:
    def his(*rows: tuple[str, str]) -> Access:
        return Access("writer", tuple(Grant(*row) for row in rows))

    others = [other for _, other in ON_OBJECT if other != permission] + ["WRITE"]
    assert allowed(need, bucket(), his()) == {"writer"}, "the owner of the bucket has no part in it"
    assert allowed(need, bucket(), OWNERS) == {"owner"}
    assert allowed(need, bucket(), his(("owner", permission))) == {"owner", "writer"}
    assert allowed(need, bucket(), his(("other", "FULL_CONTROL"))) == {"writer", "other"}
    assert allowed(need, bucket(), his(*[("other", other) for other in others])) == {"writer"}
    assert allowed(need, bucket(), his((ALL_USERS, permission))) == EVERYBODY
    assert allowed(need, bucket(ignore_public=True), his((ALL_USERS, permission))) == {"writer"}
    open_bucket = bucket((ALL_USERS, "FULL_CONTROL"))
    assert allowed(need, open_bucket, his()) == {"writer"}, "the bucket's grants say nothing about objects"


@pytest.mark.parametrize(("need", "permission"), ON_OBJECT)
def test_where_acls_are_disabled_the_owner_of_the_bucket_owns_the_objects(need: Need, permission: str) -> None:
    public = Access("writer", (Grant(ALL_USERS, permission), Grant("other", permission)))
    assert allowed(need, bucket(acls=False), public) == {"owner"}


@pytest.mark.parametrize("need", [need for need, _ in ON_OBJECT])
def test_a_missing_object_is_told_to_those_who_may_list(need: Need) -> None:
    assert allowed(need, bucket(), None) == {"owner"}
    assert allowed(need, bucket(("other", "READ")), None) == {"owner", "other"}
    assert allowed(need, bucket((ALL_USERS, "READ")), None) == EVERYBODY
    assert allowed(need, bucket(("other", "WRITE")), None) == {"owner"}
    assert allowed(need, bucket((ALL_USERS, "READ"), acls=False), None) == {"owner"}


PERMISSIONS = st.sampled_from(["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"])
GRANTEES = st.sampled_from(["owner", "writer", "other", ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY])
GRANTS = st.lists(st.builds(Grant, GRANTEES, PERMISSIONS), max_size=4).map(tuple)
OBJECTS = st.none() | st.builds(Access, st.sampled_from(["owner", "writer", ANONYMOUS.canonical_id]), GRANTS)
# Each need with something that it can be about.
ABOUT = st.one_of(
    st.tuples(st.sampled_from([Need.UPLOAD, Need.UPLOAD_OWNER]), st.builds(UploadAccess, st.sampled_from(list(WHO)))),
    st.tuples(st.sampled_from([need for need in Need if need not in (Need.UPLOAD, Need.UPLOAD_OWNER)]), OBJECTS),
)


@settings(deadline=None)
@given(ABOUT, GRANTS, GRANTS)
def test_another_grant_never_closes_anything(about: Any, some: tuple[Grant, ...], more: tuple[Grant, ...]) -> None:
    need, found = about
    larger = found._replace(grants=found.grants + more) if isinstance(found, Access) else found
    before = allowed(need, BucketAccess("owner", some), found)
    assert before <= allowed(need, BucketAccess("owner", some + more), larger)
    assert allowed(need, BucketAccess("owner", some, ignore_public=True), found) <= before


@settings(deadline=None)
@given(ABOUT, GRANTS)
def test_where_acls_are_disabled_the_owner_may_all_and_no_grant_counts(about: Any, some: tuple[Grant, ...]) -> None:
    need, found = about
    if need not in (Need.ACCOUNT, Need.EACH_ROW, Need.UPLOAD_OWNER):
        assert allowed(need, BucketAccess("owner", some, acls=False), found) == {"owner"}


def test_what_no_permission_is_about_is_for_the_owners() -> None:
    public = Access("writer", (Grant(ALL_USERS, "FULL_CONTROL"),))
    open_bucket = bucket((ALL_USERS, "FULL_CONTROL"))
    assert allowed(Need.OBJECT_OWNER, open_bucket, public) == {"owner", "writer"}
    assert allowed(Need.OBJECT_OWNER, bucket(acls=False), public) == {"owner"}
    assert allowed(Need.OBJECT_OWNER, open_bucket, None) == {"owner"}
    assert allowed(Need.OWNER, open_bucket) == {"owner"}


# uploads, and the rest


def test_only_who_began_an_upload_goes_on_with_it_and_needs_write() -> None:
    """User guide, "Multipart upload API and permissions"."""
    begun = UploadAccess("writer")
    assert allowed(Need.UPLOAD, bucket(), begun) == set()
    assert allowed(Need.UPLOAD, bucket(("writer", "WRITE"), ("other", "WRITE")), begun) == {"writer"}
    assert allowed(Need.UPLOAD, bucket(), UploadAccess("owner")) == {"owner"}
    assert allowed(Need.UPLOAD, bucket(("writer", "WRITE")), None) == {"owner", "writer"}, "no such upload, they hear"
    assert allowed(Need.UPLOAD, bucket(("writer", "WRITE"), acls=False), begun) == {"owner"}


def test_who_began_an_upload_and_the_owner_of_the_bucket_see_and_end_it() -> None:
    public = bucket((ALL_USERS, "FULL_CONTROL"))
    assert allowed(Need.UPLOAD_OWNER, public, UploadAccess("writer")) == {"owner", "writer"}
    assert allowed(Need.UPLOAD_OWNER, bucket(), None) == {"owner"}
    assert allowed(Need.UPLOAD_OWNER, bucket(("other", "WRITE")), None) == {"owner", "other"}, "no such upload"


def test_an_account_is_what_nobody_has() -> None:
    assert allowed(Need.ACCOUNT, bucket()) == EVERYBODY - {"nobody"}
    assert allowed(Need.EACH_ROW, bucket()) == EVERYBODY


BUCKET_OWNERS = {
    "DeleteBucket",
    "GetBucketLocation",
    "GetBucketOwnershipControls",
    "PutBucketOwnershipControls",
    "DeleteBucketOwnershipControls",
    "GetPublicAccessBlock",
    "PutPublicAccessBlock",
    "DeletePublicAccessBlock",
}


def test_every_built_operation_has_a_need_or_is_the_owners_alone() -> None:
    """So that a new operation is thought about; the getters of bucket configurations are the owner's."""
    alone = {name for name in OPERATIONS if name not in NEEDS}
    assert {
        name for name in alone if not name.startswith(("GetBucket", "ListBucket", "GetObjectLock"))
    } <= BUCKET_OWNERS
