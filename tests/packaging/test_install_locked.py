"""The installer of locked requirements: uv with pip's settings, pip where uv cannot."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests import tools

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def tool() -> ModuleType:
    return tools.tool("install_locked")


def test_pips_settings_are_uvs(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example.test/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://a.example.test https://b.example.test")
    monkeypatch.setenv("PIP_FIND_LINKS", "/one /two")
    monkeypatch.setenv("PIP_CERT", "/cert.pem")
    told = tool.uv_environment()
    assert told["UV_DEFAULT_INDEX"] == "https://index.example.test/simple"
    assert told["UV_INDEX"] == "https://a.example.test https://b.example.test"
    assert told["UV_FIND_LINKS"] == "/one,/two"
    assert told["SSL_CERT_FILE"] == "/cert.pem"


def test_what_is_set_for_uv_stays(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://pip.example.test")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uv.example.test")
    assert tool.uv_environment()["UV_DEFAULT_INDEX"] == "https://uv.example.test"


def test_uv_itself_is_locked_with_hashes(tool: ModuleType) -> None:
    first, *rest = tool._locked("uv", (ROOT / "requirements.lock").read_text())
    assert first.startswith("uv==")
    assert rest[0].strip().startswith("--hash=sha256:")
    assert all(line.strip().startswith(("--hash=sha256:", "#")) for line in rest)  # and nothing of the next one


@pytest.mark.parametrize(("status", "commands"), [(0, ["uv"]), (2, ["uv", "pip"])])
def test_pip_installs_where_uv_cannot(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, status: int, commands: list[str]
) -> None:
    ran: list[str] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        by = "pip" if command[1:3] == ["-m", "pip"] else "uv"
        if command[-1] == "lock":
            ran.append(by)
        return subprocess.CompletedProcess(command, status if by == "uv" else 0, stdout="")

    monkeypatch.setattr(subprocess, "run", run)
    tool.install(Path("/somewhere"), "-r", "lock")
    assert ran == commands
