"""Is what we write what we read, and can nothing else be written? (read(write(x)) == x; laws 11, threats T2, T5, T6)"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.facts import account, apache, php_fpm
from provisioner.facts.observation import Spot
from provisioner.names import mark
from tests.unit.facts.answer import answer
from tests.unit.facts.strategies import crons, pools, vhosts

VHOST = apache.Vhost(
    item_id="g7kq2mx4pd",
    mark=mark("g7kq2mx4pd"),
    names=("simpeg.kota.lab", "www.simpeg.kota.lab"),
    php=True,
    htaccess=True,
    upload_bytes=34603008,
    bandwidth_bytes_per_second=1250000,
    bandwidth_driver="mod_bw",
)


@given(vhosts())
def test_a_vhost_read_back_is_the_vhost_written(vhost: apache.Vhost) -> None:
    assert apache.read_vhost(apache.vhost_text(vhost)) == vhost


@given(pools())
def test_a_pool_read_back_is_the_pool_written(pool: php_fpm.Pool) -> None:
    assert php_fpm.read_pool(php_fpm.pool_text(pool)) == pool


@given(crons())
def test_a_crontab_read_back_is_the_crontab_written(cron: account.Cron) -> None:
    assert account.read_cron(account.cron_text(cron)) == cron


@given(vhosts(), pools(), crons())
def test_files_as_the_probe_shows_them_are_the_values_written(
    vhost: apache.Vhost, pool: php_fpm.Pool, cron: account.Cron
) -> None:
    wanted = {
        f"/etc/apache2/gerbang/{vhost.item_id}.conf": apache.vhost_value(vhost),
        php_fpm.pool_path(pool.php_version, pool.item_id): php_fpm.pool_value(pool),
        f"/etc/cron.d/gerbang-{cron.item_id}": account.cron_value(cron),
    }
    raw = answer(files=wanted)
    assert apache.read(raw, "web1") == {
        Spot(system="apache", target=f"web1/{vhost.item_id}", property="vhost"): apache.vhost_value(vhost)
    }
    assert php_fpm.read(raw, "web1") == {
        Spot(system="php_fpm", target=f"web1/{pool.item_id}", property="pool"): php_fpm.pool_value(pool)
    }
    spot = Spot(system="account", target=f"web1/{cron.item_id}", property="cron")
    assert account.read(raw, "web1")[spot] == account.cron_value(cron)


HOSTILE = [
    "a\nb",
    "a b",
    "a;b",
    "a}b",
    'a"b',
    "a'b",
    "a\\b",
    "a$b",
    "a#b",
    "../a",
    "a\x00b",
    "{{a}}",
    "-a",
    "A.B",
    "a\u0301",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_writer_takes_a_word_that_is_not_on_its_list(hostile: str) -> None:
    pool = php_fpm.Pool(
        item_id="g7kq2mx4pd", mark=VHOST.mark, php_version="8.2", upload_mb=2, max_children=2, mail=False
    )
    cron = account.Cron(item_id="g7kq2mx4pd", mark=VHOST.mark, rhythm="daily", php_version="8.2")
    for writes in (
        lambda: apache.vhost_text(replace(VHOST, names=(hostile,))),
        lambda: apache.vhost_text(replace(VHOST, item_id=hostile)),
        lambda: apache.vhost_text(replace(VHOST, mark=hostile)),
        lambda: apache.vhost_text(replace(VHOST, bandwidth_driver=hostile)),
        lambda: php_fpm.pool_text(replace(pool, php_version=hostile)),
        lambda: php_fpm.pool_text(replace(pool, item_id=hostile)),
        lambda: php_fpm.pool_text(replace(pool, mark=VHOST.mark + hostile)),
        lambda: php_fpm.pool_path("8.2", hostile),
        lambda: account.cron_text(replace(cron, item_id=hostile)),
        lambda: account.cron_text(replace(cron, php_version=hostile)),
        lambda: account.cron_text(replace(cron, rhythm=hostile)),
        lambda: account.directories_value(hostile),
    ):
        with pytest.raises(ValueError, match="is not"):
            writes()


@given(st.text(), st.text())
def test_any_text_in_a_name_or_mark_is_refused_or_written_as_itself(name: str, word: str) -> None:
    try:
        text = apache.vhost_text(replace(VHOST, names=(name,), mark=word))
    except ValueError:
        return
    assert apache.read_vhost(text) == replace(VHOST, names=(name,), mark=word)


@pytest.mark.parametrize("number", [True, 0, -1, 10**12, "5", 1.0])
def test_a_number_out_of_bounds_or_of_another_type_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="whole number"):
        apache.vhost_text(replace(VHOST, bandwidth_bytes_per_second=number))


def test_the_mark_of_another_item_is_refused() -> None:
    with pytest.raises(ValueError, match="is not of g7kq2mx4pd"):
        apache.vhost_text(replace(VHOST, mark=mark("gbbbbbbbbb")))


def test_a_file_of_others_is_no_file_of_ours() -> None:
    for read in (apache.read_vhost, php_fpm.read_pool, account.read_cron):
        with pytest.raises(ValueError, match="of ours"):
            read("# gerbang item=g7kq2mx4pd\n")


def test_every_name_is_led_to_https_and_to_itself() -> None:
    text = apache.vhost_text(VHOST)
    assert re.findall(r"ServerName (\S+)\n    Redirect permanent / (\S+)", text) == [
        ("simpeg.kota.lab", "https://simpeg.kota.lab/"),
        ("www.simpeg.kota.lab", "https://www.simpeg.kota.lab/"),
    ]


def test_an_htaccess_can_name_no_handler_no_proxy_no_expression_and_no_option() -> None:
    allowed = set(apache.HTACCESS.split())
    reach_out = {"SetHandler", "AddHandler", "ForceType", "Action", "RewriteRule", "ProxyPass", "SetEnv", "SetEnvIf"}
    read_in = {"ErrorDocument", "Header", "Require", "Redirect", "Options", "Include", "AuthUserFile", "<If", "<Files"}
    assert allowed & (reach_out | read_in | {"ProxyFCGISetEnvIf", "AllowOverride", "php_value"}) == set()
    assert "AllowOverride Nonfatal=All\n" in apache.vhost_text(VHOST)
    assert "AllowOverride None\n" in apache.vhost_text(replace(VHOST, htaccess=False))


def test_a_static_site_serves_no_php_source() -> None:
    text = apache.vhost_text(replace(VHOST, php=False))
    assert "fcgi" not in text
    pattern = re.search(r'FilesMatch "(.+)"', text)
    assert pattern is not None
    hidden = ["a.php", "a.php7", "a.phar", "a.phtml", "a.phps"]
    assert [name for name in [*hidden, "a.html", "php"] if re.search(pattern[1], name)] == hidden


@pytest.mark.parametrize(
    ("path", "hidden"),
    [
        ("/.env", True),
        ("/.git/config", True),
        ("/a/.htaccess", True),
        ("/.well-known/acme", False),
        ("/.well-knownx", True),
        ("/a.b", False),
    ],
)
def test_names_that_begin_with_a_dot_are_hidden_but_for_well_known(path: str, *, hidden: bool) -> None:
    pattern = re.search(r'LocationMatch "(.+)"', apache.vhost_text(VHOST))
    assert pattern is not None
    assert bool(re.search(pattern[1], path)) is hidden


def test_sites_do_not_all_start_their_scripts_in_one_minute() -> None:
    def minute(item: str) -> str:
        cron = account.Cron(item_id=item, mark=mark(item), rhythm="hourly", php_version="8.2")
        return account.cron_text(cron).splitlines()[-1].split()[0]

    assert len({minute(f"g{letter * 9}") for letter in "abcdefghijkm"}) > 6


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ServerName a.kota.lab\nServerAlias b.kota.lab *.c.kota.lab", {"a.kota.lab", "b.kota.lab", "*.c.kota.lab"}),
        ("  servername  A.Kota.Lab:443 # x", {"a.kota.lab"}),
        ('ServerName "https://a.kota.lab:8443"', {"a.kota.lab"}),
        ("# ServerName a.kota.lab\nServerAdmin a@kota.lab", set()),
    ],
)
def test_names_are_found_in_vhosts_of_others_too(text: str, names: set[str]) -> None:
    assert apache.server_names(text) == names


def test_a_vhost_of_others_with_our_items_stem_does_not_hide_ours() -> None:
    ours = apache.vhost_value(VHOST)
    raw = answer(
        files={
            "/etc/apache2/gerbang/g7kq2mx4pd.conf": ours,
            "/etc/apache2/sites-enabled/g7kq2mx4pd.conf": {**ours, "text": "x"},
            "/etc/apache2/sites-enabled/old.conf": {**ours, "text": "y"},
        }
    )
    assert {spot.target: value for spot, value in apache.read(raw, "web1").items()} == {
        "web1/g7kq2mx4pd": ours,
        "web1/sites-enabled:g7kq2mx4pd": {**ours, "text": "x"},
        "web1/old": {**ours, "text": "y"},
    }
