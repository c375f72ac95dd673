"""A document of an SDK as a list of statements that are run, in order, on a facade and on the real package.

A statement is the document's own code. It is executed as it is spelled, and the function under it asserts what it did:
the same assertions for every variant. `README.md` shows how to write one.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import importlib.util
import inspect
import io
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

import dskit
from dskit import Service, Store
from dskit_emulator import Server
from dskit_emulator.endpoint import Endpoint

__all__ = ["FACADES", "REAL", "Document", "Run", "Stage", "Statement", "needs"]

FACADES = ("memory", "disk", "local", "s3")
REAL = "package"
"""The variant that is the real package, over the wire."""
PROPERTY = "sdk-document"


def installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def needs(package: str) -> pytest.MarkDecorator:
    """Skip where a real package is not installed."""
    return pytest.mark.skipif(not installed(package), reason=f"{package} is not installed here: make test-sdks")


class Stage:
    """One variant of one document: what its statements share.

    `names` is the namespace in which they run, `result` the value of the last statement if it was an expression,
    `output` what it printed. `service` is dskit's own view of the state behind, for assertions and preparations, in
    every variant; `folder` the current directory while statements run. `endpoint` is what the real package talks to;
    the facade over ``s3`` has one too. `modules` are importable and `environment` is set while statements run.
    """

    def __init__(self, variant: str, folder: Path, service: Service, endpoint: Endpoint | None) -> None:
        self.variant = variant
        self.folder = folder
        self.service = service
        self._endpoint = endpoint
        self.names: dict[str, Any] = {}
        self.modules: dict[str, ModuleType] = {}
        self.environment: dict[str, str] = {}
        self.result: Any = None
        self.output = ""
        self.closing = contextlib.ExitStack()

    @property
    def endpoint(self) -> Endpoint:
        assert self._endpoint is not None, f"variant {self.variant} has no endpoint"
        return self._endpoint

    @property
    def has_endpoint(self) -> bool:
        return self._endpoint is not None

    @property
    def real(self) -> bool:
        return self.variant == REAL

    def __getitem__(self, name: str) -> Any:
        """What the statements have bound to a name."""
        return self.names[name]

    def store(self, bucket: str) -> Store:
        return self.service.bucket(bucket)

    def execute(self, text: str) -> None:
        """Run code as a prompt would, ``await`` at the top level included."""
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        tree = ast.parse(text)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        printed = io.StringIO()
        self.result = None
        with self._surroundings(), contextlib.redirect_stdout(printed):
            if tree.body:
                self._evaluate(compile(tree, "<document>", "exec", flags))
            if isinstance(last, ast.Expr):
                self.result = self._evaluate(compile(ast.Expression(last.value), "<document>", "eval", flags))
        self.output = printed.getvalue()

    def _evaluate(self, code: CodeType) -> Any:
        value = eval(code, self.names)
        return asyncio.run(value) if code.co_flags & inspect.CO_COROUTINE else value

    @contextlib.contextmanager
    def _surroundings(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            for name, module in self.modules.items():
                patch.setitem(sys.modules, name, module)
            yield


Check = Callable[[Stage], None]


@dataclass(frozen=True)
class Statement:
    """`number` counts from 1 in the order of the document."""

    number: int
    text: str
    check: Check


@dataclass(frozen=True)
class Run:
    """One statement on one variant: the parameter of a test."""

    document: Document
    variant: str
    statement: Statement


@dataclass
class Document:
    """A document. `facade` and `real` bind what its first statement needs; `prepare` makes what the text takes for
    granted (buckets, files), for both, through `Stage.service` and `Stage.folder`.

    `package` is the module that must be importable for the real variant; None: there is no real package. `endpoint` are
    options of the endpoint, for the variants that have one (`Server.endpoint`).
    """

    title: str
    facade: Callable[[Stage], None]
    real: Callable[[Stage], None] | None = None
    package: str | None = None
    prepare: Callable[[Stage], None] = lambda stage: None
    facades: tuple[str, ...] = FACADES
    endpoint: Mapping[str, Any] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)

    def statement(self, text: str) -> Callable[[Check], Check]:
        """Add the next statement, spelled as in the document. The function asserts what it did."""

        def add(check: Check) -> Check:
            self.statements.append(Statement(len(self.statements) + 1, inspect.cleandoc(text), check))
            return check

        return add

    def runs(self) -> list[Any]:
        """Parameters for `test_statements`: every statement on every variant, one variant after the other."""
        params: list[Any] = []
        for variant in (*self.facades, *([REAL] if self.real is not None else [])):
            statements = self.statements
            marks = []
            if variant == REAL and self.package is not None:
                marks.append(needs(self.package))
                if not installed(self.package):
                    statements = statements[:1]  # one skip says it all
            params += [
                pytest.param(Run(self, variant, each), id=f"{variant}-{each.number:02}", marks=marks)
                for each in statements
            ]
        return params


class Stages:
    """Performs each document once on each variant, when the first of its statements is asked for."""

    def __init__(self, server: Server, folder: Callable[[str], Path]) -> None:
        self._server = server
        self._folder = folder
        self._outcomes: dict[tuple[str, str], list[Exception | None]] = {}
        self._closing = contextlib.ExitStack()

    def perform(self, run: Run) -> None:
        """Raise what the statement or its assertions raised, when the document was performed from its beginning."""
        key = run.document.title, run.variant
        if key not in self._outcomes:
            self._outcomes[key] = self._perform(run.document, run.variant)
        failure = self._outcomes[key][run.statement.number - 1]
        if failure is not None:
            raise failure

    def close(self) -> None:
        self._closing.close()

    def _perform(self, document: Document, variant: str) -> list[Exception | None]:
        stage = self._make(variant, document.endpoint)
        self._closing.enter_context(stage.closing)
        document.prepare(stage)
        bind = document.real if variant == REAL else document.facade
        assert bind is not None
        bind(stage)
        outcomes: list[Exception | None] = []
        for statement in document.statements:
            try:
                stage.execute(statement.text)
                statement.check(stage)
            except Exception as error:  # what follows may well hold
                outcomes.append(error)
            else:
                outcomes.append(None)
        return outcomes

    def _make(self, variant: str, options: Mapping[str, Any]) -> Stage:
        work = self._folder(variant)
        if variant in ("s3", REAL):
            endpoint = self._closing.enter_context(self._server.endpoint(**options))
            if variant == REAL:
                return Stage(variant, work, Service(endpoint.backend), endpoint)
            account = endpoint.account
            service = dskit.open_service(
                "s3:",
                endpoint=endpoint.url,
                region=endpoint.region,
                access_key=account.access_key,
                secret_key=account.secret_key,
            )
            stage = Stage(variant, work, service, endpoint)
        else:
            data = self._folder(f"{variant}-data")
            urls = {"memory": "memory:", "disk": f"disk:{data}", "local": f"file:{data}"}
            stage = Stage(variant, work, dskit.open_service(urls[variant]), None)
        stage.closing.callback(stage.service.close)
        return stage


def table(counts: Mapping[tuple[str, str], tuple[int, int]]) -> list[str]:
    """Lines of a table, document by variant, from (passed, total) for each."""
    documents = sorted({document for document, _ in counts})
    columns = [*FACADES, REAL]
    width = max(len("document"), *map(len, documents))
    lines = [f"{'document':{width}}  " + "  ".join(f"{column:>8}" for column in columns)]
    for document in documents:
        cells = []
        for column in columns:
            passed, total = counts.get((document, column), (0, 0))
            cells.append(f"{f'{passed}/{total}' if total else '-':>8}")
        lines.append(f"{document:{width}}  " + "  ".join(cells))
    return lines
