"""What went wrong with the run itself, and when there is no sense in going on."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from pathlib import Path

from dskit.errors import StoreError

__all__ = ["MOST", "MOST_IN_A_ROW", "Troubles", "Unusable", "told"]

MOST_IN_A_ROW = 3
"""Examples in a row that came to nothing: the target is gone. A server that hangs costs a time-out for each."""

MOST = 10
"""In a whole run, for a target that fails now and then: the verdict is `error` from the first one on."""


class Unusable(Exception):
    """The target does not answer, not to us, or with values that are no answers. One sentence says which."""


@dataclass
class Troubles:
    """`errors` are sentences for people. `hopeless`: the run ends, and nothing more is asked of the target."""

    errors: list[str] = field(default_factory=list)
    hopeless: bool = False
    in_a_row: int = 0

    def note(self, group: str, error: Exception) -> None:
        self.errors.append(f"{group}: {told(error)}")
        self.in_a_row += 1
        if not self.hopeless and (self.in_a_row >= MOST_IN_A_ROW or len(self.errors) >= MOST):
            self.hopeless = True
            self.errors.append("the run was given up: the target cannot be tested any longer")

    def none(self) -> None:
        """An example came to its end."""
        self.in_a_row = 0


def told(error: Exception) -> str:
    """One sentence. What is outside the error tree comes with its type and its place, for its author."""
    if isinstance(error, StoreError | Unusable):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"
