"""Do large bodies move at the speed of the hardware, and in bounded memory?

A signed PUT has to compute SHA-256 (the signature covers it) and MD5 (the ETag) of every byte; a GET has to move them
from the page cache into a socket, which a bare sendfile loop does best.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import socket
import tempfile
import time
from pathlib import Path

from .client import PATIENCE, Signer, one_request, receive
from .loadgen import cpu_seconds
from .servers import Target, emulator
from .table import Row, print_table

__all__ = ["run"]

SIZE = 64 << 20


def hashing(data: bytes) -> float:
    begin = time.process_time()
    hashlib.sha256(data).digest()
    hashlib.md5(data).digest()
    return time.process_time() - begin


def put(target: Target, path: str, data: bytes, digest: str) -> float:
    head = Signer(target.port).request("PUT", path, digest=digest, length=len(data))
    with socket.create_connection(("127.0.0.1", target.port), timeout=PATIENCE) as connection:
        begin = time.perf_counter()
        connection.sendall(head)
        connection.sendall(data)
        list(receive(connection))
        return time.perf_counter() - begin


def get(port: int, request: bytes) -> float:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        begin = time.perf_counter()
        connection.sendall(request)
        list(receive(connection, keep=False))
        return time.perf_counter() - begin


def bare_sendfile(path: str, port: multiprocessing.SimpleQueue[int]) -> None:
    """Answers anything with the file, as fast as the kernel can."""
    size = os.path.getsize(path)
    with socket.create_server(("127.0.0.1", 0)) as listening, open(path, "rb") as file:
        port.put(listening.getsockname()[1])
        while True:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
                offset = 0
                while offset < size:
                    offset += os.sendfile(connection.fileno(), file.fileno(), offset, size - offset)


def transfer_rows(rounds: int, folder: str) -> list[Row]:
    data = os.urandom(SIZE)
    digest = hashlib.sha256(data).hexdigest()
    rows = []
    alone = min(hashing(data) for _ in range(rounds))
    for where, options in (("memory", ()), ("disk", ("--data", folder))):
        with emulator(*options) as target:
            signer = Signer(target.port)
            one_request(target.port, signer.request("PUT", "/big"))
            put(target, "/big/object", data, digest)
            costs = []
            seconds = []
            for _ in range(rounds):
                cpu = cpu_seconds(target.pid)
                seconds.append(put(target, "/big/object", data, digest))
                costs.append(cpu_seconds(target.pid) - cpu)
            share = alone / min(costs)
            rows.append(
                Row(
                    f"64 MiB signed PUT, {where}: SHA-256 + MD5 alone, of the server's CPU",
                    f"{share:.0%}",
                    "70%" if where == "memory" else "",
                    share >= 0.7 if where == "memory" else None,
                    f"{SIZE / min(seconds) / 1e6:,.0f} MB/s, CPU {min(costs) * 1e3:.0f} ms; they {alone * 1e3:.0f} ms",
                )
            )
            request = signer.request("GET", "/big/object")
            speed = SIZE / min(get(target.port, request) for _ in range(rounds * 2)) / 1e9
            if where == "memory":
                rows.append(Row("64 MiB GET, memory", f"{speed:.2f} GB/s"))
                continue
            path = Path(folder, "bare")
            path.write_bytes(data)
            bare = SIZE / min(bare_get(str(path)) for _ in range(rounds * 2)) / 1e9
            rows.append(
                Row(
                    "64 MiB GET, disk, against a bare sendfile loop",
                    f"{speed:.2f} GB/s, {speed / bare:.0%}",
                    "1.5 GB/s or 60%",
                    speed >= 1.5 or speed / bare >= 0.6,
                    f"bare loop {bare:.2f} GB/s",
                )
            )
    return rows


def bare_get(path: str) -> float:
    context = multiprocessing.get_context("fork")
    told: multiprocessing.SimpleQueue[int] = context.SimpleQueue()
    process = context.Process(target=bare_sendfile, args=(path, told), daemon=True)
    process.start()
    try:
        port = told.get()
        get(port, b"GET / HTTP/1.1\r\n\r\n")
        return get(port, b"GET / HTTP/1.1\r\n\r\n")
    finally:
        process.terminate()
        process.join()


def memory_rows(size: int, folder: str) -> list[Row]:
    """How far resident memory grows while one large object goes in and out."""
    block = os.urandom(1 << 20)
    hasher = hashlib.sha256()
    for _ in range(size >> 20):
        hasher.update(block)
    with emulator("--data", folder) as target:
        signer = Signer(target.port)
        one_request(target.port, signer.request("PUT", "/huge"))
        put(target, "/huge/small", block, hashlib.sha256(block).hexdigest())
        before = target.resident()
        head = signer.request("PUT", "/huge/object", digest=hasher.hexdigest(), length=size)
        with socket.create_connection(("127.0.0.1", target.port), timeout=PATIENCE) as connection:
            connection.sendall(head)
            for _ in range(size >> 20):
                connection.sendall(block)
            list(receive(connection))
        up = target.resident("VmHWM") - before
        get(target.port, signer.request("GET", "/huge/object"))
        both = target.resident("VmHWM") - before
    limit = 64 << 20
    what = f"{size / 2**30:.3g} GiB PUT and GET, disk, growth of resident memory"
    note = f"after the PUT {up / 2**20:.0f} MiB"
    return [Row(what, f"{both / 2**20:.0f} MiB", "64 MiB", both <= limit, note)]


def run(quick: bool = False) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = transfer_rows(4 if quick else 8, os.path.join(folder, "a"))
        rows += memory_rows((256 << 20) if quick else (1 << 30), os.path.join(folder, "b"))
        print_table("large bodies", rows)


if __name__ == "__main__":
    run()
