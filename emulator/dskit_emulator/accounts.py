"""Who may sign requests: accounts with their keys, and what S3 shows of them.

Everything but the keys is derived from the name, so that two runs of a test show the same owner ids.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from dskit.errors import ConfigurationError
from dskit.record import FrozenRecord, record

__all__ = ["ANONYMOUS", "DEFAULT_ACCOUNT", "Account", "Accounts", "make_account", "parse_account"]

_NAME = r"[A-Za-z0-9_.@+=,-]{1,64}"  # IAM's alphabet for names
_ACCESS_KEY = r"(?a)[^\s/:,=;]{3,128}"  # `/`, `,` and `=` would be ambiguous in Authorization
_EMAIL = r"[^\s@]{1,64}@[^\s@]{1,255}"
_SECRET_KEY = r"[\x21-\x7e]{8,128}"


@record(frozen=True, slots=True)
class Account(FrozenRecord):
    """An owner of buckets with one pair of keys.

    `canonical_id` is 64 hexadecimal digits (Owner/ID on the wire), `account_id` 12 digits
    (``x-amz-expected-bucket-owner``), `email` is an address to which ACLs may grant. The secret is not part of `repr`.
    """

    name: str
    access_key: str
    secret_key: str
    canonical_id: str
    display_name: str
    account_id: str
    email: str

    def __repr__(self) -> str:
        return f"Account({self.name!r}, access_key={self.access_key!r}, account_id={self.account_id!r})"


# Who sends what is not signed. The id is S3's own, seen in its access logs.
ANONYMOUS = Account(
    name="anonymous",
    access_key="",
    secret_key="",
    canonical_id="65a011a29cdf8ec533ec3d1ccaae921c",
    display_name="",
    account_id="",
    email="",
)


def make_account(name: str, access_key: str, secret_key: str, *, email: str | None = None) -> Account:
    """Build an account; its ids depend on `name` alone, and its e-mail address does unless it is given.

    Raises `ConfigurationError` for a name or keys that could not be used on the wire.
    """
    if not re.fullmatch(_NAME, name):
        raise ConfigurationError(f"account name {name!r}: 1 to 64 letters, digits or _.@+=,-")
    if not re.fullmatch(_ACCESS_KEY, access_key):
        raise ConfigurationError(f"account {name}: an access key is 3 to 128 characters without blanks or / : , = ;")
    if not re.fullmatch(_SECRET_KEY, secret_key):
        raise ConfigurationError(f"account {name}: a secret key is 8 to 128 printable ASCII characters")
    if email is None:
        email = name if re.fullmatch(_EMAIL, name) else f"{name.replace('@', '-')}@dskit.test"
    elif not re.fullmatch(_EMAIL, email):
        raise ConfigurationError(f"account {name}: {email!r} is no e-mail address")
    return _derived(name, access_key, secret_key, email)


def _derived(name: str, access_key: str, secret_key: str, email: str) -> Account:
    digest = hashlib.sha256(b"dskit account " + name.encode())
    return Account(
        name=name,
        access_key=access_key,
        secret_key=secret_key,
        canonical_id=digest.hexdigest(),
        display_name=name,
        account_id=f"{int.from_bytes(digest.digest(), 'big') % 10**12:012d}",
        email=email,
    )


def parse_account(text: str) -> Account:
    """Read ``NAME:ACCESS:SECRET`` (the secret may hold colons). Raises `ConfigurationError`, which does not show it."""
    parts = text.split(":", 2)
    if len(parts) != 3:
        raise ConfigurationError("an account is written NAME:ACCESS:SECRET")
    return make_account(*parts)


DEFAULT_ACCOUNT = _derived("dskit", "dskit", "dskit-secret", "dskit@dskit.test")


class Accounts:
    """The accounts of one endpoint. The first one is the `default`: it owns what anonymous requests create."""

    __slots__ = ("_by_access_key", "_by_canonical_id", "default")

    def __init__(self, accounts: Iterable[Account | str] = ()) -> None:
        known = [parse_account(item) if isinstance(item, str) else item for item in accounts] or [DEFAULT_ACCOUNT]
        self.default = known[0]
        self._by_access_key: dict[str, Account] = {}
        self._by_canonical_id: dict[str, Account] = {}
        for account in known:
            if account.access_key in self._by_access_key:
                raise ConfigurationError(f"access key {account.access_key!r} belongs to two accounts")
            self._by_access_key[account.access_key] = account
            self._by_canonical_id.setdefault(account.canonical_id, account)

    def __iter__(self) -> Iterator[Account]:
        return iter(self._by_access_key.values())

    def __len__(self) -> int:
        return len(self._by_access_key)

    def by_access_key(self, access_key: str) -> Account | None:
        return self._by_access_key.get(access_key)

    def by_canonical_id(self, canonical_id: str) -> Account | None:
        return self._by_canonical_id.get(canonical_id)

    def by_email(self, address: str) -> list[Account]:
        """Accounts with that e-mail address, which is compared without regard to case."""
        return [account for account in self if account.email.lower() == address.lower()]

    def by_account_id(self, account_id: str) -> Account | None:
        return next((account for account in self if account.account_id == account_id), None)
