"""A trace as a Python program of its own: dskit's public API, nothing else, an assertion at the end."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection
from typing import Any

from .calls import UNKNOWN_UPLOAD, WRONG_ETAG
from .outcomes import Op, Trace
from .payload import SOURCE, payload
from .state import HEADERS, crc32

__all__ = ["script_of"]

_HEAD = '''"""{title}

expected  {expected}
observed  {observed}
"""

{imports}

{helpers}{setup}
'''

_CLOSING = """finally:
    for key in list(store.list()):
        {delete}
    if store.capabilities.supports.list_uploads:
        for upload in store.list_uploads().uploads:
            store.abort_multipart_upload(upload.key, upload.upload_id)
    {drop}
"""

_LONG_RUN = re.compile(r"'([^'\\])\1{39,}'")  # a literal of one character many times


def script_of(
    trace: Trace,
    *,
    property_id: str,
    statement: str,
    expected: str,
    observed: str,
    url: str,
    prefixed: bool = False,
    refused: Collection[int] = (),
) -> str:
    """A script that does `trace` against `url` and prints what the last operation does.

    `refused` are the numbers of the earlier operations that raise, as they should.
    """
    body: list[str] = []
    names = _Names()
    for number, op in enumerate(trace):
        last = number == len(trace) - 1
        if number in refused and not last:
            body += ["with contextlib.suppress(dskit.StoreError):", "    " + _expression(op, names)[0]]
        else:
            body += _lines(op, names, last=last)
    text = _LONG_RUN.sub(lambda run: f"{run[1]!r} * {len(run[0]) - 2}", "\n".join(body))
    imports = ["import contextlib"] if "contextlib." in text else []
    imports += ["import hashlib"] if "payload(" in text else []
    imports += ["from datetime import UTC, datetime, timedelta"] if "timedelta(" in text or "datetime(" in text else []
    imports += ["", "import dskit"] if imports else ["import dskit"]
    helpers = SOURCE + "\n\n" if "payload(" in text else ""
    where = url if not url.startswith(("http://", "https://")) else f"s3://?endpoint={url}"
    # a key that went past the client's own refusals can only be removed in the same way
    raw = any(op["op"] == "raw" for op in trace)
    delete = 'store.raw("DeleteObject", Key=store.prefix + key.key)' if raw else "store.delete(key.key)"
    if prefixed:
        setup = "\n".join(
            [
                f'whole = dskit.open_store("{where}")',
                'store = dskit.Store(whole.service, whole.bucket, prefix=whole.prefix + "dskit-repro/")',
            ]
        )
        drop = "whole.close()"
    else:
        setup = "\n".join(
            [
                f'service = dskit.open_service("{where}")',
                'service.create_bucket("dskit-repro")',
                'store = service.bucket("dskit-repro")',
            ]
        )
        drop = 'service.delete_bucket("dskit-repro")'
    head = _HEAD.format(
        title=f"{property_id}: {statement}".replace('"""', "'''"),
        expected=_comment(expected),
        observed=_comment(observed),
        imports="\n".join(imports),
        helpers=helpers,
        setup=setup,
    )
    indented = "\n".join("    " + line if line else "" for line in text.splitlines())
    return f"{head}try:\n{indented}\n{_CLOSING.format(drop=drop, delete=delete)}"


