"""Accounts: ids follow from the name, keys that could not be written on the wire are refused."""

import pytest

from dskit.errors import ConfigurationError
from dskit_emulator.accounts import DEFAULT_ACCOUNT, Accounts, make_account, parse_account


def test_ids_follow_from_the_name_alone() -> None:
    one, two = make_account("ann", "ann-key", "ann-secret"), make_account("ann", "other", "other-secret")
    assert (one.canonical_id, one.account_id) == (two.canonical_id, two.account_id)
    assert make_account("bob", "ann-key", "ann-secret").canonical_id != one.canonical_id


def test_ids_have_the_forms_of_aws() -> None:
    account = make_account("ann", "ann-key", "ann-secret")
    assert len(account.canonical_id) == 64
    assert int(account.canonical_id, 16)
    assert len(account.account_id) == 12
    assert account.account_id.isdigit()
    assert account.display_name == "ann"


def test_default_account() -> None:
    accounts = Accounts()
    assert list(accounts) == [DEFAULT_ACCOUNT]
    assert accounts.default is accounts.by_access_key("dskit")
    assert DEFAULT_ACCOUNT.secret_key == "dskit-secret"


def test_first_account_is_the_default_and_look_ups_work() -> None:
    accounts = Accounts(["ann:ann-key:ann-secret", make_account("bob", "bob-key", "bob-secret")])
    assert len(accounts) == 2
    assert accounts.default.name == "ann"
    bob = accounts.by_access_key("bob-key")
    assert bob is not None
    assert accounts.by_canonical_id(bob.canonical_id) is bob
    assert accounts.by_account_id(bob.account_id) is bob
    assert accounts.by_access_key("nobody") is None
    assert accounts.by_canonical_id("nobody") is None
    assert accounts.by_account_id("nobody") is None


def test_a_secret_may_hold_colons() -> None:
    assert parse_account("ann:key:se:cr:et:").secret_key == "se:cr:et:"


def test_two_keys_of_one_name_are_one_owner() -> None:
    accounts = Accounts(["ann:key-one:secret-one", "ann:key-two:secret-two"])
    assert {account.canonical_id for account in accounts} == {accounts.default.canonical_id}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "ann:key",
        ":key:secret-of-ann",
        "ann::secret-of-ann",
        "ann:a/b:secret-of-ann",
        "ann:key:short",
        "ann:k y:x",
    ],
)
def test_bad_accounts_are_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_account(text)


def test_one_access_key_belongs_to_one_account() -> None:
    with pytest.raises(ConfigurationError, match="two accounts"):
        Accounts(["ann:same:secret-one", "bob:same:secret-two"])


def test_no_secret_in_texts() -> None:
    assert "ann-secret" not in repr(make_account("ann", "ann-key", "ann-secret"))
    with pytest.raises(ConfigurationError) as refused:
        parse_account("a b:key:very-secret")
    assert "very-secret" not in str(refused.value)
