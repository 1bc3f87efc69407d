"""Is the inventory read as Ansible means it, and are secrets in clear refused?"""

from typing import Any

import pytest

from provisioner.errors import Refused
from provisioner.runner.inventory import estate_of

LISTED: dict[str, Any] = {
    "_meta": {"hostvars": {"web1": {"ansible_host": "10.77.0.11", "php_version": "8.2"}, "ns1": {}}},
    "all": {"children": ["ungrouped", "shared_web", "nameserver"], "vars": {"zone": "kota.lab", "who": "all"}},
    "shared_web": {"hosts": ["web1"], "vars": {"who": "group", "address_public": "{{ ansible_host }}"}},
    "nameserver": {"hosts": ["ns1"]},
    "lab": {"children": ["shared_web"]},
}


def with_variables(**variables: Any) -> dict[str, Any]:
    return {**LISTED, "all": {**LISTED["all"], "vars": variables}}


def test_a_host_has_the_variables_of_all_its_groups_the_nearest_last() -> None:
    estate = estate_of(LISTED, "inventory")
    assert set(estate.hosts) == {"web1", "ns1"}
    assert estate.hosts["web1"].groups == {"shared_web", "lab"}
    assert dict(estate.hosts["web1"].variables) == {
        "zone": "kota.lab",
        "who": "group",
        "address_public": "10.77.0.11",
        "ansible_host": "10.77.0.11",
        "php_version": "8.2",
    }
    assert dict(estate.hosts["ns1"].variables) == {"zone": "kota.lab", "who": "all"}
    assert dict(estate.variables) == {"zone": "kota.lab", "who": "all"}
    assert [host.name for host in estate.in_group("shared_web")] == ["web1"]


def test_a_template_that_is_more_than_a_name_stays_as_it_is_written() -> None:
    estate = estate_of(with_variables(packages="{{ ['a'] if debian else [] }}", circle="{{ circle }}"), "inventory")
    assert dict(estate.variables) == {"packages": "{{ ['a'] if debian else [] }}", "circle": "{{ circle }}"}


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"ansible_ssh_password": "x"}, "ansible_ssh_password"),
        ({"visitors_tsig": {"name": "k", "secret": "AAAA="}}, "visitors_tsig.secret"),
        ({"proxmox_api_token": "t"}, "proxmox_api_token"),
        ({"deep": {"er": {"Passphrase": "t"}}}, "deep.er.Passphrase"),
    ],
)
def test_a_secret_in_clear_is_refused_by_name_and_never_shown(variables: dict[str, Any], named: str) -> None:
    with pytest.raises(Refused) as refused:
        estate_of(with_variables(**variables), "inventory")
    assert named in str(refused.value)
    assert "AAAA=" not in str(refused.value)


@pytest.mark.parametrize(
    "variables",
    [
        {"visitors_tsig": {"secret_file": "/etc/gerbang/tsig"}},
        {"api_token": "{{ lookup('file', token_file) }}"},
        {"password": ""},
        {"token_lifetime_seconds": 60},
    ],
)
def test_a_reference_to_a_secret_is_none(variables: dict[str, Any]) -> None:
    assert dict(estate_of(with_variables(**variables), "inventory").variables) == variables
