"""Clients that send or take a byte now and then, on a clock that the test moves."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dskit_emulator.fronts.loop import LoopThread
from dskit_emulator.fronts.pace import Pace, waiting_bytes
from dskit_emulator.fronts.site import FrontSettings
from tests.emulator.fronts.harness import Front, RawClient, serving

SETTINGS = FrontSettings(least_rate=100)
TICK = SETTINGS.tick


class SteppedLoop(asyncio.SelectorEventLoop):
    """A loop whose time stands still but for `advance`."""

    now = 1000.0
    thread: LoopThread

    def time(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """From another thread: what has arrived is read first, then what is due runs, second by second."""
        for _ in range(round(seconds)):
            self.jump(1)

    def jump(self, seconds: float) -> None:
        """The same in one step, as after a breakpoint."""

        async def step() -> None:
            for _ in range(3):
                await asyncio.sleep(0)
            self.now += seconds
            for _ in range(3):
                await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(step(), self).result(20)


@pytest.fixture(scope="module")
def loop() -> Iterator[SteppedLoop]:
    stepped = SteppedLoop()
    stepped.thread = LoopThread(loop=lambda: stepped)
    yield stepped
    stepped.thread.close()


@pytest.fixture
def front(loop: SteppedLoop) -> Iterator[Front]:
    with serving(loop.thread, settings=SETTINGS) as front:
        yield front


def connect(front: Front) -> RawClient:
    """Each byte goes at once, whether the last one was acknowledged or not."""
    client = front.client()
    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def drip(client: RawClient, loop: SteppedLoop, data: bytes, every: float, times: int) -> int:
    """Send `data` again and again, the loop's time going on in between; how often it went before the end."""
    for sent in range(times):
        loop.advance(every)
        client.socket.setblocking(False)
        try:
            if client.socket.recv(1, socket.MSG_PEEK) is not None:
                return sent
        except BlockingIOError:
            client.socket.setblocking(True)
            client.socket.settimeout(20)
            client.send(data)
        except ConnectionResetError:
            return sent
    return times


def ended_with_time_out(client: RawClient) -> bool:
    client.socket.settimeout(20)
    answer = client.answer()
    return (answer.status, b"<Code>RequestTimeout</Code>" in answer.body, client.at_end()) == (400, True, True)


