"""One machine a capability, and one that mixes them. A machine is a set of weighted rules; a rule does operations."""

from __future__ import annotations

from ..catalogue import FAMILIES
from . import batch, conditions, copying, listing, multipart, objects, ranges
from .base import Machine, Rule, Scene, play

__all__ = ["MACHINES", "Machine", "Rule", "Scene", "play"]

_FOCUSED: tuple[Machine, ...] = (
    objects.MACHINE,
    ranges.MACHINE,
    listing.MACHINE,
    copying.MACHINE,
    conditions.MACHINE,
    multipart.MACHINE,
    batch.MACHINE,
)

MACHINES: tuple[Machine, ...] = (
    *_FOCUSED,
    Machine("integrated", tuple(FAMILIES), tuple(rule for machine in _FOCUSED for rule in machine.rules)),
)
