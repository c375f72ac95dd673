"""Rules: every leniency has a name, and no other name is accepted."""

import pytest

from dskit.errors import ConfigurationError
from dskit_emulator.rules import RULES, Rules


def test_all_rules_are_off_at_first() -> None:
    rules = Rules()
    assert not rules
    assert (rules.any_region, rules.default_location, rules.small_parts, rules.anonymous) == (False,) * 4


@pytest.mark.parametrize("name", list(RULES))
def test_each_rule_has_a_property_and_two_sentences(name: str) -> None:
    rules = Rules([name])
    assert getattr(rules, name.replace("-", "_")) is True
    assert list(rules) == [name]
    assert RULES[name].text.endswith(".")
    assert RULES[name].aws.endswith(".")


def test_names_and_mapping_mean_the_same() -> None:
    assert Rules(["anonymous"]) == Rules({"anonymous": True, "any-region": False})
    assert hash(Rules(["anonymous"])) == hash(Rules({"anonymous": True}))
    assert Rules("anonymous") == Rules(["anonymous"])
    assert Rules(Rules(["small-parts"])) == Rules(["small-parts"])


@pytest.mark.parametrize("given", [["any_region"], {"nonsense": False}, "anyregion"])
def test_unknown_names_are_refused_and_the_known_ones_listed(given: object) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Rules(given)  # type: ignore[arg-type]
    for name in RULES:
        assert name in str(refused.value)


def test_a_near_miss_is_named() -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'any-region'"):
        Rules(["any_region"])


def test_rules_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        RULES["more"] = RULES["anonymous"]  # type: ignore[index]
