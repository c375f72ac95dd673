"""The certificates that are kept are whole, and the page beside them says what they say."""

from __future__ import annotations

import jsonschema
import pytest

from dskit_conformance.certificate import digest
from dskit_conformance.schema import certificate_schema
from tests.tools import tool

SUMMARY = tool("summarise_certificates")
KEPT = SUMMARY.kept()


@pytest.mark.parametrize("name", sorted(KEPT))
def test_a_kept_certificate_is_as_it_was_made(name: str) -> None:
    certificate = KEPT[name]
    jsonschema.validate(certificate, certificate_schema())
    assert certificate["digest"] == digest(certificate)
    assert certificate["verdict"]["overall"].startswith("certified")


def test_the_page_is_that_of_the_certificates() -> None:
    assert (SUMMARY.FOLDER / "README.md").read_text("utf-8") == SUMMARY.page(KEPT)
