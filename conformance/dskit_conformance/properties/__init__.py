"""Directed checks: what generation does not reach. Limits, malformed requests, the S3 wire."""

from __future__ import annotations

from .directed import Directed, Probe

__all__ = ["DIRECTED", "Directed", "Probe"]

DIRECTED: tuple[Directed, ...] = ()
