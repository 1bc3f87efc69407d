"""What may a file of this repository not hold? Read from every file that git holds or would take."""

import re
import tomllib

import pytest

from tests.laws.sources import ROOT, python_files, tracked

#: written so that this file does not hold what it looks for
#: what would tell a package client where to fetch from; no registry is named, not even to look for it
INDEXES = re.compile(
    r"(?<!emit-)index-url|--find-links[ =]|\"resolved\": *\"http|^deb +\[?.*http|^URIs: *http", re.MULTILINE
)
#: an address with a name in it (those of the lab are numbers or filled in), in files that feed package clients
NAMED_ADDRESS = re.compile(r"https?://[a-z]")
FEEDING = ("requirements/", "setup/", "lab/", "molecule/", ".ci/", "Makefile", "pyproject.toml")
# The stand-in says what a recorded server said, names of XML namespaces among it; it fetches nothing.
SAYING = "lab/nextcloud/"
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|farm)/")
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b|NotImplemented" r"Error")
MINIFIED = re.compile(r"\.min\.(?:js|css)$|(?:^|/)(?:htmx|bootstrap)[^/]*\.(?:js|css)$")
LONGEST = 400
NAMELESS = {"utils", "util", "common", "helper", "helpers", "manager", "misc"}
TEXTS = {
    ".py",
    ".yml",
    ".yaml",
    ".toml",
    ".txt",
    ".in",
    ".apt",
    ".md",
    ".html",
    ".js",
    ".css",
    ".cfg",
    ".j2",
    ".json",
    "",
}
THIS = "tests/laws/test_files.py"


def texts() -> list[tuple[str, str]]:
    """(place, text) of every text file but this one and the recordings of others' servers."""
    places = [(str(path.relative_to(ROOT)), path) for path in tracked() if path.suffix in TEXTS]
    kept = [(place, path) for place, path in places if place != THIS and not place.startswith("lab/recordings/")]
    return [(place, path.read_text(errors="replace")) for place, path in kept]


def found(pattern: re.Pattern[str], files: list[tuple[str, str]]) -> list[str]:
    """Each hit as an editor can open it: requirements/test.txt:3: ..."""
    return [
        f"{place}:{text.count(chr(10), 0, hit.start()) + 1}: {hit.group()}"
        for place, text in files
        for hit in pattern.finditer(text)
    ]


def test_no_file_names_a_registry() -> None:
    assert found(INDEXES, texts()) == [], "packages come by name; each machine knows where from"
    feeding = [(place, text) for place, text in texts() if place.startswith(FEEDING) and not place.startswith(SAYING)]
    assert {"Makefile", "pyproject.toml", "setup/packages.apt"} <= {place for place, _ in feeding}
    assert found(NAMED_ADDRESS, feeding) == [], "packages come by name; each machine knows where from"


@pytest.mark.parametrize(
    "line",
    ["--index-url https://x", "--find-links /x", '"resolved": "https://x"', "deb http://x y main", "URIs: http://x"],
)
def test_the_law_on_registries_bites(line: str) -> None:
    assert INDEXES.search(line)
    assert NAMED_ADDRESS.search("https://example.invalid/simple")
    assert not NAMED_ADDRESS.search("https://127.0.0.1/x https://{site}/")


def test_no_file_names_a_path_of_one_machine() -> None:
    assert found(MACHINE_PATHS, texts()) == []


def test_nothing_is_left_unfinished() -> None:
    # a migration that leads nowhere back says so in alembic's own words
    code = [
        (place, text)
        for place, text in texts()
        if place.endswith((".py", ".yml", ".html")) and "/versions/" not in place
    ]
    assert found(UNFINISHED, code) == [], (
        "finish it, or say what does not work where a reader looks: the verb's not_yet(why)"
    )


def test_nothing_that_others_wrote_is_committed() -> None:
    assert [str(path.relative_to(ROOT)) for path in tracked() if MINIFIED.search(str(path))] == []


def test_no_python_file_is_too_long() -> None:
    long = [source.place for source in python_files(*OURS) if source.text.count("\n") > LONGEST]
    assert long == [], f"more than {LONGEST} lines: does a second noun want a second file?"


def test_no_file_hides_behind_a_name_without_a_question() -> None:
    nameless = [str(path.relative_to(ROOT)) for path in tracked() if {path.stem, path.parent.name} & NAMELESS]
    assert nameless == []


OURS = ("api", "provisioner", "lab", "setup", "tests", "playbooks", "bench")


def test_every_python_file_begins_with_what_it_answers() -> None:
    silent = [
        source.place
        for source in python_files(*OURS)
        if source.text.strip() and not re.match(r'(?:#!.*\n)?(?:#.*\n)*r?"""\S', source.text)
    ]
    assert silent == [], "the first line of a file says the question it answers"


@pytest.mark.parametrize("lock", sorted(path.name for path in (ROOT / "requirements").glob("*.txt")))
def test_every_locked_package_has_a_version_and_a_hash(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text().replace("\\\n", " ")
    packages = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert packages
    assert [
        line for line in packages if not re.match(r"[\w.-]+(?:\[[\w,]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ] == []


@pytest.mark.parametrize("listing", ["packages.apt", "packages-test.apt"])
def test_every_debian_package_has_its_reason(listing: str) -> None:
    lines = [line for line in (ROOT / "setup" / listing).read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9][a-z0-9.+-]+ +# \S.*", line)] == []


def test_every_ignored_rule_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    ignored = tomllib.loads(text)["tool"]["ruff"]["lint"]["ignore"]
    assert [rule for rule in ignored if not re.search(rf'^ *"{rule}", +# \S', text, re.MULTILINE)] == []
