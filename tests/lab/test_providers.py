"""Do the real providers keep the contract on real hosts, and does each trial see what was broken on purpose?"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from testinfra.host import Host

from lab.instance import Instance
from provisioner import providers
from provisioner.digests import Value
from provisioner.errors import Unreachable
from provisioner.facts.estate import Estate
from provisioner.providers.web_host.visits import Visits
from provisioner.runner.inventory import read_estate
from provisioner.verification import verify
from provisioner.verification.verdict import Trial
from tests.contract.provider_suite import Ground, ProviderSuite, trial, trials_that_hold
from tests.lab.on_host import changing, command_lines, for_every_account, probes_left
from tests.lab.site_part import INVENTORY, MIB
from tests.lab.standing_site import StandingSite, stand, take_away

SEEN = dict[str, Value]


@pytest.fixture(scope="module")
def estate(instance: Instance) -> Iterator[Estate]:  # noqa: ARG001  the lab must be up
    """The lab's inventory as the engine reads it; warm connections are ended afterwards."""
    read = read_estate(INVENTORY)
    yield read
    providers.close_connections(read)


@pytest.fixture(scope="module")
def site(instance: Instance) -> Iterator[StandingSite]:
    """A site on MariaDB."""
    standing = stand(instance, "mariadb")
    yield standing
    take_away(instance, standing)


@pytest.fixture(scope="module")
def neighbour(instance: Instance) -> Iterator[StandingSite]:
    """Another tenant's site, on PostgreSQL."""
    standing = stand(instance, "postgresql")
    yield standing
    take_away(instance, standing)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A run's folder on tmpfs; nothing may be left in it."""
    made = Path(tempfile.mkdtemp(prefix="gerbang-test-", dir="/dev/shm"))
    yield made
    left = sorted(path.name for path in made.iterdir())
    shutil.rmtree(made)
    assert left == []


@pytest.fixture
def web1(on: Callable[[str], Host]) -> Host:
    return on("web1")


@pytest.fixture
def ground(site: StandingSite, estate: Estate, folder: Path) -> Ground:
    """The site as the suite needs it."""

    def silenced(target: str) -> Estate:
        """An estate whose host or name server listens on a port that nobody serves."""
        if target == "web1":
            closed = replace(estate.hosts["web1"], variables={**estate.hosts["web1"].variables, "ansible_port": 1})
            return replace(estate, hosts={**estate.hosts, "web1": closed})
        address = f"{estate.variables['nameserver_address']}:1"
        return replace(estate, variables={**estate.variables, "nameserver_address": address})

    return Ground(
        looker=providers,
        estate=estate,
        host="web1",
        item=site.item,
        name=site.name,
        address=site.address,
        secrets=site.secrets,
        silenced=silenced,
        folder=folder,
        storage_bytes=site.site.limit_bytes,
        upload_bytes=8 * MIB,
        bandwidth_bytes_per_second=MIB,
    )


class TestRealProviders(ProviderSuite):
    """The suite on web1 and ns1."""


def tried(on: Ground, name: str, wanted: SEEN | None = None, /, **arguments: Value) -> SEEN:
    """Perform the suite's trial of that name with other arguments; `wanted` is what ends its patience."""
    (usual,) = (one for one in trials_that_hold(on) if one.name == name)
    changed = replace(usual, wanted=wanted or usual.wanted, arguments={**usual.arguments, **arguments})
    return dict(providers.try_all((changed,), on.attempt(f"run_{name}"))[name])


def pool_of(site: StandingSite) -> str:
    return f"/etc/php/8.2/fpm/pool.d/{site.item}.conf"


# -- Apache, certificate, DNS ------------------------------------------------------------------------------------------


def test_another_address_than_asked_is_seen(ground: Ground, estate: Estate) -> None:
    name = f"web2.{ground.zone}"
    seen = tried(ground, "resolves", {name: {"A": [], "AAAA": []}}, names=[name])
    assert seen == {name: {"A": [estate.variables["nameserver_address"].rsplit(".", 1)[0] + ".12"], "AAAA": []}}


def test_a_page_without_the_marker_is_seen(ground: Ground) -> None:
    seen = tried(ground, "https_page", {"seconds": -1, ground.name: 0}, marker="halaman orang lain")
    assert seen[ground.name] == {"status": 200, "marker_found": False}


def test_a_name_that_nobody_serves_gives_no_page_and_its_certificate_is_not_trusted(ground: Ground) -> None:
    stranger = f"bukan-kami.{ground.zone}"
    page = tried(ground, "https_page", {}, names=[stranger])
    assert re.search("no trusted connection", str(page["unreachable"]))
    served = tried(ground, "certificate_names", {}, name=stranger)
    assert (served["trusted"], served["names"] == [stranger]) == (False, False)


