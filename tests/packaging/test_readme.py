"""What the README shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
TOUR = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def test_the_tour_runs(capsys) -> None:  # type: ignore[no-untyped-def]
    """The first block is executed as it stands."""
    exec(compile(TOUR[0], "README.md", "exec"), {"__name__": "tour"})
    printed = capsys.readouterr().out
    assert "PreconditionFailed" in printed
    assert "['a//b', 'a/c'] ['a/']" in printed


def test_the_tour_is_about_twenty_lines() -> None:
    assert len(TOUR[0].strip().splitlines()) <= 24


def test_the_make_targets_that_the_readme_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"^make ([a-z-]+)", README, flags=re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_relative_links_of_the_documents_lead_somewhere() -> None:
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    broken = [
        f"{document.relative_to(ROOT)} -> {link}"
        for document in documents
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text())
        if "://" not in link and not (document.parent / link).exists()
    ]
    assert broken == []
