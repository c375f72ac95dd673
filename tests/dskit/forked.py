"""What happens in a forked child."""

from __future__ import annotations

import os
from collections.abc import Callable

__all__ = ["in_child"]


def in_child(job: Callable[[], object]) -> str:
    """What the job returned, or the name of what it raised, in a forked child."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = str(job())
        except BaseException as error:  # the parent judges it
            answer = type(error).__name__
        os.write(tell, answer.encode())
        os._exit(0)
    os.close(tell)
    with os.fdopen(told, "rb") as pipe:
        answer = pipe.read().decode()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    return answer
