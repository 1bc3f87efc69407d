"""Is an account's limit at the proxy what we read, and can nothing else be written? (read(write(x)) == x; law 11)"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from provisioner.facts import traffic
from provisioner.facts.observation import Spot
from provisioner.names import mark
from provisioner.requests.account_id import LONGEST
from tests.unit.facts.answer import answer

ITEM = "g7kq2mx4pd"
RATE = traffic.Rate(
    item_id=ITEM, mark=mark(ITEM), account="arsip.disdik", bytes_per_second=1_250_000, driver=traffic.APACHE
)
ROLE = Path(__file__).resolve().parents[3] / "playbooks" / "roles" / "cloud_proxy"
rates = st.builds(
    traffic.Rate,
    item_id=st.just(ITEM),
    mark=st.just(mark(ITEM)),
    account=st.from_regex(r"[a-z][a-z0-9]{2,9}([._-][a-z0-9]{1,9}){0,2}", fullmatch=True),
    bytes_per_second=st.integers(traffic.LEAST, traffic.MOST),
    driver=st.sampled_from(sorted(traffic.FOLDERS)),
)


@given(rates)
def test_a_limit_read_back_is_the_limit_written(rate: traffic.Rate) -> None:
    assert traffic.read_rate(traffic.rate_text(rate)) == rate


@given(rates)
def test_a_limit_as_the_probe_shows_it_is_the_value_written(rate: traffic.Rate) -> None:
    raw = answer(files={f"{traffic.FOLDERS[rate.driver]}/{rate.account}.conf": traffic.rate_value(rate)})
    spot = Spot(system="traffic", target=f"proxy1/{rate.account}", property="rate")
    assert traffic.read(raw, "proxy1") == {spot: traffic.rate_value(rate)}


def test_a_second_file_of_the_other_driver_is_seen_under_its_name() -> None:
    files = {f"{folder}/arsip.disdik.conf": traffic.rate_value(RATE) for folder in traffic.FOLDERS.values()}
    assert {spot.object for spot in traffic.read(answer(files=files), "proxy1")} == {
        "arsip.disdik",
        "nginx:arsip.disdik",
    }


def test_apache_shares_one_scope_over_paths_and_login_and_nginx_gives_each_download_its_part() -> None:
    login = r"%{HTTP:Authorization} =~ /^Basic +(.+)$/i && unbase64($1) =~ /^arsip\.disdik:/i"
    path = r"m#/remote\.php/dav/(?:files|uploads|versions|trashbin)/arsip\.disdik(?:/|$)#i"
    assert traffic.rate_text(RATE).splitlines()[2:] == [
        rf'<If "%{{REQUEST_URI}} =~ {path} || (%{{REQUEST_URI}} =~ m#/remote\.php/webdav(?:/|$)#i && {login})">',
        "    BandWidth all 1250000",
        "    MinBandWidth all 1",
        "</If>",
    ]
    of_nginx = traffic.rate_text(replace(RATE, driver=traffic.NGINX))
    assert of_nginx.splitlines()[2:] == ['arsip.disdik "arsip.disdik 312500";']


@pytest.mark.parametrize(
    "account",
    ["", "Arsip", "a/../b", "a b", 'a"b', "a;b", "a{b", "a\nb", "a$b", "-a", "a.", "a" * 65, "é", "a#b", "a|b"],
)
def test_an_account_that_is_none_of_ours_is_written_nowhere(account: str) -> None:
    with pytest.raises(ValueError, match="is not an account id"):
        traffic.rate_text(replace(RATE, account=account))


@pytest.mark.parametrize(
    "change", [{"driver": "squid"}, {"bytes_per_second": 0}, {"bytes_per_second": True}, {"mark": "x"}]
)
def test_a_word_that_is_not_on_the_list_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"is not|None"):
        traffic.rate_text(replace(RATE, **change))  # type: ignore[arg-type]


def test_the_longest_account_that_may_be_asked_for_can_be_written() -> None:
    assert traffic.read_rate(traffic.rate_text(replace(RATE, account="a" * LONGEST))).account == "a" * LONGEST


def test_the_role_lets_as_many_downloads_run_as_the_rate_is_divided_into() -> None:
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
    assert defaults["cloud_proxy_downloads"] == traffic.DOWNLOADS_AT_ONCE
    for driver, folder in traffic.FOLDERS.items():
        assert f"{folder}/*.conf" in (ROLE / "templates" / f"{driver}.conf.j2").read_text()


def test_every_driver_says_what_it_holds_and_what_passes_by() -> None:
    assert set(traffic.HELD) == set(traffic.FOLDERS)
    assert all("tautan publik" in said for said in traffic.HELD.values())