HEADS = {
    "known length": b"PUT /up HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n",
    "short": b"PUT /up HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n",
    "by the parser": b"PUT /up HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nConnection: keep-alive\r\n\r\n",
    "expected": b"PUT /up HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_a_body_of_a_byte_before_each_time_out_ends(front: Front, loop: SteppedLoop, head: bytes) -> None:
    client = connect(front).send(head)
    if b"Expect" in head:
        assert client.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue"
    assert drip(client, loop, b"x", SETTINGS.body_seconds - TICK, 20) <= 2
    assert ended_with_time_out(client)
    assert front.handler.log == ["aborted /up"]


@pytest.mark.parametrize(
    "piece",
    [b"1\r\nx\r\n", b"1;extension=1\r\nx\r\n", b"0;", b"0\r\nTrailer-", b"0000"],
    ids=["chunks", "extensions", "an extension", "trailers", "a size"],
)
def test_dripped_framing_is_no_progress(front: Front, loop: SteppedLoop, piece: bytes) -> None:
    client = connect(front).send(b"PUT /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + piece)
    more = piece if piece.endswith(b"\r\n") else piece[-1:]
    assert drip(client, loop, more, SETTINGS.body_seconds - TICK, 20) <= 2
    assert ended_with_time_out(client)
    assert front.handler.log == ["aborted /up"]


def test_a_slow_body_at_the_least_rate_arrives(front: Front, loop: SteppedLoop) -> None:
    """A slow client is no attacker: 2,000 bytes each 20 seconds, for more than half an hour."""
    client = connect(front).send(b"PUT /up HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n")
    assert drip(client, loop, b"x" * 2000, 20, 100) == 100
    assert client.answer().status == 200
    assert front.handler.log == ["stored /up 200000"]


def test_pauses_of_a_fast_body_are_borne(front: Front, loop: SteppedLoop) -> None:
    client = connect(front).send(b"PUT /up HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n")
    assert drip(client, loop, b"x" * 20000, SETTINGS.body_seconds - TICK, 10) == 10
    assert client.answer().status == 200


def test_a_server_that_stood_still_does_not_blame_its_clients(front: Front, loop: SteppedLoop) -> None:
    """A breakpoint, a suspended machine: nobody could be read from meanwhile."""
    body = connect(front).send(b"PUT /up HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
    answer = small_window(front, b"GET /bytes/64000000 HTTP/1.1\r\nHost: x\r\n\r\n")
    loop.advance(2 * TICK)
    loop.jump(1000)
    assert answer.socket.recv(1)
    assert body.send(b"cde").answer().status == 200
    assert len(front.site.links) == 2


def test_the_head_has_one_time_for_all_of_it(front: Front, loop: SteppedLoop) -> None:
    client = connect(front).send(b"GET /head HTTP/1.1\r\nHost: x\r\nX-Long: ")
    assert drip(client, loop, b"x", TICK, 20) <= SETTINGS.head_seconds / TICK
    assert ended_with_time_out(client)


def test_each_of_two_heads_that_share_a_packet_has_its_own_time(front: Front, loop: SteppedLoop) -> None:
    client = connect(front)
    for _ in range(4):
        client.send(b"GET /head HTTP/1.1\r\nHost: x\r\nX-First: ")
        loop.advance(SETTINGS.head_seconds - 2 * TICK)
        client.send(b"1\r\n\r\nGET /head HTTP/1.1\r\nHost: x\r\nX-Second: ")
        assert client.answer().status == 200
        loop.advance(SETTINGS.head_seconds - 2 * TICK)
        client.send(b"2\r\n\r\n")
        assert client.answer().status == 200


@pytest.mark.parametrize("before", [b"", b"GET /head HTTP/1.1\r\nHost: x\r\n\r\n"], ids=["first", "between requests"])
def test_blank_lines_do_not_keep_an_idle_connection(front: Front, loop: SteppedLoop, before: bytes) -> None:
    client = connect(front).send(before)
    if before:
        client.answer()
    assert drip(client, loop, b"\r\n", SETTINGS.idle_seconds / 2, 10) <= 3
    assert client.at_end()


def test_a_used_connection_is_idle_from_its_last_request(front: Front, loop: SteppedLoop) -> None:
    client = connect(front)
    for _ in range(5):
        client.send(b"\r\nGET /head HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.answer().status == 200
        loop.advance(SETTINGS.idle_seconds - 2 * TICK)


def test_the_rest_of_a_refused_body_ends_too(front: Front, loop: SteppedLoop) -> None:
    """What is thrown away is no reason to hold a connection."""
    client = connect(front).send(b"PUT /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 90000000\r\n\r\n")
    assert client.answer().status == 403
    assert client.at_end()
    for _ in range(4):
        client.socket.send(b"x")
        loop.advance(SETTINGS.linger_seconds - 1)
    assert not front.site.links


def test_a_short_rest_that_is_read_for_the_next_request_ends(front: Front, loop: SteppedLoop) -> None:
    client = connect(front).send(b"PUT /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
    assert client.answer().status == 403
    assert drip(client, loop, b"x", SETTINGS.body_seconds - TICK, 20) <= 2
    assert client.at_end()


def small_window(front: Front, request: bytes) -> RawClient:
    """A client whose side takes little before it is read from."""
    client = RawClient.__new__(RawClient)
    client.socket = socket.socket()
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.socket.settimeout(20)
    client.socket.connect(("127.0.0.1", front.port))
    client.buffer = b""
    front.clients.append(client)
    return client.send(request)


ANSWERS = {
    "one long answer": b"GET /bytes/64000000 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a file": b"GET /file/8000000 HTTP/1.1\r\nHost: x\r\n\r\n",
    "many short answers": b"GET /bytes/60000 HTTP/1.1\r\nHost: x\r\n\r\n" * 200,
}


@pytest.mark.parametrize("asked", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_of_which_a_byte_is_taken_before_each_time_out_ends(
    front: Front, loop: SteppedLoop, asked: bytes
) -> None:
    client = small_window(front, asked)
    for _ in range(4):
        assert client.socket.recv(1)
        loop.advance(SETTINGS.write_seconds - TICK)
    assert not front.site.links


@pytest.mark.parametrize("asked", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_is_taken_slowly_is_sent(front: Front, loop: SteppedLoop, asked: bytes) -> None:
    """Some 2 KB at a time, which the kernel's megabytes hide from who only writes: progress is what the client took."""
    client = small_window(front, asked)
    for _ in range(100):
        assert client.socket.recv(100_000)
        loop.advance(2 * TICK)
    assert front.site.links


def test_over_tls_a_slow_client_is_borne_as_well(loop: SteppedLoop, tmp_path: Path) -> None:
    """There the layers between hold back what nobody counts; the kernel's queue moves all the same."""
    if shutil.which("openssl") is None:
        pytest.skip("no `openssl` to make a certificate with")
    certificate, key = str(tmp_path / "certificate"), str(tmp_path / "key")
    make = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    subprocess.run(
        [*make, "-subj", "/CN=localhost", "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    server, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server.load_cert_chain(certificate, key)
    trusting.load_verify_locations(certificate)
    with serving(loop.thread, settings=SETTINGS, tls=server) as front:
        client = small_window(front, b"")
        client.socket = trusting.wrap_socket(client.socket, server_hostname="localhost")
        client.send(b"GET /bytes/64000000 HTTP/1.1\r\nHost: x\r\n\r\n")
        for _ in range(150):  # more than the kernel takes at once
            client.exactly(65536)
            loop.advance(2 * TICK)
        assert front.site.links


@given(st.lists(st.integers(0, 60), min_size=1, max_size=60))
def test_who_keeps_the_least_rate_is_never_late(pauses: list[int]) -> None:
    pace, now, count = Pace(100, 60), 0.0, 0
    transfer = object()
    assert not pace.is_late(transfer, count, now, 60)
    for pause in pauses:
        now += pause
        count += pause * 100
        assert not pace.is_late(transfer, count, now, 60)


@given(st.floats(0.1, 59.9), st.integers(1, 99))
def test_who_stays_below_it_is_late_in_the_end(pause: float, rate: int) -> None:
    pace, now = Pace(100, 60), 0.0
    transfer = object()
    end = 60 / (1 - rate / 100) + 60
    is_late: Callable[[], bool] = lambda: pace.is_late(transfer, int(now * rate), now, 60)  # noqa: E731
    while not is_late():
        now += pause
        assert now <= end + 60


def test_time_in_hand_is_not_saved_up() -> None:
    pace = Pace(100, 60)
    transfer = object()
    assert not pace.is_late(transfer, 0, 0, 60)
    assert not pace.is_late(transfer, 10**9, 1, 60)
    assert not pace.is_late(transfer, 10**9, 60.9, 60)
    assert pace.is_late(transfer, 10**9, 61, 60)


def test_an_estimate_that_falls_is_no_debt_and_earns_nothing_twice() -> None:
    pace = Pace(100, 60)
    transfer = object()
    assert not pace.is_late(transfer, 10_000, 0, 60)
    assert not pace.is_late(transfer, 0, 30, 60)
    assert not pace.is_late(transfer, 10_000, 59, 60)
    assert pace.is_late(transfer, 10_000, 60, 60)


class Bare(asyncio.Transport):
    """A transport over something that is no socket of the kernel's."""

    def get_write_buffer_size(self) -> int:
        return 7


def test_where_the_system_does_not_tell_what_the_transport_holds_back_is_known() -> None:
    gone = socket.socket()
    gone.close()
    for extra in ({}, {"socket": gone}):
        assert waiting_bytes(Bare(extra)) == 7


def test_another_transfer_starts_anew_and_so_does_one_after_a_rest() -> None:
    pace = Pace(100, 60)
    first, second = object(), object()
    assert not pace.is_late(first, 0, 0, 60)
    assert not pace.is_late(second, 0, 100, 60)
    pace.rest()
    assert not pace.is_late(second, 0, 200, 60)
    assert pace.is_late(second, 0, 260, 60)
