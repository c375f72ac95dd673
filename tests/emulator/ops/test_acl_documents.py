"""Reading and showing ACLs: canned names, grant headers, documents, grantees."""

from __future__ import annotations

from typing import Any

import pytest

from dskit.types import Grant
from dskit_emulator.accounts import Accounts, make_account
from dskit_emulator.ops.access import ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY
from dskit_emulator.ops.acl_documents import EC2_BUNDLES, MAX_GRANTS, AclReader, canned_grants, show_acl
from dskit_emulator.wire.errors import S3Error

ANN = make_account("ann", "ann-key", "ann-secret")
BOB = make_account("bob", "bob-key", "bob-secret", email="Bob@example.test")
TWIN = make_account("twin", "twin-key", "twin-secret", email="same@example.test")
TWIN_2 = make_account("twin2", "twin2-key", "twin2-secret", email="same@example.test")
ACCOUNTS = Accounts([ANN, BOB, TWIN, TWIN_2])
ME, THEM = ANN.canonical_id, BOB.canonical_id
READER = AclReader(ACCOUNTS, ME)

CANNED = [
    ("private", []),
    ("public-read", [(ALL_USERS, "READ")]),
    ("public-read-write", [(ALL_USERS, "READ"), (ALL_USERS, "WRITE")]),
    ("authenticated-read", [(AUTHENTICATED_USERS, "READ")]),
    ("aws-exec-read", [(EC2_BUNDLES, "READ")]),
]


@pytest.mark.parametrize(("name", "rows"), CANNED)
def test_canned_acls_of_buckets_and_objects_begin_with_the_owner(name: str, rows: list[tuple[str, str]]) -> None:
    expected = (Grant(ME, "FULL_CONTROL"), *rows)
    assert canned_grants(name, ME) == canned_grants(name, ME, bucket_owner=THEM) == expected


def test_canned_acls_about_the_owner_of_the_bucket_are_for_objects() -> None:
    full = Grant(ME, "FULL_CONTROL")
    assert canned_grants("bucket-owner-read", ME, bucket_owner=THEM) == (full, (THEM, "READ"))
    assert canned_grants("bucket-owner-full-control", ME, bucket_owner=THEM) == (full, (THEM, "FULL_CONTROL"))
    for name in ("bucket-owner-read", "bucket-owner-full-control"):
        assert canned_grants(name, ME, bucket_owner=ME) == canned_grants(name, ME) == (full,)


def test_log_delivery_is_for_buckets() -> None:
    rows = (Grant(ME, "FULL_CONTROL"), (LOG_DELIVERY, "WRITE"), (LOG_DELIVERY, "READ_ACP"))
    assert canned_grants("log-delivery-write", ME) == rows
    assert canned_grants("log-delivery-write", ME, bucket_owner=ME) is None
    assert canned_grants("Private", ME) is None


HEADERS = [
    (f'id="{THEM}"', [THEM]),
    (f"id={THEM}", [THEM]),
    (f'id="{THEM}", id="{ME}"', [THEM, ME]),
    (f'id="{THEM}",uri="{ALL_USERS}" , emailAddress="bob@EXAMPLE.test"', [THEM, ALL_USERS, THEM]),
    (f"uri={LOG_DELIVERY},id = {ME}", [LOG_DELIVERY, ME]),
    (f'ID="{THEM}"', [THEM]),
]


@pytest.mark.parametrize(("text", "grantees"), HEADERS)
def test_a_grant_header_names_grantees(text: str, grantees: list[str]) -> None:
    asked = READER.headers({"GrantRead": text})
    assert asked is not None
    assert asked == (tuple(Grant(grantee, "READ") for grantee in grantees), None)


def test_each_header_has_its_permission_and_nothing_is_added() -> None:
    members = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")
    asked = READER.headers(dict.fromkeys(members, f'id="{THEM}"'))
    assert asked is not None
    assert [row.permission for row in asked.grants] == ["FULL_CONTROL", "READ", "READ_ACP", "WRITE", "WRITE_ACP"]
    assert {row.grantee for row in asked.grants} == {THEM}
    assert READER.headers({"Bucket": "b"}) is None


BAD_HEADERS = [
    ("", "InvalidArgument", "x-amz-grant-read"),
    ("nonsense", "InvalidArgument", "x-amz-grant-read"),
    ('id="x" y', "InvalidArgument", "x-amz-grant-read"),
    (f'id="{THEM}" id="{ME}"', "InvalidArgument", "x-amz-grant-read"),
    (f'user="{THEM}"', "InvalidArgument", "x-amz-grant-read"),
    ('id=""', "InvalidArgument", "id"),
    (f'id="{"0" * 64}"', "InvalidArgument", "id"),
    ('uri="http://acs.amazonaws.com/groups/global/Everyone"', "InvalidArgument", "uri"),
    ('emailAddress="who@example.test"', "UnresolvableGrantByEmailAddress", "emailAddress"),
    ('emailAddress="same@example.test"', "AmbiguousGrantByEmailAddress", "emailAddress"),
]


