"""The XML API of Google Cloud Storage before fake-gcs-server, which has its reading half only.

    python tools/gcs_front.py PORT PROGRAM     serve on 127.0.0.1:PORT, with a server of its own behind it

obstore writes through the XML API: a put, a conditional put, a copy, a multipart upload. fake-gcs-server answers 400 to
these and takes the same things through the JSON API; so each is translated into JSON requests to it, whose answers are
the answers. Reads, listings and deletes go through as they are. Nothing is kept here: unfinished parts are objects of a
second bucket of the server. `docs/design/gcs-front.md` says why.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

HOST = "storage.googleapis.com"
"""By which the server knows a request of the XML API."""
UPLOADS = "unfinished-uploads"
ATTRIBUTES = {
    "content-type": "contentType",
    "cache-control": "cacheControl",
    "content-encoding": "contentEncoding",
    "content-disposition": "contentDisposition",
    "content-language": "contentLanguage",
}
METADATA = "x-goog-meta-"
CONDITION = "x-goog-if-generation-match"
HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "host", "content-length", "date"})


class Answered(Exception):
    """An answer of the server that ends the request: an error."""

    def __init__(self, status: int, body: bytes = b"", code: str = "") -> None:
        super().__init__(status)
        self.status, self.body, self.code = status, body, code


class Front(BaseHTTPRequestHandler):
    """One connection of a client, and one to the server behind."""

    protocol_version = "HTTP/1.1"
    behind: int
    """Port of the server."""
    uploads = threading.Lock()
    """A part that is late for the end of its upload is not kept: obstore aborts while others are on their way."""

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server_side = http.client.HTTPConnection("127.0.0.1", self.behind, timeout=60)

    def finish(self) -> None:
        self.server_side.close()
        super().finish()

    def do_GET(self) -> None:
        self.begin()
        try:
            if self.key and (self.command in ("PUT", "POST") or "uploadId" in self.query):
                self.written()
            else:
                self.forward()
        except Answered as answered:
            self.refuse(answered)

    do_HEAD = do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815

    def begin(self) -> None:
        parts = urlsplit(self.path)
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        bucket, _, key = parts.path.removeprefix("/").partition("/")
        own = bucket in ("storage", "upload", "download", "_internal")  # the server's own addresses
        self.bucket, self.key = ("", "") if own else (unquote(bucket), unquote(key))
        self.given = {name.lower(): value for name, value in self.headers.items()}
        self.body = self.rfile.read(int(self.given.get("content-length", 0)))

    def written(self) -> None:
        """A write of the XML API."""
        upload, number = self.query.get("uploadId"), self.query.get("partNumber")
        if self.command == "POST" and "uploads" in self.query:
            upload = secrets.token_hex(16)
            self.insert(UPLOADS, part_name(upload, 0), b"", attributes(self.given))
            self.answer_xml(f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId>", {})
        elif self.command == "PUT" and upload and number:
            with self.uploads:
                self.read(UPLOADS, part_name(upload, 0), "NoSuchUpload")
                headers = self.insert(UPLOADS, part_name(upload, int(number)), self.body, {})
            self.answer(200, headers=headers)
        elif self.command == "POST" and upload:
            self.complete(upload)
        elif self.command == "DELETE" and upload:
            self.clear(upload)
            self.answer(204)
        elif self.command == "PUT" and "x-goog-copy-source" in self.given:
            bucket, _, key = self.given["x-goog-copy-source"].partition("/")
            body, headers = self.read(unquote(bucket), unquote(key))
            self.answer_xml("<CopyObjectResult>", self.insert(self.bucket, self.key, body, attributes(headers)))
        elif self.command == "PUT" and not self.query:
            self.answer(200, headers=self.insert(self.bucket, self.key, self.body, attributes(self.given)))
        else:
            raise Answered(501, code="NotImplemented")

    def complete(self, upload: str) -> None:
        _, described = self.read(UPLOADS, part_name(upload, 0), "NoSuchUpload")
        numbers = [int(number) for number in re.findall(r"<PartNumber>(\d+)</PartNumber>", self.body.decode())]
        if not numbers or numbers != sorted(set(numbers)):
            raise Answered(400, code="InvalidPartOrder")
        whole = b"".join(self.read(UPLOADS, part_name(upload, number), "InvalidPart")[0] for number in numbers)
        headers = self.insert(self.bucket, self.key, whole, attributes(described))
        self.clear(upload)
        self.answer_xml(f"<CompleteMultipartUploadResult><ETag>{escape(headers['ETag'])}</ETag>", headers)

    def insert(self, bucket: str, key: str, body: bytes, described: Mapping[str, Any]) -> dict[str, str]:
        """Objects: insert, of the JSON API; headers of the answer."""
        query = f"uploadType=multipart&name={quote(key, safe='')}"
        if CONDITION in self.given and bucket == self.bucket:
            query += f"&ifGenerationMatch={quote(self.given[CONDITION])}"
        boundary = secrets.token_hex(16)
        content_type = described.get("contentType", "application/octet-stream")
        message = (
            f"--{boundary}\r\nContent-Type: application/json\r\n\r\n{json.dumps(described)}\r\n"
            f"--{boundary}\r\nContent-Type: {content_type}\r\n\r\n".encode()
            + body
            + f"\r\n--{boundary}--\r\n".encode()
        )
        status, _, said = self.ask(
            "POST",
            f"/upload/storage/v1/b/{quote(bucket, safe='')}/o?{query}",
            message,
            {"Content-Type": f"multipart/related; boundary={boundary}"},
        )
        if status != 200:
            raise Answered(status, said)
        made = json.loads(said)
        return {"ETag": f'"{made["etag"]}"', "x-goog-generation": str(made["generation"])}

    def read(self, bucket: str, key: str, missing: str = "NoSuchKey") -> tuple[bytes, dict[str, str]]:
        path = f"/{quote(bucket, safe='')}/{quote(key, safe='')}"
        status, headers, body = self.ask("GET", path, b"", {"Accept-Encoding": "gzip"})
        if status != 200:
            raise Answered(status, body, missing if status == 404 and bucket == UPLOADS else "")
        return body, headers

    def clear(self, upload: str) -> None:
        """Deletes what an upload has left."""
        place = f"/storage/v1/b/{UPLOADS}/o"
        with self.uploads:
            _, _, said = self.ask("GET", f"{place}?prefix={upload}/", b"", {})
            for row in json.loads(said).get("items", []):
                self.ask("DELETE", f"{place}/{quote(row['name'], safe='')}", b"", {})

    def forward(self) -> None:
        status, headers, body = self.ask(self.command, self.path, self.body, self.given)
        if status >= 400 and self.bucket:
            raise Answered(status, body)
        self.answer(status, body, {name: value for name, value in headers.items() if name not in HOP}, headers)

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        sent = {name: value for name, value in headers.items() if name.lower() not in HOP}
        self.server_side.request(method, path, body or None, {**sent, "Host": HOST, "Content-Length": str(len(body))})
        answer = self.server_side.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def refuse(self, answered: Answered) -> None:
        """Errors as the XML API words them; the server says 404 or 500 to whatever is in a bucket that is not there."""
        status, code = answered.status, answered.code
        if not code and status in (404, 500):
            bucket, _, _ = self.ask("GET", f"/storage/v1/b/{quote(self.bucket, safe='')}", b"", {})
            status, code = (404, "NoSuchBucket") if bucket == 404 else (status, "NoSuchKey" if status == 404 else "")
        code = code or {412: "PreconditionFailed", 416: "InvalidRange"}.get(status, "InternalError")
        said = escape(answered.body.decode(errors="replace"))
        text = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{said}</Message></Error>"
        self.answer(status, text.encode(), {"Content-Type": "application/xml"})

    def answer_xml(self, text: str, headers: Mapping[str, str]) -> None:
        name = text[1 : text.index(">")]
        self.answer(200, f"{text}</{name}>".encode(), {**headers, "Content-Type": "application/xml"})

    def answer(
        self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None, whole: Mapping[str, str] = {}
    ) -> None:
        """`whole`: the server's headers, of which a HEAD repeats the length."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        length = whole.get("content-length", "0") if self.command == "HEAD" else str(len(body))
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: what went wrong is in the answers."""


def part_name(upload: str, number: int) -> str:
    return f"{upload}/{number:05}"


def attributes(headers: Mapping[str, str]) -> dict[str, Any]:
    """What headers of a put say of the object, as the JSON API names it."""
    named = {name: headers[header] for header, name in ATTRIBUTES.items() if header in headers}
    own = {name.removeprefix(METADATA): value for name, value in headers.items() if name.startswith(METADATA)}
    return {**named, "metadata": own}


def main(port: int, program: str) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        Front.behind = probe.getsockname()[1]
    command = [program, "-backend", "memory", "-scheme", "http", "-host", "127.0.0.1", "-port", str(Front.behind)]
    server = subprocess.Popen([*command, "-public-host", HOST, "-log-level", "error"], stdin=subprocess.DEVNULL)
    try:
        while not listens(Front.behind):
            with contextlib.suppress(subprocess.TimeoutExpired):
                return server.wait(0.05) or 1  # it has ended
        bucket = http.client.HTTPConnection("127.0.0.1", Front.behind, timeout=60)
        bucket.request("POST", "/storage/v1/b", json.dumps({"name": UPLOADS}), {"Content-Type": "application/json"})
        if bucket.getresponse().status != 200:
            return 1
        with ThreadingHTTPServer(("127.0.0.1", port), Front) as front:
            threading.Thread(target=front.serve_forever, daemon=True).start()
            return server.wait()
    finally:
        server.terminate()
        server.wait()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2]))
