"""Which hosts does site.yml refuse to touch? Those that a panel rules, and those that serve what nobody recorded."""

from collections.abc import Callable

import pytest
import yaml
from testinfra.host import Host

from lab.instance import CHECKOUT, Instance
from tests.lab.site_run import SiteRun, run_site

ROLE = CHECKOUT / "playbooks" / "roles" / "virgin_host"
PANELS = [
    (panel["name"], path)
    for panel in yaml.safe_load((ROLE / "vars" / "main.yml").read_text())["virgin_host_panels"]
    for path in panel["paths"]
]
# what the refusal calls it, where it is planted, what stands in it
VHOST = "# old\n<VirtualHost *:80>\nServerName dinas.example\n</VirtualHost>\n"
SITES = (
    ("Apache vhost", "/etc/apache2/sites-enabled/dinas.conf", VHOST),
    ("Apache vhost", "/etc/apache2/conf-enabled/dinas.conf", VHOST),
    ("nginx server", "/etc/nginx/sites-enabled/dinas", "server { server_name dinas.example; }\n"),
    ("nginx server", "/etc/nginx/conf.d/dinas.conf", "server { server_name dinas.example; }\n"),
    ("PHP pool", "/etc/php/8.4/fpm/pool.d/dinas.conf", "[dinas]\nuser = dinas\n"),
)


def preflight(instance: Instance, host: str) -> SiteRun:
    return run_site(instance, "--limit", host, "--tags", "virgin_host")


def said(run: SiteRun) -> str:
    """Everything it printed, on one line: Ansible folds long messages."""
    return " ".join(run.output.split())


def test_the_seven_panels_are_known() -> None:
    assert {name for name, _ in PANELS} == {
        "cPanel",
        "Plesk",
        "aaPanel",
        "CyberPanel",
        "HestiaCP",
        "Virtualmin",
        "ISPConfig",
    }


@pytest.mark.parametrize(("panel", "path"), PANELS)
def test_a_host_with_a_mark_of_a_panel_is_refused(
    instance: Instance, web2: str, on: Callable[[str], Host], panel: str, path: str
) -> None:
    host = on(web2)
    first_missing = host.check_output(f"p={path}; while [ ! -e $(dirname $p) ]; do p=$(dirname $p); done; echo $p")
    host.check_output(f"mkdir -p {path}")
    try:
        refused = preflight(instance, web2)
    finally:
        host.check_output(f"rm -rf {first_missing}")
    assert refused.returncode != 0
    assert f"{web2} is not ours to prepare: {panel} ({path})." in said(refused)
    assert refused.count(web2, "changed") == 0


@pytest.mark.parametrize(("what", "path", "text"), SITES)
def test_a_host_that_serves_what_nobody_recorded_is_refused(
    instance: Instance, web2: str, on: Callable[[str], Host], what: str, path: str, text: str
) -> None:
    host = on(web2)
    had_folder = host.file(path.rpartition("/")[0]).exists
    host.check_output(f"mkdir -p $(dirname {path}) && printf %s '{text}' > {path}")
    try:
        refused = preflight(instance, web2)
    finally:
        host.check_output(f"rm {path}")
        if not had_folder:
            host.check_output("rm -r /etc/nginx")
    assert refused.returncode != 0
    assert f"{web2} is not ours to prepare: {what} in {path}." in said(refused)


def test_debians_own_site_is_no_site_until_somebody_writes_into_it(
    instance: Instance, web2: str, on: Callable[[str], Host]
) -> None:
    host = on(web2)
    available = "/etc/apache2/sites-available/000-default.conf"
    host.check_output("ln -s ../sites-available/000-default.conf /etc/apache2/sites-enabled/000-default.conf")
    host.check_output(f"cp -p {available} /root/kept")
    try:
        untouched = preflight(instance, web2)
        host.check_output(f"echo '# ServerName dinas.example' >> {available}")
        refused = preflight(instance, web2)
    finally:
        host.check_output(f"mv /root/kept {available}; rm /etc/apache2/sites-enabled/000-default.conf")
    assert untouched.returncode == 0, untouched.output
    assert "Apache vhost in /etc/apache2/sites-enabled/000-default.conf" in said(refused)


def test_our_own_sites_are_no_reason_to_refuse(instance: Instance, web2: str, on: Callable[[str], Host]) -> None:
    host = on(web2)
    path = "/etc/php/8.4/fpm/pool.d/gzzzzzzzzz.conf"
    host.check_output(f"printf '; gerbang item=gzzzzzzzzz secret=v1\\n[gzzzzzzzzz]\\n' > {path}")
    try:
        prepared = preflight(instance, web2)
    finally:
        host.check_output(f"rm {path}")
    assert prepared.returncode == 0, prepared.output
