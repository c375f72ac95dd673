"""Bodies, answers and their order."""

from __future__ import annotations

import hashlib
import json
import socket
import struct
import threading
from collections import deque

import pytest

from dskit.ids import SeededIds
from dskit_emulator.fronts.plain import PlainHeads
from dskit_emulator.fronts.reading import Message, RequestReader
from dskit_emulator.fronts.site import FrontSettings, Link, Site
from dskit_emulator.messages import RequestHead, Response
from tests.emulator.fronts.conftest import Serve
from tests.emulator.fronts.harness import Front, SampleHandler, patterned

BIG = 20_000_000


@pytest.mark.parametrize("target", ["/up", "/up-block"])
@pytest.mark.parametrize("size", [0, 1, 65536, 5_000_000])
def test_an_upload_arrives_whole(front: Front, target: str, size: int) -> None:
    data = patterned(size)
    client = front.client().request("PUT", target, data)
    got = json.loads(client.answer().body)
    assert (got["length"], got["md5"]) == (size, hashlib.md5(data).hexdigest())
    assert client.request("GET", "/head").answer().status == 200


def test_what_a_worker_took_does_not_grow_under_it() -> None:
    """Else bytes that arrive while a handler opens are fed twice."""
    message = Message(None)
    taken = message.take()
    message.chunks.append(b"later")
    assert taken == []
    assert message.take() == [b"later"]


def test_small_bodies_are_handled_inline_and_blocking_ones_on_a_worker(front: Front) -> None:
    client = front.client()
    assert json.loads(client.request("PUT", "/up", b"abc").answer().body)["threads"] == ["dskit-server"]
    threads = json.loads(client.request("PUT", "/up-block", b"abc").answer().body)["threads"]
    assert all(name.startswith("dskit-worker") for name in threads)


def test_a_large_body_leaves_the_loop_to_others(front: Front) -> None:
    """Pieces above `inline_bytes` are hashed on a worker."""
    names = json.loads(front.client().request("PUT", "/up", bytes(8_000_000)).answer().body)["threads"]
    assert any(name.startswith("dskit-worker") for name in names)


def test_requests_may_follow_a_long_body_in_the_same_packet(front: Front) -> None:
    """Long bodies go past the parser; what comes after them must not."""
    client = front.client()
    head = b"PUT /up HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n"
    wire = (head + bytes(300_000)) * 3 + b"GET /head HTTP/1.1\r\nHost: x\r\n\r\n" + head + bytes(300_000)
    for start in range(0, len(wire), 100_001):
        client.send(wire[start : start + 100_001])
    answers = [json.loads(client.answer().body) for _ in range(5)]
    assert [answer["length"] for answer in answers if isinstance(answer, dict)] == [300_000] * 4
    assert answers[3][1] == "/head"


def test_a_large_body_never_stalls_other_connections(front: Front) -> None:
    """While one piece of it is being hashed (here: held), everybody else is served."""
    slow = front.client().request("PUT", "/wait-feed", bytes(300_000))
    assert front.handler.entered.wait(60)
    assert front.client().request("GET", "/head").answer().status == 200
    assert json.loads(front.client().request("PUT", "/up", b"abc").answer().body)["length"] == 3
    front.handler.gate.set()
    assert json.loads(slow.answer().body)["length"] == 300_000


def test_a_blocking_handler_runs_on_workers(serve: Serve) -> None:
    front = serve(handler=SampleHandler(blocking=True))
    client = front.client()
    for size in (0, 10, 1_000_000):
        data = patterned(size)
        assert json.loads(client.request("PUT", "/up", data).answer().body)["md5"] == hashlib.md5(data).hexdigest()
    assert client.request("GET", "/bytes/3000000").answer().body == patterned(3_000_000)
    assert client.request("GET", "/file/100000").answer().body[:65536] == patterned(65536)
    assert client.request("GET", "/crash").answer().status == 500


@pytest.mark.parametrize("kind", ["bytes", "file"])
@pytest.mark.parametrize("size", [0, 1, 65536, 65537, BIG])
def test_a_body_goes_out_whole(front: Front, kind: str, size: int) -> None:
    client = front.client().request("GET", f"/{kind}/{size}")
    answer = client.answer()
    assert hashlib.md5(answer.body).digest() == hashlib.md5(patterned(size)).digest()
    assert answer.headers["server"] == "AmazonS3"
    assert answer.headers["date"].endswith(" GMT")
    assert client.request("GET", "/head").answer().status == 200
    assert front.handler.log == ["body closed"]


@pytest.mark.parametrize("kind", ["short-bytes", "short-file"])
def test_a_body_that_ends_early_cuts_the_connection(front: Front, kind: str) -> None:
    """The client must see that it did not get everything."""
    client = front.client().request("GET", f"/{kind}/200000")
    with pytest.raises((EOFError, ConnectionError)):
        client.answer()
    assert front.client().request("GET", f"/{kind}/2000").answer().status == 500