def test_a_certificate_that_ends_too_soon_is_seen(ground: Ground) -> None:
    seen = tried(ground, "certificate_names", {"long_enough": False}, days_left_at_least=1000)
    assert (seen["long_enough"], seen["trusted"]) == (False, True)


def test_a_missing_redirect_is_seen(ground: Ground, web1: Host) -> None:
    path = f"/etc/apache2/gerbang/{ground.item}.conf"
    with changing(web1, path, "Redirect permanent.*", "Redirect gone /", "apache2"):
        assert tried(ground, "http_redirects", {ground.name: {"status": 410, "location": ""}}) == {
            ground.name: {"status": 410, "location": ""}
        }


def test_a_site_faster_than_its_limit_is_seen_and_one_within_is_too(ground: Ground) -> None:
    limits: dict[int, bool] = {ground.bandwidth_bytes_per_second: True, ground.bandwidth_bytes_per_second // 4: False}
    for limit, within in limits.items():
        arguments: SEEN = {**ground.by_user, "limit_bytes_per_second": limit}
        one = trial("apache", "bandwidth_limit_bites", {"within": within}, arguments)
        assert providers.try_all((one,), ground.attempt("run_fast"))[one.name]["within"] is within


# -- PHP ---------------------------------------------------------------------------------------------------------------


def test_php_that_runs_as_somebody_else_is_seen(ground: Ground, site: StandingSite, web1: Host) -> None:
    tmp = f"/srv/www/{site.item}/tmp"
    web1.check_output("chmod 0777 %s", tmp)
    try:
        with changing(web1, pool_of(site), "^(user|group) = .*", "\\1 = www-data", "php8.2-fpm"):
            assert tried(ground, "php_runs_as_site")["user"] == "uid 33"
    finally:
        web1.check_output("chmod 0700 %s", tmp)


def test_php_that_reads_a_neighbour_is_seen(
    ground: Ground, site: StandingSite, neighbour: StandingSite, web1: Host
) -> None:
    public = f"/srv/www/{neighbour.item}/public"
    secret = f"{public}/index.php"
    web1.check_output("chmod o+rx %s && chmod o+r %s", public, secret)
    try:
        closed = tried(ground, "php_cannot_read_neighbour", neighbours=[neighbour.item])
        with changing(web1, pool_of(site), "^.*open_basedir.*", "", "php8.2-fpm"):
            wanted: SEEN = {"readable": ["/etc/passwd", "/srv/www", public, secret]}
            opened = tried(ground, "php_cannot_read_neighbour", wanted, neighbours=[neighbour.item])
    finally:
        web1.check_output("chmod o-rx %s && chmod o-r %s", public, secret)
    assert closed["readable"] == []
    assert {"/etc/passwd", public, secret} <= {*_texts(opened["readable"])}
    assert {"/etc/shadow", "/etc/letsencrypt/live"} <= {*_texts(opened["refused"])}


def _texts(value: Value) -> list[str]:
    assert isinstance(value, list)
    return value


@pytest.mark.parametrize(
    ("asked_mib", "seen"),
    [(16, {"under": "refused", "over": "refused"}), (4, {"under": "accepted", "over": "accepted"})],
)
def test_another_upload_limit_than_asked_is_seen(ground: Ground, asked_mib: int, seen: SEEN) -> None:
    limit = asked_mib * MIB
    assert tried(ground, "upload_limit_bites", limit_bytes=limit) == {**seen, "limit": limit}


# -- Databases ---------------------------------------------------------------------------------------------------------


def test_a_mariadb_login_that_reaches_another_database_is_seen(ground: Ground, web1: Host) -> None:
    other = f"{ground.item}_lain"
    web1.check_output("mariadb -e %s", f"CREATE DATABASE {other}")
    try:
        assert tried(ground, "database_isolated") == {"databases": [ground.item]}
        for_every_account(web1, ground.item, f"GRANT SELECT ON {other}.* TO")
        assert tried(ground, "database_isolated") == {"databases": sorted([ground.item, other])}
        for_every_account(
            web1, ground.item, f"REVOKE SELECT ON {other}.* FROM"
        )  # a DROP would leave the right standing
    finally:
        web1.check_output("mariadb -e %s", f"DROP DATABASE {other}")


def test_a_database_that_cannot_be_written_to_is_seen(ground: Ground, web1: Host) -> None:
    for_every_account(web1, ground.item, f"REVOKE CREATE ON {ground.item}.* FROM")
    try:
        assert tried(ground, "database_login") == {"login": True, "writes": False, "encrypted": True}
    finally:
        for_every_account(web1, ground.item, f"GRANT CREATE ON {ground.item}.* TO")


def postgresql(ground: Ground, neighbour: StandingSite, name: str, wanted: SEEN) -> Trial:
    own: SEEN = {"address": neighbour.address, "host": ground.host, "item_id": neighbour.item}
    return trial("postgresql", name, wanted, {**own, "secret": "database_password", "via": "network"})


def test_postgresql_is_tried_both_ways(ground: Ground, neighbour: StandingSite, web1: Host) -> None:
    right, wrong = ground.attempt("run_pg", **neighbour.secrets), ground.attempt("run_pg", database_password="bukan")
    login = postgresql(ground, neighbour, "database_login", {"login": True})
    isolated = postgresql(ground, neighbour, "database_isolated", {"databases": [neighbour.item]})
    refused = postgresql(ground, neighbour, "database_refused", {"login": False})
    assert providers.try_all((login, isolated, refused), right) == {
        "database_login": {"login": True, "writes": True, "encrypted": True},
        "database_isolated": {"databases": [neighbour.item]},
        "database_refused": {"login": True, "locked": False},
    }
    assert providers.try_all((login, isolated, refused), wrong) == {
        "database_login": {"login": False, "writes": False, "encrypted": False},
        "database_isolated": {"databases": []},
        "database_refused": {"login": False, "locked": False},
    }
    other = f"{neighbour.item}_lain"
    web1.check_output("runuser -u postgres -- createdb %s", other)  # PostgreSQL lets PUBLIC connect to a new database
    web1.check_output("runuser -u postgres -- psql -c %s", f"GRANT CONNECT ON DATABASE {other} TO {neighbour.item}")
    try:
        seen = providers.try_all((isolated,), right)["database_isolated"]["databases"]
    finally:
        web1.check_output("runuser -u postgres -- dropdb %s", other)
    assert seen in (
        [neighbour.item],
        [neighbour.item, other],
    )  # pg_hba.conf may hold each to its own: then that is seen


@pytest.mark.parametrize("which", ["mariadb", "postgresql"])
def test_a_database_is_tried_by_way_of_the_site_where_nobody_outside_may(
    ground: Ground, site: StandingSite, neighbour: StandingSite, which: str
) -> None:
    standing = {"mariadb": site, "postgresql": neighbour}[which]
    own: SEEN = {"address": standing.address, "host": ground.host, "item_id": standing.item, "name": standing.name}
    arguments: SEEN = {**own, "via": "site", "secret": "database_password", "sftp_secret": "sftp_password"}
    trials = tuple(trial(which, name, {}, arguments) for name in ("database_login", "database_isolated"))
    assert providers.try_all(trials, ground.attempt("run_site", **standing.secrets)) == {
        "database_login": {"login": True, "writes": True},
        "database_isolated": {"databases": [standing.item]},
    }


# -- Accounts ----------------------------------------------------------------------------------------------------------


def test_a_way_out_of_the_sftp_folder_is_seen(ground: Ground, web1: Host) -> None:
    planted = f"/srv/www/{ground.item}/etc"
    web1.check_output("mkdir %s && echo x > %s/passwd && chmod -R a+rX %s", planted, planted, planted)
    try:
        seen = tried(ground, "sftp_inside")
    finally:
        web1.check_output("rm -r %s", planted)
    assert seen["escapes"] == ["/etc/passwd", "../../../etc/passwd", "/../etc/passwd", "symlink /etc/passwd"]
    assert tried(ground, "sftp_inside")["escapes"] == []


@pytest.mark.parametrize(
    ("asked_mib", "under", "over"), [(128, "EDQUOT", "EDQUOT"), (32, "ok", "ok"), (64, "ok", "EDQUOT")]
)
def test_another_storage_limit_than_asked_is_seen(ground: Ground, asked_mib: int, under: str, over: str) -> None:
    seen = tried(ground, "storage_limit_bites", limit_bytes=asked_mib * MIB)
    assert (seen["under"], seen["over"]) == (under, over)


def test_a_service_that_is_down_is_no_answer_and_not_an_absence(ground: Ground, web1: Host) -> None:
    web1.check_output("systemctl stop mariadb")
    try:
        login = tried(ground, "database_login")
        with pytest.raises(Unreachable, match="mariadb"):
            ground.look("mariadb")
        assert ground.look("apache").looked == {("apache", "web1")}
    finally:
        web1.check_output("systemctl start mariadb")
    assert "no answer" in str(login["unreachable"])


@pytest.mark.parametrize("what", ["known_hosts_file", "look_key_file"])
def test_a_host_with_another_key_or_one_that_does_not_know_ours_is_unreachable(
    ground: Ground, folder: Path, what: str
) -> None:
    """No warm connection may answer in its place, and nothing is asked of a host that shows another key."""
    own = Path(str(ground.estate.variables[what])).parent
    strange = folder / what
    strange.write_text(f"{ground.address} {(own / 'look.pub').read_text()}" if what == "known_hosts_file" else "")
    if what == "look_key_file":
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", strange], check=True, input=b"y\n")
    sockets = folder / "sockets"
    variables = {**ground.estate.variables, what: str(strange), "ssh_control_folder": str(sockets)}
    with pytest.raises(Unreachable, match="web1: the probe gave no answer"):
        ground.look("apache", estate=replace(ground.estate, variables=variables))
    for path in (strange, folder / f"{what}.pub", *sockets.glob("*")):
        path.unlink(missing_ok=True)
    sockets.rmdir()


def test_a_zone_that_does_not_know_our_key_is_unreachable_and_not_empty(ground: Ground, folder: Path) -> None:
    wrong = folder / "tsig"
    wrong.write_text(base64.b64encode(bytes(32)).decode())
    tsig = {**ground.estate.variables["tsig"], "visitors": {**ground.estate.variables["tsig"]["visitors"]}}
    tsig["visitors"]["secret_file"] = str(wrong)
    with pytest.raises(Unreachable, match="no transfer of the zone"):
        ground.look("dns", estate=replace(ground.estate, variables={**ground.estate.variables, "tsig": tsig}))
    wrong.unlink()


# -- Nothing is left ---------------------------------------------------------------------------------------------------


def test_no_trial_leaves_a_probe_behind_also_when_it_fails(ground: Ground, web1: Host) -> None:
    trials = trials_that_hold(ground)
    broken = tuple(replace(t, arguments={**t.arguments, "name": f"bukan-kami.{ground.zone}"}) for t in trials)
    seen = providers.try_all(tuple(t for t in broken if t.system == "php_fpm"), ground.attempt("run_left"))
    assert set(seen) == {"php_runs_as_site", "php_cannot_read_neighbour", "upload_limit_bites", "mail_as_asked"}
    assert all("unreachable" in values for values in seen.values())
    providers.try_all(trials, ground.attempt("run_left"))
    assert probes_left(web1, ground.item) == []


def test_what_a_killed_round_left_is_taken_away_by_the_next(ground: Ground, web1: Host) -> None:
    probe, home = ground.attempt("run_killed").probe_name, f"/srv/www/{ground.item}"
    web1.check_output("touch %s %s", f"{home}/public/{probe}-0a1b2c3d.php", f"{home}/public/{probe}.txt")
    web1.check_output("ln -s /etc/passwd %s", f"{home}/public/{probe}.link")
    web1.check_output("install -o %s -m 600 /dev/null %s", ground.item, f"{home}/tmp/{probe}")
    web1.check_output("mariadb %s -e %s", ground.item, f"CREATE TABLE `{probe}` (n INT)")
    trials = trials_that_hold(ground)
    verdicts = verify(trials, providers.try_all(trials, ground.attempt("run_killed")))
    assert [(v.name, v.note, v.seen) for v in verdicts if not v.holds] == []
    assert probes_left(web1, ground.item) == []


def test_the_probe_program_answers_nobody_else(ground: Ground) -> None:
    with Visits(ground.attempt("run_token")) as visits:
        one = trial("php_fpm", "php_runs_as_site", {}, ground.by_user)
        path, key = visits.site_user(one).program()
        page = visits.site(one)
        providers.try_all((one,), ground.attempt("run_other"))  # PHP answers: nobody is reloading it just now
        strangers = [page.ask("GET", path), page.ask("POST", path, b'{"do": "who"}', {"X-Gerbang-Probe": "x"})]
        assert [one.status for one in strangers] == [404, 404]
        assert page.ask("POST", path, b'{"do": "who"}', key).status == 200
    assert page.get(path).status in (403, 404)


def test_no_password_is_seen_in_any_command_line_while_trials_run(ground: Ground) -> None:
    with ThreadPoolExecutor() as pool:
        watching = pool.submit(command_lines, 60)
        providers.try_all(trials_that_hold(ground), ground.attempt("run_watched"))
        seen = watching.result()
    assert any("mariadb" in line for line in seen)
    assert not [line for line in seen if any(secret in line for secret in ground.secrets.values())]
