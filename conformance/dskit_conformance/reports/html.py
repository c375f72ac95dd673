"""One self-contained HTML page: no script, no style sheet, no font from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

__all__ = ["render"]


def render(certificate: Mapping[str, Any]) -> str:
    """The page for one certificate. All text from the subject is escaped. Needs Jinja2 (`dskit[conformance]`)."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    source = resources.files(__package__).joinpath("certificate.html.j2").read_text("utf-8")
    by_level: dict[str, list[Mapping[str, Any]]] = {}
    for entry in certificate["properties"]:
        by_level.setdefault(entry["level"], []).append(entry)
    return environment.from_string(source).render(
        certificate=certificate,
        by_level=by_level,
        alarming=[cell for cell in certificate["capabilities"] if is_alarming(cell)],
        ops={
            example["id"]: [json.dumps(op, ensure_ascii=True) for op in example["ops"]]
            for example in certificate["counterexamples"]
        },
    )


def is_alarming(cell: Mapping[str, Any]) -> bool:
    """Declared and not there, or not declared and silently ignored."""
    if cell["declared"]:
        return cell["observed"] in ("ignored", "broken", "refused")
    return cell["observed"] in ("ignored", "broken")