def test_head_gets_the_headers_of_get_and_no_body(front: Front) -> None:
    client = front.client()
    for target in ("/bytes/5", "/file/200000", "/head"):
        expected = client.request("GET", target).answer()
        client.request("HEAD", target)
        answer = client.answer(is_head=True)
        length = len(expected.body) + (1 if target == "/head" else 0)  # the echo tells the method, one letter longer
        assert (answer.status, answer.headers["content-length"]) == (200, str(length))
    assert client.request("GET", "/head").answer().status == 200


def test_answers_without_a_body_have_no_length(front: Front) -> None:
    """RFC 9110 section 8.6."""
    client = front.client()
    assert "content-length" not in client.request("GET", "/empty/204").answer().headers
    assert "content-length" not in client.request("GET", "/empty/304").answer().headers
    assert client.request("GET", "/empty/200").answer().headers["content-length"] == "0"


def test_a_handler_may_end_the_connection(front: Front) -> None:
    client = front.client().request("GET", "/close")
    assert client.answer().headers["connection"] == "close"
    assert client.at_end()


def test_pipelined_requests_are_answered_in_order(front: Front) -> None:
    """RFC 9112 section 9.3.2, across inline, worker and long answers."""
    client = front.client()
    kinds = [
        "/head/a",
        "/up-block",
        "/bytes/300000",
        "/up",
        "/file/300000",
        "/head/b",
        "/empty/204",
        "/crash",
        "/head/c",
    ]
    wire = b""
    for target in kinds:
        method, body = ("PUT", b"12345") if target.startswith("/up") else ("GET", b"")
        wire += f"{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    client.send(wire)
    statuses = []
    bodies = []
    for _ in kinds:
        answer = client.answer()
        statuses.append(answer.status)
        bodies.append(answer.body)
    assert statuses == [200] * 6 + [204, 500, 200]
    assert json.loads(bodies[0])[1] == "/head/a"
    assert json.loads(bodies[1])["length"] == 5
    assert bodies[2] == bodies[4] == patterned(300000)
    assert json.loads(bodies[8])[1] == "/head/c"


def test_a_thousand_pipelined_requests(front: Front) -> None:
    client = front.client()
    sender = threading.Thread(
        target=lambda: client.send(b"".join(b"GET /head/%d HTTP/1.1\r\nHost: x\r\n\r\n" % n for n in range(1000)))
    )
    sender.start()
    for number in range(1000):
        assert json.loads(client.answer().body)[1] == f"/head/{number}"
    sender.join()


def test_what_is_refused_after_good_requests_comes_after_their_answers(front: Front) -> None:
    client = front.client().send(
        b"PUT /up-block HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab"
        b"GET /head HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n"
    )
    assert [client.answer().status for _ in range(3)] == [200, 200, 400]
    assert client.at_end()


def test_nothing_is_done_after_a_last_request(front: Front) -> None:
    client = front.client().send(b"GET /close HTTP/1.1\r\nHost: x\r\n\r\nPUT /up HTTP/1.1\r\nHost: x\r\n\r\n")
    assert client.answer().body == b"bye"
    assert client.at_end()
    assert len(front.handler.opened) == 1


def test_continue_is_sent_when_the_handler_wants_the_body(front: Front) -> None:
    """RFC 9110 section 10.1.1."""
    client = front.client()
    for target in ("/up", "/up-block"):
        client.request("PUT", target, None, "Content-Length: 4", "Expect: 100-Continue")
        assert client.answer().status == 100
        assert json.loads(client.send(b"abcd").answer().body)["length"] == 4


def test_continue_is_not_sent_when_the_request_is_refused(front: Front) -> None:
    client = front.client().request("PUT", "/refuse", None, "Content-Length: 4", "Expect: 100-continue")
    answer = client.answer()
    assert (answer.status, answer.headers["connection"]) == (403, "close")


def test_continue_is_for_http_1_1_and_for_bodies(front: Front) -> None:
    client = front.client().send(b"PUT /up HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\na")
    assert client.answer().status == 200
    client = front.client().request("PUT", "/up", b"", "Expect: 100-continue")
    assert client.answer().status == 200


def test_continue_after_a_blocking_open(serve: Serve) -> None:
    client = serve(handler=SampleHandler(blocking=True)).client()
    client.request("PUT", "/up", None, "Content-Length: 4", "Expect: 100-continue")
    assert client.answer().status == 100
    assert client.send(b"abcd").answer().status == 200


@pytest.mark.parametrize("target", ["/refuse", "/early", "/early-block"])
def test_a_short_rest_of_a_refused_body_is_read_and_the_connection_kept(front: Front, target: str) -> None:
    client = front.client().request("PUT", target, bytes(500_000))
    assert client.answer().status in (400, 403)
    assert client.request("GET", "/head").answer().status == 200


@pytest.mark.parametrize("target", ["/refuse", "/early", "/early-block"])
def test_a_long_refused_body_is_thrown_away_and_the_answer_still_arrives(front: Front, target: str) -> None:
    client = front.client().request("PUT", target, bytes(30_000_000))
    answer = client.answer()
    assert answer.status in (400, 403)
    assert answer.headers["connection"] == "close"
    assert client.at_end()