@pytest.mark.parametrize(("text", "code", "argument"), BAD_HEADERS)
def test_a_header_that_names_nobody_is_refused(text: str, code: str, argument: str) -> None:
    with pytest.raises(S3Error) as refused:
        READER.headers({"GrantRead": text})
    assert (refused.value.code, refused.value.fields["ArgumentName"]) == (code, argument)


def document(owner: str | None, *rows: Any) -> dict[str, Any]:
    return {"Owner": {"ID": owner}, "Grants": list(rows)}


def row(permission: str = "READ", **grantee: str) -> dict[str, Any]:
    return {"Grantee": grantee, "Permission": permission}


@pytest.mark.parametrize("text", ['id={blanks}"', 'id=a{blanks}"', "{blanks}", "id{blanks}x", 'id="a"{blanks}x'])
def test_blanks_without_end_take_no_time_without_end(text: str) -> None:
    """As many as a head may have: what gave them back one by one would be at it for hours."""
    with pytest.raises(S3Error) as caught:
        AclReader(ACCOUNTS, ME).headers({"GrantRead": text.format(blanks=" " * 60_000)})
    assert caught.value.code == "InvalidArgument"


def test_a_document_says_it_all() -> None:
    asked = READER.document(
        document(
            ME,
            row(Type="CanonicalUser", ID=THEM, DisplayName="whatever"),
            row("WRITE", Type="Group", URI=ALL_USERS),
            row("FULL_CONTROL", Type="AmazonCustomerByEmail", EmailAddress="bob@example.test"),
        )
    )
    assert asked.grants == ((THEM, "READ"), (ALL_USERS, "WRITE"), (THEM, "FULL_CONTROL"))
    assert READER.document(document(ME)).grants == ()


BAD_DOCUMENTS = [
    {},
    {"Owner": {"ID": ME}},
    {"Grants": []},
    document(None),
    document(ME, {"Permission": "READ"}),
    document(ME, {"Grantee": {"Type": "Group", "URI": ALL_USERS}}),
    document(ME, row("WRITE_ALL", Type="Group", URI=ALL_USERS)),
    document(ME, row(Type="Robot", ID=THEM)),
    document(ME, row(Type="CanonicalUser", URI=ALL_USERS)),
    document(ME, *[row(Type="CanonicalUser", ID=THEM)] * (MAX_GRANTS + 1)),
]


@pytest.mark.parametrize("policy", BAD_DOCUMENTS)
def test_what_is_no_document_is_malformed(policy: dict[str, Any]) -> None:
    with pytest.raises(S3Error) as refused:
        READER.document(policy)
    assert (refused.value.code, refused.value.status) == ("MalformedACLError", 400)


def test_a_hundred_grants_are_not_too_many() -> None:
    rows = [row(Type="CanonicalUser", ID=THEM)] * MAX_GRANTS
    assert len(READER.document(document(ME, *rows)).grants) == MAX_GRANTS
    with pytest.raises(S3Error):
        READER.headers({"GrantRead": ",".join([f"id={THEM}"] * (MAX_GRANTS + 1))})


def test_the_owner_in_a_document_is_the_owner() -> None:
    with pytest.raises(S3Error) as refused:
        READER.document(document(THEM))
    assert refused.value.code == "AccessDenied"
    with pytest.raises(S3Error) as refused:
        READER.document(document(ME, row(Type="AmazonCustomerByEmail", EmailAddress="who@example.test")))
    assert refused.value.code == "UnresolvableGrantByEmailAddress"


def test_who_was_granted_something_before_may_be_named_though_the_account_is_gone() -> None:
    gone = "f" * 64
    reader = AclReader(ACCOUNTS, ME, present=[Grant(gone, "READ")])
    assert reader.document(document(ME, row(Type="CanonicalUser", ID=gone))).grants == ((gone, "READ"),)


def test_an_acl_is_shown_by_ids_and_groups() -> None:
    shown = show_acl(ME, [Grant(THEM, "READ"), Grant(ALL_USERS, "WRITE")])
    assert shown["Owner"] == {"ID": ME}
    assert [row["Grantee"] for row in shown["Grants"]] == [
        {"ID": THEM, "Type": "CanonicalUser"},
        {"URI": ALL_USERS, "Type": "Group"},
    ]
    assert READER.document(shown).grants == ((THEM, "READ"), (ALL_USERS, "WRITE"))
