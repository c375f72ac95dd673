"""Planted bugs: the test of the test suite.

Each is a wrapper round a correct service that falsifies one thing, most of them what a real store did (the ids are
those of the catalogue of real bugs in `docs/explanation/mutants.md`; ``OWN-`` ids are ours). A suite that misses one of
them has a hole, and the hole has a name.
"""

from __future__ import annotations

from .forwarding import Forwarding, Mutant, mutant_of
from .keys import KEYS
from .listing import LISTING
from .multipart import MULTIPART
from .names import NAMES
from .reads import READS
from .writes import WRITES

__all__ = ["MUTANTS", "Forwarding", "Mutant"]

MUTANTS: tuple[Mutant, ...] = tuple(mutant_of(kind) for kind in (*LISTING, *NAMES, *KEYS, *READS, *WRITES, *MULTIPART))
