"""Craft AI's chapter "Save my data on the store"."""

from __future__ import annotations

import io
import re

import pytest

from dskit.compat.craft_ai.shim import modules
from tests.sdks.document import Document, Run, Stage, Stages

STORED = b"r" * 1536
MODEL = b"a trained model"
ENVIRONMENT = "https://mlops-platform.craft.ai/environments/my-environment"


def prepare(stage: Stage) -> None:
    """The chapter takes an environment and the names of its parameters for granted."""
    stage.service.create_bucket("my-environment")
    stage.store("my-environment").put("results/metrics.csv", STORED)
    stage.store("my-environment").put("models/model 1.bin", b"old")
    (stage.folder / "model.bin").write_bytes(MODEL)
    stage.names |= {
        "filepath_or_buffer": "model.bin",
        "object_path_in_datastore": "models/model 1.bin",
    }


def bind(stage: Stage) -> None:
    """What the chapter's calls are made on; ``CraftAiSdk.list_…()`` is written there for a method of an instance."""
    stage.execute("from craft_ai_sdk import CraftAiSdk as made; CraftAiSdk = made()")


def facade(stage: Stage) -> None:
    stage.modules |= modules(stage.service)
    stage.environment |= {"CRAFT_AI_ENVIRONMENT_URL": ENVIRONMENT}
    bind(stage)


def real(stage: Stage) -> None:
    stage.environment |= stage.endpoint.env("craft_ai")
    bind(stage)


DOCUMENT = Document("Craft AI: data store", facade, real, package="craft_ai_sdk", prepare=prepare)
statement = DOCUMENT.statement
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z")


def described(item: dict[str, str], path: str, size: str) -> bool:
    return (
        list(item) == ["path", "last_modified", "size"]
        and (item["path"], item["size"]) == (path, size)
        and ISO.fullmatch(item["last_modified"]) is not None
    )


# 4.3.2 Get files


@statement("CraftAiSdk.list_data_store_objects()")
def _(stage: Stage) -> None:
    """The chapter's size is a number; the package makes a text of it."""
    model, metrics = stage.result
    assert described(model, "models/model 1.bin", "3.00 B")
    assert described(metrics, "results/metrics.csv", "1.50 KB")


# 4.3.3 Get file info


@statement("CraftAiSdk.get_data_store_object_information(object_path_in_datastore)")
def _(stage: Stage) -> None:
    assert described(stage.result, "models/model 1.bin", "3.00 B")


# 4.3.4 Upload a file


@statement("CraftAiSdk.upload_data_store_object(filepath_or_buffer, object_path_in_datastore)")
def _(stage: Stage) -> None:
    assert stage.result is None
    assert stage.store("my-environment").get("models/model 1.bin").read() == MODEL
    stage.names["filepath_or_buffer"] = "downloaded.bin"


# 4.3.5 Download a file


@statement("CraftAiSdk.download_data_store_object(object_path_in_datastore, filepath_or_buffer)")
def _(stage: Stage) -> None:
    assert stage.result is None
    assert (stage.folder / "downloaded.bin").read_bytes() == MODEL
    assert sorted(file.name for file in stage.folder.iterdir()) == ["downloaded.bin", "model.bin"]


# 4.3.6 Delete a file


@statement("CraftAiSdk.delete_data_store_object(object_path_in_datastore)")
def _(stage: Stage) -> None:
    assert stage.result == {"path": "models/model 1.bin"}
    assert [found.key for found in stage.store("my-environment").list()] == ["results/metrics.csv"]
    stage.names["filepath_or_buffer"] = io.BytesIO(b"from a buffer")


# The same calls with file-like objects, which the parameters are said to be as well.


@statement("CraftAiSdk.upload_data_store_object(filepath_or_buffer, object_path_in_datastore)")
def _(stage: Stage) -> None:
    assert stage.result is None
    assert stage.store("my-environment").get("models/model 1.bin").read() == b"from a buffer"
    stage.names["filepath_or_buffer"] = io.BytesIO()


@statement("CraftAiSdk.download_data_store_object(object_path_in_datastore, filepath_or_buffer)")
def _(stage: Stage) -> None:
    assert stage.result is None
    assert stage["filepath_or_buffer"].tell() == 0
    assert stage["filepath_or_buffer"].getvalue() == b"from a buffer"


@pytest.mark.parametrize("run", DOCUMENT.runs())
def test_statements(stages: Stages, run: Run) -> None:
    stages.perform(run)
