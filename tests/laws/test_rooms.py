"""Which laws of the rooms does no linter know? Each message names the right way."""

import ast
import sys

import pytest
import yaml

from tests.laws.sources import ENGINE, HANDS, NOUNS, ROOT, Source, kind_names, nouns, python_files

#: the doors at whose edge a URL, a file of a person or a command carries a kind's name
DOORS = {
    "provisioner/cli/requests.py",  # a person names the kind
    "provisioner/settings.py",  # an office setting names the procedure of each kind
}
#: routes that no page stands beside, each with its reason; a page that comes is taken out here
ROUTES_WITHOUT_PAGE = {
    "decisions": "made on the plan's page",
    "envelope": "not a noun: what every answer is wrapped in",
    "chain_check": "not a noun: the walk along the chain beside the pages",
    "live": "not a noun: the events a run's page listens to",
}
#: what pages are made of, and the door
PAGES_WITHOUT_ROUTE = {
    *("chain_details", "chain_words", "changes", "charts", "controls", "drafts", "home", "layout"),
    *("months", "names", "stops", "tables", "usage_report", "verb_forms", "verdict_words", "words"),
}
PRIVATE_KEYS_IN = ("provisioner/press/", "provisioner/sealing.py")
ROOMS = {*NOUNS, *HANDS, "kinds"}
#: one file each, or a folder where they want more
FILE_OR_FOLDER = {"desk", "workflow", "cli", "worker", "admin"}


def lines(faults: list[tuple[str, int, str]]) -> str:
    """Say each fault as an editor can open it: provisioner/plans/plan.py:12: open("x")."""
    return "\n".join(f"{place}:{line}: {what}" for place, line, what in faults)


def calls(source: Source) -> list[tuple[int, str]]:
    """Every call with the dotted name it goes to: (12, "datetime.now")."""
    return [(node.lineno, ast.unparse(node.func)) for node in ast.walk(source.tree()) if isinstance(node, ast.Call)]


def imported(node: ast.AST) -> list[str]:
    """Top names that an import statement opens: ["sqlalchemy"] for `from sqlalchemy.orm import Session`."""
    if isinstance(node, ast.ImportFrom):
        return [(node.module or "").partition(".")[0]]
    return [alias.name.partition(".")[0] for alias in node.names] if isinstance(node, ast.Import) else []


def test_a_noun_reads_no_file_prints_nothing_and_never_asks_the_time() -> None:
    forbidden = {
        "open",
        "print",
        "input",
        "exec",
        "eval",
        "__import__",
        "datetime.now",
        "datetime.utcnow",
        "date.today",
    }
    faults = [
        (source.place, line, f"{name}() in a noun: let a hand do it; the time comes from provisioner/clock.py")
        for source in nouns()
        if source.place != "provisioner/clock.py"
        for line, name in calls(source)
        if name in forbidden or name.endswith((".now", ".today", "builtins.open"))
    ]
    assert not faults, lines(faults)


def test_only_pure_paths_are_known_outside_the_hands() -> None:
    faults = [
        (source.place, node.lineno, f"{alias.name}: a PurePosixPath names a host's file; a hand opens files")
        for source in python_files(*(f"provisioner/{room}" for room in (*NOUNS, "kinds", "workflow", "desk")))
        for node in ast.walk(source.tree())
        if (isinstance(node, ast.ImportFrom) and node.module == "pathlib") or isinstance(node, ast.Import)
        for alias in node.names
        if alias.name in {"pathlib", "Path", "PosixPath"}
    ]
    assert not faults, lines(faults)


def test_only_store_and_jobs_look_into_a_unit_of_work() -> None:
    faults = [
        (source.place, node.lineno, f"{ast.unparse(node)}: pass the handle on; store and jobs look inside")
        for source in python_files("provisioner", "api")
        if not source.place.startswith(("provisioner/store/", "provisioner/jobs/", "provisioner/unit_of_work.py"))
        for node in ast.walk(source.tree())
        if isinstance(node, ast.Attribute) and node.attr == "connection" and "uow" in ast.unparse(node.value)
    ]
    assert not faults, lines(faults)


def test_only_press_and_sealing_name_a_private_key() -> None:
    faults = [
        (source.place, node.lineno, f"{alias.name}: hand the signature in; keys are opened in press/ and sealing.py")
        for source in python_files("provisioner", "api")
        if not source.place.startswith(PRIVATE_KEYS_IN)
        for node in ast.walk(source.tree())
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cryptography")
        for alias in node.names
        if "Private" in alias.name
    ]
    assert not faults, lines(faults)


