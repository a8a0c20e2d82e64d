"""Writes lab/README.md: every source file with the first sentence of its docstring. Run me to renew it."""

import ast
import re
from pathlib import Path

CODE = Path(__file__).parent.parent / "lab"
HEAD = """# The code, file by file

The folders stand in the data's order: `corpus`, `holdout`, `index`, `methods`, `metrics`, `statistics`, `outcomes`,
`recommend`, `report`; `experiment.py` is the whole way from top to bottom. What may import what is the contract in
`pyproject.toml`.
Each line is the first sentence of the file's own docstring; `python tests/code_map.py` writes this page.
"""
ORDER = (
    "", "ingest", "create", "synthesis", "quality", "corpus", "corpus/cutting", "holdout", "index", "methods",
    "metrics", "statistics", "outcomes", "judge", "recommend", "report", "report/charts", "report/browser", "steps",
    "compare", "gate", "export", "ask", "serve", "tracking", "terminal",
)  # fmt: skip


def code_map():
    """The page as text."""
    folders = {path.parent.relative_to(CODE).as_posix().removeprefix(".") for path in CODE.rglob("*.py")}
    assert folders == set(ORDER), folders ^ set(ORDER)
    return HEAD + "".join(_folder(name) for name in ORDER)


def _folder(name):
    lines = [f"\n## `lab/{name + '/' if name else ''}`\n"]
    if (CODE / name / "__init__.py").is_file() and name:
        lines.append(f"{_sentence(CODE / name / '__init__.py')}\n")
    files = sorted(path for path in (CODE / name).glob("*.py") if path.name != "__init__.py")
    return "\n".join([*lines, *(f"- `{path.name}` {_sentence(path)}" for path in files), ""])


def _sentence(path):
    """First sentence of the docstring, on one line."""
    paragraph = " ".join((ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split("\n\n")[0].split())
    assert paragraph, f"{path}: no docstring"
    sentence = re.split(r"(?<!et al)\. ", paragraph)[0].rstrip(".:")
    return sentence.replace("<", "&lt;").replace("*", "\\*")


if __name__ == "__main__":
    (CODE / "README.md").write_text(code_map(), encoding="utf-8")
