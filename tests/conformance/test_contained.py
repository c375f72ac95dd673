"""`dskit certify container:minio`: a server for the run alone, and a certificate that says of which image."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from dskit_conformance.cli import certify
from dskit_conformance.reports import html
from dskit_conformance.schema import certificate_schema
from tests.engine import containers_of, image_of_our_own

NOBODY = "unix:///nowhere/docker.sock"


@pytest.fixture
def image() -> Iterator[str]:
    with image_of_our_own() as name:
        yield name


def run(*arguments: str) -> Result:
    return CliRunner().invoke(certify, arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["container:redis"], "container:minio"),
        (["container:"], "container:minio"),
        (["container:minio?image="], "container:minio?image=NAME"),
        (["container:minio?tag=x"], "container:minio?image=NAME"),
        (["container:minio?image=a&image=b"], "container:minio?image=NAME"),
        (["container:minio?image=a", "--image", "b"], "already"),
        (["memory:", "--image", "b"], "--image goes with container:minio, not with memory:"),
        (["container:minio", "--isolation", "prefix"], "prefix"),
        (["container:minio", "--level", "best"], "level"),
    ],
)
def test_wrong_usage_is_two_and_starts_nothing(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", NOBODY)
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
    assert "Docker engine" not in result.output


def test_no_engine_is_three_and_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", NOBODY)
    result = run("container:minio")
    assert result.exit_code == 3
    assert f"Error: no Docker engine answers at {NOBODY}" in result.output
    assert "Traceback" not in result.output


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "testcontainers" or name == "dskit.containers"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "testcontainers", None)
    result = run("container:minio")
    assert result.exit_code == 2
    assert 'pip install "dskit[containers]"' in result.output


@pytest.mark.slow
@pytest.mark.containers
@pytest.mark.xdist_group("containers")
def test_the_certificate_names_the_image_by_its_id(tmp_path: Path, image: str) -> None:
    import docker

    result = run("container:minio", "--image", image, "--level", "Batch", "--seconds", "3", "--out", str(tmp_path))
    assert result.exit_code in (0, 1, 4), result.output  # the verdict on MinIO is not what this is about
    (path,) = tmp_path.glob("*.json")
    assert path.name == "container-minio.json"
    certificate = json.loads(path.read_text())
    jsonschema.validate(certificate, certificate_schema())
    subject = certificate["subject"]
    found = docker.from_env().images.get(image)
    digest = next(iter(found.attrs["RepoDigests"]), "")  # an image made here has none
    assert subject["image"] == {"name": image, "id": found.id, "digest": digest}
    assert subject["store"] == "S3Service"
    assert certificate["run"]["examples"] > 0
    assert f"image {image}, {digest or found.id}" in result.output
    assert (digest or found.id) in html.render(certificate)
    assert containers_of(image) == []


@pytest.mark.slow
@pytest.mark.containers
@pytest.mark.xdist_group("containers")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_and_leaves_no_container(number: int, image: str) -> None:
    command = [str(Path(sys.executable).with_name("dskit")), "certify", "container:minio", "--budget", "deep"]
    environment = os.environ | {"DSKIT_MINIO_IMAGE": image}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            end = time.monotonic() + 120
            while not containers_of(image):
                assert process.poll() is None
                assert time.monotonic() < end
                time.sleep(0.005)
            process.send_signal(number)
            told = process.communicate(timeout=120)[0]
        finally:
            process.kill()
    assert process.returncode == 128 + number
    assert b"Traceback" not in told
    assert containers_of(image) == []
