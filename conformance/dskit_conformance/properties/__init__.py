"""Directed checks: what generation does not reach. Limits, malformed requests, the S3 wire."""

from __future__ import annotations

from . import batch, conditions, keys, listing, multipart, objects, ranges
from .directed import Directed, Probe

__all__ = ["DIRECTED", "Directed", "Probe"]

DIRECTED: tuple[Directed, ...] = (
    *objects.CHECKS,
    *keys.CHECKS,
    *ranges.CHECKS,
    *listing.CHECKS,
    *conditions.CHECKS,
    *multipart.CHECKS,
    *batch.CHECKS,
)
