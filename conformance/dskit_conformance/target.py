"""The subject of a run: any store or service, and fresh ground in it for every example."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import itertools
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote, urlsplit

import dskit
from dskit.backend import ObjectService
from dskit.errors import (
    BucketNotFoundError,
    ConfigurationError,
    InvalidKeyError,
    OutcomeUnknownError,
    StoreError,
    TimedOutError,
    UnavailableError,
)
from dskit.ids import RandomIds
from dskit.service import Service
from dskit.store import Store
from dskit.types import CompletedPart

from .contained import container_of, is_contained
from .outcomes import Op
from .result import TargetFacts

__all__ = ["Ground", "Target", "open_target"]

SWEEP_PAGES = 200
FULL_PAGE = 1000
ANSWER_SECONDS = 20.0
"""How long an endpoint may be silent. What is asked of it is small, and a server that hangs costs several of these."""
SILENT = (UnavailableError, TimedOutError, OutcomeUnknownError)
"""What a target that is gone raises."""
REMOTE = {"MinIOService", "ObstoreService"}
"""Classes, or bases, of services whose calls are requests, though they have no `raw`."""


@dataclass
class Target:
    """`service` is where scratch buckets are made; without it, examples run in prefixes of `store`.

    Nothing is created or deleted outside of the scratch buckets or, in `store`, outside of the run's own prefix.
    """

    facts: TargetFacts
    service: Service | None
    store: Store | None
    closes: bool = True
    token: str = field(default_factory=lambda: RandomIds().token(4).hex())
    made: int = 0
    left_behind: list[str] = field(default_factory=list)
    """Names of ground that may still be there."""
    held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    """What the target needs while it is open: the container that it is in."""

    @property
    def blocking(self) -> bool:
        owner = self.service or self.store
        return owner is not None and owner.service.blocking

    @property
    def prefixed(self) -> bool:
        return self.service is None

    @contextlib.contextmanager
    def ground(self) -> Iterator[Ground]:
        """A store that is empty, for one example; removed afterwards whatever happened.

        Its name is in `left_behind` from before it is made until it is known to be gone: a signal may end the run
        between any two steps, and what it leaves is the sweep's.
        """
        self.made += 1
        name = f"dskit-{self.token}-{self.made}"
        self.left_behind.append(name)
        if self.service is not None:
            self._create_bucket(self.service, name)
        ground = self._named(name)
        try:
            yield ground
        finally:
            if ground.clear():
                self.left_behind.remove(name)

    def _create_bucket(self, service: Service, name: str) -> None:
        try:
            service.create_bucket(name)
        except OutcomeUnknownError:
            raise
        except Exception:  # a refusal: what is there by that name, if anything, is not ours
            self.left_behind.remove(name)
            raise

    def _named(self, name: str) -> Ground:
        if self.service is not None:
            return Ground(self.service.bucket(name), self.service)
        assert self.store is not None
        return Ground(Store(self.store.service, self.store.bucket, prefix=f"{self.store.prefix}{name}/"), None)

    def sweep(self) -> list[str]:
        """Remove what single examples could not; the names of what is still there, as far as is known.

        A target that answers no more ends it: each further name would cost the same time-outs.
        """
        for name in list(self.left_behind):
            try:
                gone = self._named(name).emptied()
            except SILENT:
                break
            if gone:
                self.left_behind.remove(name)
        return list(self.left_behind)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        try:
            self.sweep()
        finally:
            self.close()

    def close(self) -> None:
        with self.held:
            if self.closes:
                for owner in (self.service, self.store):
                    if owner is not None:
                        owner.close()


@dataclass
class Ground:
    """`store` is for the example alone; `service` is there when it is a bucket."""

    store: Store
    service: Service | None

    def clear(self) -> bool:
        """Remove every object, every upload, and the bucket. False when something stays or nobody answers."""
        try:
            return self.emptied()
        except SILENT:
            return False

    def emptied(self) -> bool:
        """As `clear`. Raises one of `SILENT` where nobody answers."""
        try:
            self._remove_objects(batches=self.store.capabilities.supports.delete_many)
            if self.service is not None and _gone(self.service, self.store.bucket):
                return True
            self._abort_uploads()
            return self.service is None or _gone(self.service, self.store.bucket)
        except BucketNotFoundError:
            return True
        except SILENT:
            raise
        except Exception:  # a subject may fail in any way at all, also while it is being tidied up
            return False

    def _remove_objects(self, *, batches: bool) -> None:
        """In batches where they work, else one by one."""
        for _ in range(SWEEP_PAGES):
            keys = [row.key for row in itertools.islice(self.store.list(), FULL_PAGE)]
            if not keys:
                return
            if batches:
                try:
                    left: object = self.store.delete_many(keys).errors
                except InvalidKeyError as error:  # the client refuses to name one of them
                    left = error
                batches = not left and len(keys) > 1
                if len(keys) < FULL_PAGE and not left and self.service is not None:
                    return  # whether anything is left shows when the bucket is deleted
                continue
            for key in keys:
                with contextlib.suppress(StoreError):
                    self._delete(key)

    def _delete(self, key: str) -> None:
        """A key that the client refuses to name was made by a raw call, and goes by one."""
        try:
            self.store.delete(key)
        except InvalidKeyError:
            if not self.store.capabilities.supports.raw:
                raise
            self.store.raw("DeleteObject", Key=self.store.prefix + key)

    def _abort_uploads(self) -> None:
        self._remove_objects(batches=False)
        supports = self.store.capabilities.supports
        if supports.multipart and supports.list_uploads:
            for upload in self.store.list_uploads().uploads:
                with contextlib.suppress(StoreError):
                    self.store.abort_multipart_upload(upload.key, upload.upload_id)


def _gone(service: Service, bucket: str) -> bool:
    try:
        service.delete_bucket(bucket)
    except StoreError as error:
        return error.code == "NoSuchBucket"
    return True


def open_target(target: Any, *, name: str | None = None, isolation: str | None = None) -> Target:
    """A subject from a URL, an ``http(s)://HOST:PORT`` S3 endpoint, ``container:minio?image=NAME``,
    ``py:MODULE:FUNCTION``, a `Store`, a `Service`, an `ObjectService`, or a callable that returns one.

    `isolation` ``bucket`` makes a scratch bucket an example, ``prefix`` stays inside a prefix of the one bucket that
    the target names; the default is a bucket where the target is a service or names no bucket. Raises
    `ConfigurationError`, and for a container that cannot be used also `UnavailableError` and `TimedOutError`.
    """
    if isolation not in (None, "bucket", "prefix"):
        raise ConfigurationError(f"isolation is 'bucket' or 'prefix', not {isolation!r}")
    with contextlib.ExitStack() as held:
        image: dict[str, str] = {}
        if is_contained(target):
            if isolation == "prefix":
                raise ConfigurationError("isolation by prefix needs a target that names a bucket")
            container = held.enter_context(container_of(target))
            image = dataclasses.asdict(container.image_facts)
            opened: tuple[Service | None, Store | None] = (container.open_service(), None)
        else:
            opened = _opened(target, prefix=isolation == "prefix")
        subject = _subject(target, *opened, name=name, isolation=isolation)
        subject.facts.image = image
        subject.held = held.pop_all()
        return subject


def _subject(
    target: Any, service: Service | None, store: Store | None, *, name: str | None, isolation: str | None
) -> Target:
    if isolation == "bucket" and service is None and store is not None:
        service = Service(store.service)
    if isolation == "prefix" and store is None:
        raise ConfigurationError("isolation by prefix needs a target that names a bucket")
    if service is not None and not service.capabilities.supports.buckets:
        store, service = store or service.bucket("default"), None
    if isolation == "prefix":
        service = None
    owner = service or store
    assert owner is not None
    facts = TargetFacts(
        name=name or _called(target, owner),
        url=_redacted(target) if isinstance(target, str) else "",
        store=type(owner.service).__name__,
        isolation="bucket" if service else "prefix",
        in_process=_in_process(owner.service),
        capabilities=owner.capabilities,
        min_part_bytes=owner.capabilities.limits.min_part_bytes,
    )
    return Target(facts, service, store, closes=not isinstance(target, Store | Service | ObjectService))


def _opened(target: Any, *, prefix: bool) -> tuple[Service | None, Store | None]:
    if isinstance(target, str) and target.startswith("py:"):
        target = _named(target)
    if isinstance(target, str):
        if target.startswith(("http://", "https://")):
            target = f"s3://?endpoint={quote(target, safe=':/@')}"
        patient = urlsplit(target).scheme not in ("s3", "minio") or "client=" in target  # obstore's has no such option
        options = {} if patient else {"read_timeout": ANSWER_SECONDS}
        if prefix or _names_bucket(target):
            return None, dskit.open_store(target, **options)
        return dskit.open_service(target, **options), None
    made: Any = target
    if isinstance(target, Callable) and not isinstance(target, Store | Service | ObjectService):  # type: ignore[arg-type]
        made = target()  # what it raises is the caller's own, and says more than a wrapped one
    if isinstance(made, Service):
        return made, None
    if isinstance(made, Store):
        if made.prefix or not made.capabilities.supports.buckets:
            return None, made
        return Service(made.service), made
    if isinstance(made, ObjectService):
        return Service(made), None
    raise ConfigurationError(f"a target is a URL, a store, a service or a callable that makes one, not {_kind(made)}")


def _kind(value: object) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"


def _named(target: str) -> Callable[[], Any]:
    """The callable of ``py:MODULE:FUNCTION``; the current folder is searched too, as by ``python -m``."""
    _, _, place = target.partition(":")
    module, _, name = place.partition(":")
    if not module or not name:
        raise ConfigurationError(f"a Python target is py:MODULE:FUNCTION, not {target}")
    sys.path.insert(0, "")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"{target}: {error}") from error
    finally:
        sys.path.remove("")
    if not callable(found):
        raise ConfigurationError(f"{target} is no callable, but {type(found).__name__}")
    made: Callable[[], Any] = found
    return made


def _names_bucket(url: str) -> bool:
    """Whether a remote URL names a bucket, which is then the only one that is touched."""
    parts = urlsplit(url)
    if parts.scheme in ("s3", "gs", "az"):
        return bool(parts.netloc)
    if parts.scheme in ("dav+http", "dav+https"):
        return True  # the whole path is the bucket
    return parts.scheme == "minio" and bool(parts.path.strip("/"))


def _in_process(service: ObjectService) -> bool:
    """Whether a check costs no request: the quota of checks is higher then."""
    return not service.capabilities.supports.raw and REMOTE.isdisjoint(kind.__name__ for kind in type(service).__mro__)


def _called(target: Any, owner: Service | Store) -> str:
    if is_contained(target):
        return str(target).partition("?")[0]  # the image has a place of its own
    return _redacted(target) if isinstance(target, str) else owner.name


def _redacted(url: str) -> str:
    """The URL without user information and without secrets in its query."""
    url = re.sub(r"(?<=//)[^?]*@", "", url)
    return re.sub(r"(?i)((?:secret|password|token|access)[^=&]*)=[^&]*", r"\1=…", url)


def probe_min_part(target: Target) -> int:
    """The least part that others may follow: 1 where two parts of one byte are joined, else what is declared."""
    supports = target.facts.capabilities.supports
    if not supports.multipart or target.facts.min_part_bytes <= 1:
        return target.facts.min_part_bytes
    with target.ground() as ground:
        store = ground.store
        try:
            upload = store.create_multipart_upload("probe").upload_id
            parts = [store.upload_part("probe", upload, number, b"x") for number in (1, 2)]
            named = [CompletedPart(number=part.number, etag=part.etag) for part in parts]
            store.complete_multipart_upload("probe", upload, named)
        except Exception:  # what is wrong with uploads is for the suite to find
            return target.facts.min_part_bytes
    return 1


SMOKE: tuple[Op, ...] = (
    {"op": "put", "key": "smoke", "size": 17, "salt": 1},
    {"op": "get", "key": "smoke"},
    {"op": "list"},
    {"op": "delete", "key": "smoke"},
    {"op": "list"},
)
"""What must work before anything else is worth a look."""
