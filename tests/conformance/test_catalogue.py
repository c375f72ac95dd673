"""The catalogue is complete, cited and consistent."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter

import pytest

from dskit.capabilities import Supports
from dskit.errors import ConfigurationError
from dskit_conformance.catalogue import CATALOGUE, FAMILIES, catalogue_sha256, implemented, of_level
from dskit_conformance.machines import MACHINES
from dskit_conformance.properties import DIRECTED
from dskit_conformance.property import Level, Property, Severity

COUNTS = {"OBJ": 21, "KEY": 13, "RNG": 14, "LST": 24, "CPY": 9, "CND": 12, "MPU": 19, "DEL": 4, "ROB": 2}


def test_every_family_has_its_ids_without_gaps() -> None:
    assert Counter(entry.family for entry in CATALOGUE.values()) == COUNTS
    for family, count in COUNTS.items():
        assert [f"{family}-{number:02d}" for number in range(1, count + 1)] == [
            name for name in CATALOGUE if name.startswith(family)
        ]
    assert set(FAMILIES) == set(COUNTS)


def test_at_least_a_hundred_properties_have_a_check_and_the_others_say_why_not() -> None:
    assert len(implemented()) >= 100
    assert all(entry.missing for entry in CATALOGUE.values() if not entry.implemented)


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.id)
def test_a_property_is_one_sentence_with_a_source(entry: Property) -> None:
    assert entry.statement.endswith(".")
    assert entry.sources
    cited = re.compile(r"(botocore:|recorded:test_|guide:|RFC 9110 §|peers:|reading$)")
    assert all(cited.match(source) for source in entry.sources)
    assert entry.needs <= {field.name for field in dataclasses.fields(Supports)}


def test_a_level_brings_its_prerequisites() -> None:
    ids = {entry.id for entry in of_level("Multipart")}
    assert {"MPU-01", "OBJ-01"} <= ids
    assert "CPY-01" not in ids
    assert len(of_level(None)) == len(CATALOGUE)
    assert of_level("multipart") == of_level("Multipart")
    with pytest.raises(ConfigurationError, match="there is no level 'Nonsense'; there are Core, Ranges, Copy"):
        of_level("Nonsense")


def test_disputed_and_soft_properties_never_fail() -> None:
    assert all(not entry.fails for entry in CATALOGUE.values() if entry.disputed or entry.severity is not Severity.MUST)
    assert {entry.level for entry in CATALOGUE.values()} == set(Level)


def test_the_digest_is_that_of_the_statements() -> None:
    assert re.fullmatch("[0-9a-f]{64}", catalogue_sha256())


def test_directed_checks_and_machines_name_what_exists() -> None:
    names = {field.name for field in dataclasses.fields(Supports)}
    for check in DIRECTED:
        assert set(check.properties) <= set(CATALOGUE), check.name
        assert set(check.needs) <= names, check.name
    for machine in MACHINES:
        assert {need for rule in machine.rules for need in rule.needs} <= names, machine.name
