"""What the pages and the README show, run."""

import doctest
import re
from pathlib import Path

import pytest

from skinfo.families import _registry

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.rst")) + sorted((ROOT / "docs" / "user_guide").glob("*.rst"))
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def run_doctests(page, names):
    test = doctest.DocTestParser().get_doctest(page.read_text(), names, page.name, str(page), 0)
    result = doctest.DocTestRunner(optionflags=FLAGS).run(test)
    assert result.failed == 0, f"{result.failed} of {result.attempted} examples of {page.name}"
    return result.attempted


@pytest.mark.parametrize("page", [p for p in PAGES if p.stem != "adding_a_law"], ids=lambda p: p.stem)
def test_examples_of_a_page(page):
    run_doctests(page, {})


def test_adding_a_law(monkeypatch):
    page = ROOT / "docs" / "adding_a_law.rst"
    (included,) = re.findall(r"\.\. literalinclude:: (.+)", page.read_text())
    law = (page.parent / included).resolve()
    catalogue = dict(_registry._FAMILIES)
    assert catalogue.pop("nakagami").name == law.stem.removeprefix("_")
    monkeypatch.setattr(_registry, "_FAMILIES", catalogue)  # without the law, which its file alone puts back
    exec(compile(law.read_text(), law.name, "exec"), {})
    assert run_doctests(page, {}) > 10


README_BLOCKS = re.findall(r"## ([^\n]*)\n+```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


@pytest.mark.parametrize(("title", "code"), README_BLOCKS, ids=[title for title, _ in README_BLOCKS])
def test_code_of_the_readme_runs_by_itself(title, code, capsys):
    exec(compile(code, title, "exec"), {})
    assert capsys.readouterr().out
