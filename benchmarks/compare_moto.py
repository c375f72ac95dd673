"""How much does a request cost the server? 1 KiB PUT and GET and a listing of 1,000 keys, dskit beside moto_server.

Short rounds are interleaved and the median of their ratios taken, so that what else the machine does hits both alike.
CPU per request is the steadier figure; moto's access log goes to /dev/null, dskit's is off.
"""

from __future__ import annotations

from contextlib import ExitStack
from statistics import median

from .client import Signer, one_request
from .loadgen import Load, Outcome
from .servers import Target, emulator, moto
from .table import Row, print_table

__all__ = ["run"]

BODY = b"k" * 1024


class Subject:
    def __init__(self, target: Target, requests: int, listings: int) -> None:
        self.target = target
        self.signer = Signer(target.port)
        self.requests = requests
        self.listings = listings
        self.outcomes: dict[str, list[Outcome]] = {}
        for bucket in ("load", "thousand"):
            one_request(target.port, self.signer.request("PUT", f"/{bucket}"))
        self._load("", 8, [self.signer.request("PUT", f"/thousand/key-{n:05}", body=b"x") for n in range(1000)])

    def _load(self, name: str, connections: int, requests: list[bytes]) -> None:
        outcome = Load(self.target.port, self.target.pid, connections).run(requests)
        if name:
            self.outcomes.setdefault(name, []).append(outcome)

    def round(self) -> None:
        count = self.requests
        signer = self.signer
        for connections in (1, 32):
            share = count if connections == 32 else count // 8
            puts = [signer.request("PUT", f"/load/key-{n % 1000:05}", body=BODY) for n in range(share)]
            self._load(f"PUT c={connections}", connections, puts)
            gets = [signer.request("GET", f"/load/key-{n % min(share, 1000):05}") for n in range(share)]
            self._load(f"GET c={connections}", connections, gets)
        query = "list-type=2&max-keys=1000"
        self._load("LIST", 1, [signer.request("GET", "/thousand", query) for _ in range(self.listings)])

    def cpu(self, name: str) -> float:
        return median(outcome.cpu_each for outcome in self.outcomes[name])

    def rate(self, name: str) -> float:
        return median(outcome.rate for outcome in self.outcomes[name])

    def show(self, name: str) -> str:
        return f"{self.rate(name):,.0f}/s, {self.cpu(name) * 1e6:,.0f} µs"


def run(quick: bool = False) -> None:
    with ExitStack() as stack:
        ours = Subject(stack.enter_context(emulator()), 2000 if quick else 5000, 25 if quick else 50)
        theirs = Subject(stack.enter_context(moto()), 80 if quick else 200, 2 if quick else 3)
        for _ in range(2 if quick else 12):  # short turns: the machine may be half as fast a few seconds later
            ours.round()
            theirs.round()
        rows = []
        for name in ours.outcomes:
            turns = zip(theirs.outcomes[name], ours.outcomes[name], strict=True)
            ratio = median(their.cpu_each / our.cpu_each for their, our in turns)
            aimed = name in ("PUT c=32", "GET c=32", "LIST")
            rows.append(
                Row(
                    f"{name} {'1,000 keys' if name == 'LIST' else '1 KiB'}, server CPU against moto",
                    f"{ratio:.0f}x",
                    "40x" if aimed else "",
                    ratio >= 40 if aimed else None,
                    f"dskit {ours.show(name)}; moto {theirs.show(name)}",
                )
            )
        cost = ours.cpu("LIST") * 1000
        rows.append(Row("LIST of 1,000 keys, server CPU", f"{cost:.2f} ms", "4 ms", cost <= 4))
        resident = ours.target.resident() / 2**20, theirs.target.resident() / 2**20
        rows.append(Row("resident memory afterwards", f"{resident[0]:.0f} MiB", note=f"moto {resident[1]:.0f} MiB"))
        print_table("requests a second and server CPU a request", rows)


if __name__ == "__main__":
    run()
