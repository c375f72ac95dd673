"""`dskit certify` as a person meets it: wrong usage, missing libraries, targets that are not there."""

from __future__ import annotations

import importlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import dskit_conformance
from dskit_conformance.cli import certify


def run(*arguments: str) -> Result:
    return CliRunner().invoke(certify, arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "TARGET"),
        (["memory"], "scheme"),
        (["nfs://bucket"], "no backend for 'nfs'"),
        (["memory:", "--seconds", "0"], "seconds"),
        (["memory:", "--level", "best"], "level"),
        (["memory:", "--profile", "none-such"], "profile"),
        (["memory:", "disk:x", "--name", "n"], "one target"),
        (["py:os"], "py:MODULE:FUNCTION"),
        (["py:none_such_module:make"], "none_such_module"),
        (["py:os:sep"], "callable"),
    ],
)
def test_wrong_usage_is_two_and_says_what(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_folder_that_cannot_be_made_is_noticed_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("memory:", "--out", str(tmp_path / "file" / "out"))
    assert result.exit_code == 2
    assert "--out" in result.output
    assert "certified" not in result.output


def test_the_certificate_holds_the_command_that_makes_it_again(tmp_path: Path) -> None:
    given = ["--budget", "quick", "--seed", "3", "--level", "Ranges", "--profile", "minio", "--isolation", "bucket"]
    given += ["--seconds", "0.5", "--name", "one two"]
    run("memory:", *given, "--out", str(tmp_path))
    certificate = json.loads((tmp_path / "one-two.json").read_text())
    assert shlex.split(certificate["run"]["command"]) == ["dskit", "certify", "memory:", *given]


def test_a_target_that_does_not_answer_is_three_and_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush-hush")
    result = run("http://127.0.0.1:1")
    assert result.exit_code == 3
    assert "cannot be tested" in result.output
    assert "inconclusive" not in result.output
    assert "hush" not in result.output


def test_a_password_in_the_address_of_an_endpoint_is_used_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    with pytest.warns(UserWarning, match="secret"):
        result = run("http://key:hush-hush@127.0.0.1:1")
    assert result.exit_code == 3
    assert "no connection" in result.output
    assert "hush" not in result.output


@pytest.mark.parametrize("library", ["hypothesis", "jinja2"])
def test_a_missing_library_names_its_extra(library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == library or name.startswith("dskit_conf")]:
        if name != "dskit_conformance.cli":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    result = run("memory:", "--seconds", "1", "--out", str(tmp_path))
    assert result.exit_code == 2
    assert 'pip install "dskit[conformance]"' in result.output


def test_a_python_callable_is_a_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_stores.py").write_text("import dskit\nmake = dskit.MemoryStore\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    result = run("py:my_stores:make", "--seconds", "1", "--out", str(tmp_path / "out"))
    assert result.exit_code in (0, 4), result.output
    (certificate,) = (tmp_path / "out").glob("*.json")
    record = json.loads(certificate.read_text())
    assert record["subject"]["name"] == "py:my_stores:make"
    assert record["run"]["examples"] > 0


def test_every_public_name_is_the_thing_and_not_a_module_of_that_name() -> None:
    for module in ("cli", "pytest_plugin", "surveying"):
        importlib.import_module(f"dskit_conformance.{module}")
    for _ in range(2):
        for name in dskit_conformance.__all__:
            assert not isinstance(getattr(dskit_conformance, name), types.ModuleType), name


def test_a_bucket_that_is_not_there_is_three_and_no_list_of_violations(monkeypatch: pytest.MonkeyPatch) -> None:
    from dskit_emulator import Server

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "dskit")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "dskit-secret")
    with Server() as s3:
        result = run(f"s3://missing-bucket?endpoint={s3.url}")
    assert result.exit_code == 3
    assert result.output.count("NoSuchBucket") == 1
    assert "violat" not in result.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_and_leaves_no_scratch_bucket(number: int) -> None:
    """With a code of its own: an interrupted run has found no violation."""
    from dskit_emulator import Server

    with Server() as s3:
        command = [str(Path(sys.executable).with_name("dskit")), "certify", s3.url, "--budget", "deep"]
        with subprocess.Popen(
            command, env=os.environ | s3.env(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            try:
                end = time.monotonic() + 120
                while not list(s3.backend.list_buckets()):
                    assert process.poll() is None
                    assert time.monotonic() < end
                    time.sleep(0.005)
                process.send_signal(number)
                told = process.communicate(timeout=120)[0]
            finally:
                process.kill()
        assert process.returncode == 128 + number
        assert b"Traceback" not in told
        assert list(s3.backend.list_buckets()) == []


def test_levels_that_were_not_asked_for_are_not_shown() -> None:
    result = run("memory:", "--level", "ranges", "--seconds", "1")
    assert "Ranges" in result.output
    assert "Multipart" not in result.output
