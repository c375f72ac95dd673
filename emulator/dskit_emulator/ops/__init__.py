"""The operations of S3 that are built: one function each, which knows the reference store and no HTTP.

An operation gets the decoded input and returns the output, both by the names of the service model; `OPERATIONS` is the
table that the pipeline calls them by.
"""

from __future__ import annotations

from . import acls, buckets, configurations, controls, copies, listings, multipart, objects, puts
from .members import check_members
from .registry import Operation, Sink, collect

__all__ = ["OPERATIONS", "Operation", "Sink", "check_members"]

OPERATIONS = collect((acls, buckets, configurations, controls, copies, listings, multipart, objects, puts))