def _comment(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"""', "'''").replace("\n", " ")


class _Names:
    """Variables for what the store gave: ETags by key, upload ids and tokens by label."""

    def __init__(self) -> None:
        self.etags: dict[str, list[str]] = {}
        self.parts: dict[tuple[str, int], list[str]] = {}
        self.uploads: dict[str, str] = {}
        self.upload_keys: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.count = 0

    def new(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def etag(self, key: str, reference: str) -> str:
        known = self.etags.get(key, [])
        if reference == "*":
            return '"*"'
        if reference in ("current", "unquoted") and known:
            return known[-1] + ".etag" + (".strip('\"')" if reference == "unquoted" else "")
        if reference == "stale" and len(known) > 1:
            return known[-2] + ".etag"
        if reference == "elsewhere":
            others = [names[-1] for other, names in self.etags.items() if other != key and names]
            if others:
                return others[0] + ".etag"
        return repr(WRONG_ETAG)

    def upload(self, op: Op) -> tuple[str, str]:
        key = op.get("key") or self.upload_keys.get(op["upload"], "a")
        return repr(key), self.uploads.get(op["upload"], repr(UNKNOWN_UPLOAD))


def _body(op: Op) -> str:
    raw = payload(op["size"], op["salt"])
    return repr(raw) if len(raw) <= 24 else f"payload({op['size']}, {op['salt']})"


def _options(op: Op, names: _Names, key: str = "", side: str = "") -> list[str]:
    found = [f"{name}={op[name]!r}" for name in ("content_type", *HEADERS, "metadata") if op.get(name) is not None]
    tags = [name for name in (side + "if_match", side + "if_none_match") if isinstance(op.get(name), str)]
    found += [f"{name}={names.etag(key, op[name])}" for name in tags]
    for name in (side + "if_modified_since", side + "if_unmodified_since"):
        if name in op:
            at = {"same": f"store.head({key!r}).last_modified", "future": "datetime(2090, 1, 1, tzinfo=UTC)"}
            before = f"store.head({key!r}).last_modified - timedelta(days=1)"
            found.append(f"{name}={at.get(op[name], before)}")
    return found


def _digests(op: Op) -> list[str]:
    found = []
    body = payload(op["size"], op["salt"]) if "size" in op else b""
    if kind := op.get("content_md5"):
        digest = "MTIz" if kind == "malformed" else _md5(body if kind == "right" else body + b"x")
        found.append(f"content_md5={digest!r}")
    if kind := op.get("checksum"):
        found.append(f"checksum=('CRC32', {crc32(body if kind == 'right' else body + b'x')!r})")
    return found


def _md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def _call(verb: str, *arguments: str) -> str:
    return f"store.{verb}({', '.join(arguments)})"


def _expression(op: Op, names: _Names) -> tuple[str, str]:
    """The call, and how what it returns is shown."""
    name, key = op["op"], op.get("key", "")
    own = [*_options(op, names, key), *_digests(op)]
    if name == "put":
        return _call("put", repr(key), _body(op), *own), ".etag"
    if name in ("get", "head", "exists", "delete"):
        if "range" in op:
            own.append("range=dskit.ByteRange(" + ", ".join(f"{k}={v}" for k, v in op["range"].items()) + ")")
        own += [f"part_number={op['part_number']}"] if "part_number" in op else []
        own += ["checksum_mode=True"] if op.get("checksum_mode") else []
        return _call(name, repr(key), *own), ".read()" if name == "get" else ""
    if name == "partition":
        return f"b''.join(store.get_range({key!r}, start=a, end=b) for a, b in zip({op['cuts']}, {op['cuts'][1:]}))", ""
    if name == "delete_many":
        rows = [
            f"dskit.DeleteRequest(key={k!r}, if_match={names.etag(k, op['if_match'][k])})"
            if k in op.get("if_match", {})
            else repr(k)
            for k in op["keys"]
        ]
        return _call("delete_many", f"[{', '.join(rows)}]"), ""
    if name == "copy":
        if op.get("replace") is not None:
            own.append(f"replace=dskit.Attributes({', '.join(_options(op['replace'], names))})")
        return _call(
            "copy", repr(op["source"]), repr(key), *own, *_options(op, names, op["source"], "source_")
        ), ".etag"
    return _rest(op, names, own)


def _rest(op: Op, names: _Names, own: list[str]) -> tuple[str, str]:
    name = op["op"]
    query = [f"{k}={op[k]!r}" for k in ("prefix", "delimiter", "start_after") if op.get(k)]
    if name in ("list", "list_page"):
        size = [f"max_keys={op['max_keys']}"] if "max_keys" in op else []
        token = [f"token={names.tokens[op['token']]}.next_token"] if op.get("token") in names.tokens else []
        token += [f"token={op['token_text']!r}"] if "token_text" in op else []
        return _call("list_page", *query, *size, *token), ""
    if name == "list_all":
        verb = "list_with_delimiter" if op.get("delimiter") else "list"
        text = _call(verb, *query)
        return (text, "") if verb == "list_with_delimiter" else (f"[row.key for row in {text}]", "")
    if name in ("fill", "without_bucket", "delete_bucket"):
        return _bucket_call(op)
    if name == "create_upload":
        return _call("create_multipart_upload", repr(op["key"]), *own), ".upload_id"
    if name == "list_uploads":
        query = [f"{k}={op[k]!r}" for k in ("prefix", "delimiter", "max_uploads") if op.get(k)]
        return _call("list_uploads", *query), ""
    if name == "raw":
        return _call("raw", repr(op["operation"]), *(f"{k}={_raw(v, names)}" for k, v in op["params"].items())), ""
    key, upload = names.upload(op)
    if name == "upload_part":
        return _call("upload_part", key, upload, str(op["number"]), _body(op), *_digests(op)), ".etag"
    if name == "upload_part_copy":
        span = [f"range=dskit.ByteRange(first={op['range'][0]}, last={op['range'][1]})"] if op.get("range") else []
        more = _options(op, names, op["source"], "source_")
        return _call("upload_part_copy", key, upload, str(op["number"]), repr(op["source"]), *span, *more), ".etag"
    if name == "complete":
        rows = [f"dskit.CompletedPart(number={n}, etag={_part(names, op, n, ref)})" for n, ref in op["parts"]]
        more = _options({k: v for k, v in op.items() if k.startswith("if_")}, names, op.get("key", ""))
        return _call("complete_multipart_upload", key, upload, f"[{', '.join(rows)}]", *more), ".etag"
    if name == "list_parts":
        size = [f"max_parts={op['max_parts']}"] if "max_parts" in op else []
        return _call("list_parts", key, upload, *size), ""
    return _call("abort_multipart_upload", key, upload), ""


def _bucket_call(op: Op) -> tuple[str, str]:
    if op["op"] == "fill":
        return f"[store.put(f'{op.get('prefix', '')}{{number:05d}}', b'x') for number in range({op['count']})]", ""
    if op["op"] == "delete_bucket":
        return "dskit.Service(store.service).delete_bucket(store.bucket)", ""
    arguments = {"put": "'a', b'x'", "copy": "'a', 'b'", "delete_many": "['a']", "list_page": "", "list_uploads": ""}
    return f"dskit.Store(store.service, store.bucket + '-no').{op['verb']}({arguments.get(op['verb'], repr('a'))})", ""


def _part(names: _Names, op: Op, number: int, reference: str) -> str:
    known = names.parts.get((op["upload"], number), [])
    if reference in ("current", "unquoted") and known:
        return known[-1] + ".etag"
    return known[-2] + ".etag" if reference == "stale" and len(known) > 1 else repr(WRONG_ETAG)


def _raw(value: Any, names: _Names) -> str:
    if isinstance(value, dict):
        if "$upload" in value:
            return names.uploads.get(value["$upload"], repr(UNKNOWN_UPLOAD))
        if "$bytes" in value:
            return repr(payload(*value["$bytes"])) if value["$bytes"][0] <= 24 else f"payload{tuple(value['$bytes'])}"
        if "$etag" in value:
            return names.etag(*value["$etag"])
        if "$key" in value:
            return f"store.prefix + {value['$key']!r}"
        if "$source" in value:
            return f"{{'Bucket': store.bucket, 'Key': store.prefix + {value['$source']!r}}}"
        return "{" + ", ".join(f"{k!r}: {_raw(v, names)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        text = ", ".join(_raw(item, names) for item in value)
        return f"[{text}]" if len(text) < 2000 else f"[{_raw(value[0], names)}] * {len(value)}"
    return repr(value)


def _lines(op: Op, names: _Names, *, last: bool) -> list[str]:
    call, shown = _expression(op, names)
    name = op["op"]
    if last:
        return [
            "try:",
            f"    print('ok', {call}{shown})",
            "except dskit.StoreError as error:",
            "    print(error.code, error)",
        ]
    if name in ("put", "copy"):
        variable = names.new("written")
        names.etags.setdefault(op["key"], []).append(variable)
        return [f"{variable} = {call}"]
    if name == "create_upload":
        variable = names.new("upload")
        names.uploads[op["as"]], names.upload_keys[op["as"]] = f"{variable}.upload_id", op["key"]
        return [f"{variable} = {call}"]
    if name in ("upload_part", "upload_part_copy"):
        variable = names.new("part")
        names.parts.setdefault((op["upload"], op["number"]), []).append(variable)
        return [f"{variable} = {call}"]
    if name == "complete":
        variable = names.new("written")
        names.etags.setdefault(names.upload_keys.get(op["upload"], ""), []).append(variable)
        return [f"{variable} = {call}"]
    if name == "list_page" and "as" in op:
        variable = names.new("page")
        names.tokens[op["as"]] = variable
        return [f"{variable} = {call}"]
    return [call + (shown if name == "get" else "")]