def test_a_kind_is_named_in_its_folder_and_at_the_doors_alone() -> None:
    kinds = kind_names()
    faults = [
        (source.place, node.lineno, f"{node.value!r}: no other room knows a kind's name; ask the catalogue")
        for source in python_files("provisioner", "api")
        if not source.place.startswith("provisioner/kinds/") and source.place not in DOORS
        for node in ast.walk(source.tree())
        if isinstance(node, ast.Constant) and node.value in kinds
    ]
    assert kinds
    assert not faults, lines(faults)


@pytest.mark.parametrize("kind", sorted(kind_names()))
def test_every_kind_has_its_files_playbook_plan_table_and_lab_test(kind: str) -> None:
    wanted = [
        *(f"provisioner/kinds/{kind}/{name}.py" for name in ("__init__", "wish", "plan", "checks")),
        f"playbooks/{kind}.yml",
        f"tests/lab/test_{kind}.py",
    ]
    absent = [place for place in wanted if not (ROOT / place).is_file()]
    if not list((ROOT / "tests" / "plans" / kind).glob("*.yml")):
        absent.append(f"tests/plans/{kind}/*.yml")
    assert absent == []


@pytest.mark.parametrize("kind", sorted(kind_names()))
def test_every_kind_has_its_line_in_the_catalogue(kind: str) -> None:
    catalogue = (ENGINE / "kinds" / "catalogue.py").read_text()
    assert f"provisioner.kinds.{kind}" in catalogue or f"import {kind}" in catalogue


def test_every_page_has_its_route_and_every_route_its_page() -> None:
    pages, routes = ({path.stem for path in (ROOT / "api" / room).glob("*.py")} for room in ("pages", "routes"))
    assert pages - routes - PAGES_WITHOUT_ROUTE == set(), (
        "a page shows what a route answers: give it a route of the same name"
    )
    assert routes - pages - set(ROUTES_WITHOUT_PAGE) == set(), "give it a page of the same name, or a reason above"
    assert set(ROUTES_WITHOUT_PAGE) & pages == set(), "it has a page now"


def test_the_engine_has_the_rooms_of_the_design_and_no_other() -> None:
    found = {path.parent.name for path in ENGINE.glob("*/__init__.py")}
    assert found - FILE_OR_FOLDER == ROOMS


def test_an_empty_room_says_its_question() -> None:
    for room in sorted(ROOMS):
        source = (ENGINE / room / "__init__.py").read_text()
        assert ast.get_docstring(ast.parse(source)), (
            f"provisioner/{room}/__init__.py: which question does this room answer?"
        )


def test_no_hand_imports_a_library_in_its_front_door() -> None:
    for hand in HANDS:
        tree = ast.parse((ENGINE / hand / "__init__.py").read_text())
        outside = [
            name
            for node in ast.walk(tree)
            for name in imported(node)
            if name not in sys.stdlib_module_names | {"provisioner"}
        ]
        assert outside == [], f"provisioner/{hand}/__init__.py: import libraries in a file of their own"


def test_no_command_goes_through_a_shell() -> None:
    faults = [
        (source.place, node.lineno, "shell=True: write the command as a list")
        for source in python_files("provisioner", "api", "setup", "playbooks", "lab", "tests")
        for node in ast.walk(source.tree())
        if isinstance(node, ast.keyword) and node.arg == "shell" and getattr(node.value, "value", None) is True
    ]
    assert not faults, lines(faults)


def test_no_python_branches_on_a_step_of_a_procedure() -> None:
    """Procedures are data: a step's id in code would make one of them special. Run keys may be named."""
    steps: set[str] = set()
    for file in (ENGINE / "procedures" / "data").glob("*.yaml"):
        for procedure in (yaml.safe_load(file.read_text()) or {}).get("procedures", []):
            steps |= {step["id"] for step in procedure.get("steps", [])}
    faults = [
        (source.place, node.lineno, f"comparison with step {constant.value!r}: ask the procedure's data")
        for source in python_files("provisioner", "api")
        for node in ast.walk(source.tree())
        if isinstance(node, ast.Compare) and "step" in ast.unparse(node)
        for constant in ast.walk(node)
        if isinstance(constant, ast.Constant) and constant.value in steps
    ]
    assert not faults, lines(faults)
