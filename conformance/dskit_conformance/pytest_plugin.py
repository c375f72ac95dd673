"""`pytest --dskit-store=URL`: one test item for each property of the suite, against the store at URL.

The run is made once, when the first item is executed; each item then reports its own property.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

__all__: list[str] = []

_CERTIFICATE: pytest.StashKey[dict[str, Any] | Exception] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("dskit", "conformance of an object store")
    group.addoption("--dskit-store", metavar="URL", help="certify the store at URL: one item a property")
    group.addoption("--dskit-level", metavar="LEVEL", help="only that level and what it needs")
    group.addoption(
        "--dskit-budget", default="quick", choices=("quick", "standard", "deep"), help="how much to try (quick)"
    )
    group.addoption("--dskit-seed", metavar="N", type=int, default=0, help="seed of the examples (0)")
    group.addoption("--dskit-profile", metavar="NAME|FILE", help="divergences that are known and accepted")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--dskit-store"):
        _check(config)
        items.extend(PropertyCollector.from_parent(session, name="dskit").collect())


def _check(config: pytest.Config) -> None:
    """Wrong usage ends the session in one sentence, before anything runs."""
    from dskit.errors import StoreError
    from dskit.extras import explained

    from .profile import load_profile

    option = "--dskit-store"
    try:
        with explained():
            import hypothesis  # noqa: F401  # what the run imports later

            from .catalogue import of_level
            from .target import open_target

            open_target(config.getoption(option)).close()
        option = "--dskit-profile"
        if config.getoption(option):
            load_profile(config.getoption(option))
        option = "--dskit-level"
        of_level(config.getoption(option))
    except StoreError as error:
        raise pytest.UsageError(f"{option}: {error.message}") from error


class PropertyCollector(pytest.Collector):
    def collect(self) -> Iterator[PropertyItem]:
        from .catalogue import implemented, of_level

        for entry in implemented(of_level(self.config.getoption("--dskit-level"))):
            item = PropertyItem.from_parent(self, name=entry.id)
            item.add_marker(pytest.mark.xdist_group("dskit")) if self.config.pluginmanager.hasplugin("xdist") else None
            yield item


class PropertyItem(pytest.Item):
    def runtest(self) -> None:
        certificate = _certificate(self.config)
        if certificate["errors"]:
            raise PropertyError(f"{self.name} error: {certificate['errors'][0]}")
        entry = next((row for row in certificate["properties"] if row["id"] == self.name), None)
        if entry is None:
            pytest.skip("not part of this run")
        if certificate["profile"]["stale"].get(self.name):
            raise PropertyError(f"stale profile entry: {certificate['profile']['stale'][self.name]}")
        if entry["profiled"]:
            pytest.xfail(f"accepted by the profile: {entry['statement']}")
        match entry["verdict"]:
            case "pass" | "non-strict":
                return
            case "not-applicable" | "inconclusive":
                pytest.skip(f"{entry['verdict']}: {entry['reason']}")
            case _:
                raise PropertyError(_explain(certificate, entry))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, PropertyError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[str, None, str]:
        return "dskit", None, self.name


class PropertyError(AssertionError):
    """A property is violated; the message is the minimal script."""


def _certificate(config: pytest.Config) -> dict[str, Any]:
    """The certificate of the session's one run. What broke the run is raised for every item, and not tried again."""
    if _CERTIFICATE not in config.stash:
        config.stash[_CERTIFICATE] = _run(config)
    outcome = config.stash[_CERTIFICATE]
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _run(config: pytest.Config) -> dict[str, Any] | Exception:
    from .profile import load_profile
    from .surveying import survey

    profile = config.getoption("--dskit-profile")
    try:
        return survey(
            config.getoption("--dskit-store"),
            level=config.getoption("--dskit-level"),
            budget=config.getoption("--dskit-budget"),
            seed=config.getoption("--dskit-seed"),
            profile=load_profile(profile) if profile else None,
        )
    except Exception as error:  # whatever it is, it is the outcome of all items
        return error


def _explain(certificate: dict[str, Any], entry: dict[str, Any]) -> str:
    lines = [f"{entry['id']} {entry['verdict']}: {entry['statement']}", entry["reason"]]
    for example in certificate["counterexamples"]:
        if example["property"] == entry["id"]:
            lines += [f"expected {example['expected']}", f"observed {example['observed']}", "", example["python"]]
            break
    return "\n".join(line for line in lines if line is not None)
