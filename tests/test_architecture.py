"""Do imports run one way, does each tool stay in its room, and does a page stay a page?"""

import ast
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[1]
ROOMS = ("dashboard", "pages", "ui", "reports", "charts", "etl", "metrics", "stats", "text", "warehouse")  # each may use those after it
SIDE_BY_SIDE = {"stats", "text", "warehouse"}
MODULES = sorted(
    path
    for path in HOUSE.rglob("*.py")
    if (path.relative_to(HOUSE).parts[0].removesuffix(".py") in ROOMS) and "__pycache__" not in path.parts
)


def room_of(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def imported(path: Path) -> list[str]:
    """The full names of everything a module imports."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found += [f"{node.module}.{name.name}" for name in node.names]
    return found


def named(path: Path) -> str:
    return str(path.relative_to(HOUSE))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_imports_run_one_way(path: Path) -> None:
    here = ROOMS.index(room_of(path))
    for name in imported(path):
        room = name.split(".")[0]
        if room not in ROOMS or room == room_of(path):
            continue
        is_beside = {room, room_of(path)} <= SIDE_BY_SIDE
        assert ROOMS.index(room) > here or is_beside, f"{named(path)} imports {name}"


@pytest.mark.parametrize("path", [p for p in MODULES if room_of(p) in ("ui", "pages", "dashboard")], ids=named)
def test_the_screen_reaches_the_etl_only_through_its_api(path: Path) -> None:
    assert not [name for name in imported(path) if name.split(".")[0] == "etl" and not name.startswith("etl.api")]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_streamlit_and_plotly_stay_in_their_rooms(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(path)}
    assert "streamlit" not in roots or room_of(path) in ("dashboard", "pages", "ui")
    is_drawn = room_of(path) == "charts" or named(path) == "ui/blocks.py"  # blocks only names the type it passes on
    assert "plotly" not in roots or is_drawn


def test_what_only_the_tests_need_is_imported_only_there() -> None:
    pinned = [line.split("==")[0] for line in (HOUSE / "requirements-dev.txt").read_text(encoding="utf-8").splitlines() if "==" in line]
    only_tests = {name.lower().replace("-", "_") for name in pinned}
    assert {"pytest", "diff_diff"} <= only_tests
    assert not [f"{named(path)}: {name}" for path in MODULES for name in imported(path) if name.split(".")[0] in only_tests]


@pytest.mark.parametrize("path", [p for p in MODULES if room_of(p) in ("pages", "ui", "charts")], ids=named)
def test_no_sql_on_the_screen(path: Path) -> None:
    words = [
        node.value.lower()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert not [
        text for text in words if "select " in text and " from " in text and ("marts." in text or "quality." in text or "staging." in text)
    ]


@pytest.mark.parametrize("path", [p for p in MODULES if room_of(p) == "pages"], ids=named)
def test_a_page_is_short_and_asks_its_question_first(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 80
    assert lines[0].startswith('"""') and "?" in lines[0]
    assert "router.require()" in lines


def test_only_blocks_puts_a_plotly_figure_on_the_screen() -> None:
    callers = [named(path) for path in MODULES if "st.plotly_chart(" in path.read_text(encoding="utf-8")]
    assert callers == ["ui/blocks.py"]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_says_in_its_first_line_what_it_answers(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
