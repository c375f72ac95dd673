"""`python -m dskit_emulator` is `dskit serve`."""

from .cli import serve

serve(prog_name="python -m dskit_emulator")
