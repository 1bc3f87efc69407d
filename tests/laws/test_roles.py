"""Do the roles take what they are sent? Specs do not refuse a variable that nobody knows: this does."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.laws.sources import ROOT

ROLES = sorted(path for path in (ROOT / "playbooks" / "roles").iterdir() if path.is_dir())
NAMES = [path.name for path in ROLES]
#: set by one role for another on the same host: who sets it
FOUND = {"storage_found_driver", "apache_bandwidth_driver", "postgresql_folder"}

#: the inventory's own word, which happens to begin with a role's name
NO_ROLES = {"nameserver_address"}


def read(path: Path) -> Any:
    """The YAML of a file, {} where it is missing."""
    return (yaml.safe_load(path.read_text()) or {}) if path.exists() else {}


def options(role: str) -> dict[str, Any]:
    """What the role's argument spec names."""
    return dict(
        read(ROOT / "playbooks" / "roles" / role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    )


def sent(role: str) -> set[str]:
    """The variables of this role that site.yml passes and inventories set."""
    plays = read(ROOT / "playbooks" / "site.yml")
    passed = {word for play in plays for use in play["roles"] if use["role"] == role for word in use.get("vars", {})}
    files = (ROOT / "inventories").rglob("group_vars/*.yml")
    known = {word for path in files for word in read(path)} - NO_ROLES
    return passed | {word for word in known if word in options(role) or owner(word) == role}


def owner(variable: str) -> str:
    """The role whose name begins the variable's, the longest where several do."""
    return max((name for name in NAMES if variable.startswith(f"{name}_")), key=len, default="")


@pytest.mark.parametrize("role", NAMES)
def test_every_role_says_what_it_takes(role: str) -> None:
    assert read(ROOT / "playbooks" / "roles" / role / "meta" / "argument_specs.yml")["argument_specs"]["main"]


@pytest.mark.parametrize("role", NAMES)
def test_defaults_are_options_and_options_are_defaults_or_required(role: str) -> None:
    defaults = set(read(ROOT / "playbooks" / "roles" / role / "defaults" / "main.yml"))
    optional = {name for name, option in options(role).items() if not option.get("required")} - FOUND
    assert defaults == optional


@pytest.mark.parametrize("role", NAMES)
def test_what_a_role_is_sent_is_what_it_takes(role: str) -> None:
    required = {name for name, option in options(role).items() if option.get("required")}
    assert sent(role) <= set(options(role))
    assert required <= sent(role)


def test_every_role_is_used() -> None:
    used = {use["role"] for play in read(ROOT / "playbooks" / "site.yml") for use in play["roles"]}
    assert used == set(NAMES)