def test_a_client_that_leaves_inside_a_body_aborts_the_exchange(front: Front) -> None:
    client = front.client().send(b"PUT /up HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    client.close()
    assert front.handler.aborted.wait(60)
    assert front.handler.log == ["aborted /up"]


def test_a_client_that_leaves_while_a_worker_is_busy_aborts_the_exchange(front: Front) -> None:
    client = front.client().send(b"PUT /wait-feed-block HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    assert front.handler.entered.wait(60)
    client.close()
    front.handler.gate.set()
    assert front.handler.aborted.wait(60)
    assert front.handler.log == ["aborted /wait-feed-block"]


def test_a_connection_that_is_reset_while_a_worker_is_busy_aborts_what_waits(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = threading.Event()
    forget = Site.forget

    def forget_and_tell(site: Site, link: Link) -> None:
        forget(site, link)
        lost.set()

    monkeypatch.setattr(Site, "forget", forget_and_tell)
    client = front.client().send(b"PUT /wait-feed-block HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    assert front.handler.entered.wait(60)
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    assert lost.wait(60)
    front.handler.gate.set()
    assert front.handler.aborted.wait(60)
    assert front.handler.log == ["aborted /wait-feed-block"]


def test_a_half_closed_client_gets_its_answers(front: Front) -> None:
    client = front.client().request("PUT", "/wait-finish-block", b"abc").request("GET", "/bytes/500000")
    client.socket.shutdown(1)
    assert front.handler.entered.wait(60)
    front.handler.gate.set()
    assert client.answer().status == 200
    assert len(client.answer().body) == 500000
    assert client.at_end()


def test_a_client_that_half_closes_inside_a_body_is_told_so(front: Front) -> None:
    client = front.client().send(b"PUT /up HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    client.socket.shutdown(1)
    answer = client.answer()
    assert (answer.status, b"<Code>IncompleteBody</Code>" in answer.body) == (400, True)
    assert front.handler.log == ["aborted /up"]
    assert client.at_end()


def test_a_client_that_leaves_inside_an_answer_lets_go_of_the_body(front: Front) -> None:
    client = front.client().request("GET", "/file/50000000")
    client.exactly(100_000)
    client.close()
    deadline = threading.Event()
    for _ in range(500):
        if front.handler.log == ["body closed"]:
            break
        deadline.wait(0.02)
    assert front.handler.log == ["body closed"]


def test_a_busy_worker_stops_the_reading(serve: Serve) -> None:
    """No more than `buffer_bytes` and one read wait in memory."""
    front = serve(settings=FrontSettings(buffer_bytes=100_000))
    client = front.client(timeout=1)
    client.send(b"PUT /wait-feed-block HTTP/1.1\r\nHost: x\r\nContent-Length: 200000000\r\n\r\n")
    with pytest.raises(TimeoutError):
        client.send(bytes(200_000_000))
    waiting = sum(message.size for link in front.site.links for message in link._queue)  # type: ignore[attr-defined]
    assert waiting < 100_000 + 600_000


@pytest.mark.parametrize(("size", "count", "pieces"), [(1, 5000, 1), (100, 50, 1), (300, 50, 50), (1, 1, 1), (0, 0, 0)])
def test_crumbs_of_a_body_are_put_together_and_long_pieces_left_alone(size: int, count: int, pieces: int) -> None:
    queue: deque[Message] = deque()
    heads = PlainHeads(head_bytes=65536, head_lines=100, target_bytes=1000)
    reader = RequestReader(queue, FrontSettings(), SeededIds(0), heads)
    body = b"%x\r\n%s\r\n" % (size, b"x" * size) * count
    reader.feed(b"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n")
    chunks = queue[0].take()
    assert (len(chunks), b"".join(chunks)) == (pieces, b"x" * size * count)
    assert (queue[0].size, queue[0].take()) == (0, [])


def test_the_observer_hears_of_each_answer(serve: Serve) -> None:
    heard: list[tuple[str, int, int]] = []
    done = threading.Event()

    def observe(head: RequestHead | None, response: Response, sent: int, seconds: float) -> None:
        assert seconds >= 0
        heard.append((head.target if head else "", response.status, sent))
        if response.status == 400:
            done.set()
        if sent == 0:
            raise RuntimeError("a broken observer breaks nothing")

    client = serve(observer=observe).client()
    client.request("PUT", "/up", b"abc").answer()
    client.request("HEAD", "/bytes/10").answer(is_head=True)
    client.request("GET", "/bytes/100000").answer()
    client.send(b"nonsense\r\n\r\n").answer()
    assert done.wait(60)
    assert [row[:2] for row in heard] == [("/up", 200), ("/bytes/10", 200), ("/bytes/100000", 200), ("", 400)]
    assert heard[1][2] == 0
    assert heard[2][2] == 100000
