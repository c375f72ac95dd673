"""The committed service model: what it is made from, what it keeps, that the overlay still fits it."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
from botocore.model import StructureShape

from dskit_emulator.wire import overlay
from tests.emulator.wire.shapes import codec, service
from tests.tools import tool

ROOT = Path(__file__).resolve().parents[3]
COMMITTED = ROOT / "emulator" / "dskit_emulator" / "wire"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    return tool("make_s3_spec")


@pytest.fixture
def document() -> Any:
    """Both files as one."""
    rows = [line.split("\t") for line in (COMMITTED / "s3_shapes.tsv").read_text().splitlines()]
    read: dict[str, Any] = json.loads((COMMITTED / "s3_spec.json").read_text())
    return read | {"shapes": {name: json.loads(row) for name, row in rows}}


def test_the_committed_model_is_what_the_generator_writes(generator: ModuleType, document: Any) -> None:
    installed = f"botocore {importlib.metadata.version('botocore')},"
    if not document["source"].startswith(installed):
        pytest.skip(f"made from {document['source']}; installed is {installed} run tools/make_s3_spec.py")
    written = generator.render(generator.read(generator.source_file()), importlib.metadata.version("botocore"))
    assert {name: (COMMITTED / name).read_text() for name in written} == written
    assert set(written) == {"s3_spec.json", "s3_shapes.tsv"}


def test_every_operation_of_botocore_is_there() -> None:
    assert set(codec().operations) - set(overlay.OPERATIONS) == set(service().operation_names)


def test_shapes_and_members_keep_the_order_of_the_model(document: Any) -> None:
    for name, row in document["shapes"].items():
        if row["type"] == "structure":
            assert list(row["members"]) == list(cast(StructureShape, service().shape_for(name)).members)


def test_no_prose_and_nothing_unreachable_is_kept(document: Any) -> None:
    text = "".join((COMMITTED / name).read_text() for name in ("s3_spec.json", "s3_shapes.tsv"))
    assert "documentation" not in text.replace("Documentation removed", "").lower()
    used = {row["input"] for row in document["operations"].values()}
    used |= {row["output"] for row in document["operations"].values() if "output" in row}
    for row in document["shapes"].values():
        used |= {member["shape"] for member in row.get("members", {}).values()}
        used |= {row[part]["shape"] for part in ("member", "key", "value") if part in row}
    errors = {name for row in document["operations"].values() for name in row.get("errors", ())}
    assert used | errors == set(document["shapes"])


def test_the_model_names_its_source_and_licence(document: Any) -> None:
    assert document["source"].startswith("botocore 1.")
    assert "Apache License 2.0" in document["notice"]
    for name in ("s3_spec.json", "s3_shapes.tsv"):
        assert name in (ROOT / "NOTICE").read_text()


def test_loading_imports_neither_botocore_nor_boto3() -> None:
    code = (
        "import sys; from dskit_emulator.wire.codec import Codec; c = Codec();"
        "c.encode(c.operations['ListBuckets'], {}); c.decode_head(c.operations['PutObject'], [], {});"
        "print([m for m in sys.modules if m.split('.')[0] in ('boto3', 'botocore', 'httptools')])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


class TestOverlayRows:
    """A model that a row does not fit any more is not written (`render` checks)."""

    def test_the_committed_model_fits(self, generator: ModuleType, document: Any) -> None:
        generator.check(document)

    def test_a_root_that_the_model_says_by_now(self, generator: ModuleType, document: Any) -> None:
        document["operations"]["ListParts"]["output"] = "ListPartsResult"
        document["shapes"]["ListPartsResult"] = document["shapes"]["ListPartsOutput"]
        with pytest.raises(AssertionError, match=r"ROOTS\['ListParts'\]"):
            generator.check(document)

    def test_a_status_that_the_model_says_by_now(self, generator: ModuleType, document: Any) -> None:
        document["operations"]["PutBucketTagging"]["status"] = 204
        with pytest.raises(AssertionError, match=r"STATUS\['PutBucketTagging'\]"):
            generator.check(document)

    def test_an_order_that_the_model_has_by_now(self, generator: ModuleType, document: Any) -> None:
        members = document["shapes"]["MultipartUpload"]["members"]
        ordered = {name: members[name] for name in overlay.ORDER["MultipartUpload"]}
        document["shapes"]["MultipartUpload"]["members"] = ordered | members
        with pytest.raises(AssertionError, match=r"ORDER\['MultipartUpload'\]"):
            generator.check(document)

    def test_a_member_that_went_away(self, generator: ModuleType, document: Any) -> None:
        del document["shapes"]["ListObjectsOutput"]["members"]["Marker"]
        with pytest.raises(AssertionError, match="no such members"):
            generator.check(document)

    def test_an_operation_that_the_model_has_by_now(self, generator: ModuleType, document: Any) -> None:
        document["operations"]["PostObject"] = {"method": "POST", "uri": "/{Bucket}"}
        with pytest.raises(AssertionError, match=r"OPERATIONS\['PostObject'\]"):
            generator.check(document)

    def test_a_shape_that_was_corrected(self, generator: ModuleType, document: Any) -> None:
        document["shapes"]["ResponseExpires"] = {"type": "string"}
        with pytest.raises(AssertionError, match=r"SHAPES\['ResponseExpires'\]"):
            generator.check(document)

    def test_every_document_has_a_root(self) -> None:
        """Where the model names none there is a row, whatever is built."""
        for name, operation in codec().operations.items():
            shape = operation.output
            if shape is not None and shape.payload is None and shape.body_members and name not in overlay.ROOTS:
                assert shape.name in (
                    "NotificationConfiguration",
                    "ListBucketIntelligentTieringConfigurationsOutput",
                ), name
