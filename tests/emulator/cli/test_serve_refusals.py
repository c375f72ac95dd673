"""`dskit serve` with options that cannot be, or without a library."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.emulator.cli.serving import refused


def test_an_unknown_plane_is_refused_with_those_that_are() -> None:
    assert "there is no plane 'dominos'; there are: " in refused("--port", "0", "--plane", "dominos")


def test_wrong_options_are_explained(tmp_path: Path) -> None:
    assert "nonsense" in refused("--rule", "nonsense")
    assert "NAME:ACCESS:SECRET" in refused("--account", "nonsense")
    assert "very-secret" not in refused("--account", "a b:c:very-secret")
    assert "exclude each other" in refused("--memory", "--data", str(tmp_path))
    assert "--tls-cert and --tls-key" in refused("--tls-cert", __file__)
    assert f"TLS certificate {__file__}" in refused("--port", "0", "--tls-cert", __file__, "--tls-key", __file__)
    assert "70000" in refused("--port", "70000")
    assert "nowhere" in refused("--load", "/nowhere")
    assert "head_seconds of the front is 0.0" in refused("--port", "0", "--limit", "head_seconds=0")
    assert "Not_A_Bucket" in refused("--port", "0", "--bucket", "Not_A_Bucket")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = refused("--port", port)
        assert f"cannot listen on 127.0.0.1:{port}: Address already in use; " in told
        assert "0 is any that is free" in told
        assert f"cannot listen on 127.0.0.1:{port}: " in refused("--port", "0", "--also-port", port)
    (tmp_path / "loose").write_text("x")
    assert "loose" in refused("--port", "0", "--load", str(tmp_path))


def test_without_click_the_command_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise ImportError('no click here')")
    code = "from dskit.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert 'pip install "dskit[cli]"' in done.stderr


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--region", ""),
        ("--region", "us east"),
        ("--domain", ""),
        ("--domain", "http://host"),
        ("--domain", "*.host"),
        ("--ready-file", "/none/such/file"),
        ("--ready-file", "/proc/file"),
        ("--data", "/dev/null/data"),
        ("--limit", "patience=5"),
        ("--limit", "head_seconds=soon"),
    ],
)
def test_values_that_could_never_work_are_refused_by_name(option: str, value: str) -> None:
    told = refused("--port", "0", option, value)
    assert value in told
    assert "dskit: S3 endpoint" not in told


def test_a_file_whose_name_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / os.fsdecode(b"caf\xe9")).write_bytes(b"x")
    assert "caf\\xe9 cannot be a key" in refused("--port", "0", "--load", str(tmp_path))


def test_without_httptools_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "httptools.py").write_text("raise ModuleNotFoundError('no parser here', name='httptools')")
    code = "import sys; sys.argv[1:] = ['serve', '--port', '0']; from dskit.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert 'pip install "dskit[emulator]"' in done.stderr
    assert "Traceback" not in done.stderr
