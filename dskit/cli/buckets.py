"""`dskit mb` and `rb`: make and remove buckets."""

from __future__ import annotations

import click

from ..errors import BucketNotEmptyError, ConfigurationError
from ..guards import refuse_verb
from ..urls import DEFAULT_BUCKET
from .locations import Location, Session, parse
from .output import ask, command, json_option, printable, row, yes_option

__all__ = ["mb", "rb"]


def _bucket(location: Location) -> str:
    if location.key:
        raise ConfigurationError(f"{location.text} names a key; mb and rb take a bucket")
    if location.lacks_bucket:
        raise ConfigurationError(f"{location.text} names no bucket")
    return location.bucket or DEFAULT_BUCKET


@command
@click.argument("url")
@click.option("--region", help="Where it is to be, if the service has regions.")
@json_option
def mb(session: Session, url: str, region: str | None, as_json: bool) -> None:
    """Make the bucket that URL names."""
    location = parse(url)
    made = session.service(location, make=True).create_bucket(_bucket(location), region=region)
    row(as_json, {"bucket": made.name, "made": True}, f"made {printable(made.name)}")


@command
@click.argument("url")
@click.option("-f", "--force", is_flag=True, help="Remove what is in it first, uploads in progress included.")
@yes_option
@json_option
def rb(session: Session, url: str, force: bool, yes: bool, as_json: bool) -> None:
    """Remove the bucket that URL names. It must be empty, unless --force is given."""
    location = parse(url)
    name = _bucket(location)
    service = session.service(location)
    if force and not service.capabilities.supports.buckets:
        raise refuse_verb("delete_bucket", "buckets")  # before anything is removed
    if force:
        store = service.bucket(name)
        ask(f"Remove the bucket {printable(name)} and everything in it?", yes)
        for error in store.delete_many(found.key for found in store.list()).errors:
            raise ConfigurationError(f"{error.key} could not be removed ({error.code}); the bucket is still there")
        supports = store.capabilities.supports
        if supports.multipart and supports.list_uploads:
            while uploads := store.list_uploads().uploads:
                for upload in uploads:
                    store.abort_multipart_upload(upload.key, upload.upload_id)
    try:
        service.delete_bucket(name)
    except BucketNotEmptyError as error:
        error.message += ": --force removes what is in it first"
        raise
    row(as_json, {"bucket": name, "removed": True}, f"removed {printable(name)}")
