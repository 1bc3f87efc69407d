"""Is what made a run stop said by the names that people know, with the exact place beside it?"""

from __future__ import annotations

from typing import Any

import pytest

from api.pages.changes import stop_in_words
from provisioner.kinds.catalogue import KINDS
from tests.gate.office import Office
from tests.gate.test_lists import statements
from tests.gate.test_pages import text_of

SOMEBODYS: dict[str, Any] = {"text": "# orang lain\n", "owner": "root", "group": "root", "mode": "0644"}
TITLES = {"g7kq2mx4pd": "simpeg.kota.lab"}


def stop(office: Office, name: str = "simpeg") -> str:
    """Let a run stop at a file that somebody else wrote; return its id."""
    run_id = office.house.to_run(sub_domain=name, second_name="none", storage_gb=1, database_gb=1)
    office.house.world.plant({"kind": "third_value", "task": "apache", "value": SOMEBODYS})
    assert office.house.carry_out(run_id) == "needs_attention"
    return run_id


@pytest.mark.parametrize(
    ("text", "sentence", "spots"),
    [
        (
            "apache web1/g7kq2mx4pd vhost diubah pihak lain",
            "Situs Apache simpeg.kota.lab di web1 diubah pihak lain",
            ("apache web1/g7kq2mx4pd vhost",),
        ),
        (
            "dns kota.lab/simpeg.kota.lab mark masih ada",
            "Tanda kepemilikan simpeg.kota.lab di zona kota.lab masih ada",
            ("dns kota.lab/simpeg.kota.lab mark",),
        ),
        (
            "bukan sebelum dan bukan sesudah: php_fpm web1/g7kq2mx4pd pool, mariadb web1/g9orangln22 user",
            "bukan sebelum dan bukan sesudah: Kolam PHP simpeg.kota.lab di web1, Pengguna MariaDB g9orangln22 di web1",
            ("php_fpm web1/g7kq2mx4pd pool", "mariadb web1/g9orangln22 user"),
        ),
        ("nginx web1/g7kq2mx4pd vhost masih ada", "nginx web1/g7kq2mx4pd vhost masih ada", ()),
        (
            "dunia berubah di antara dua bagian: apache web1/g7kq2mx4pd vhost",
            "dunia berubah di antara dua bagian: Situs Apache simpeg.kota.lab di web1",
            ("apache web1/g7kq2mx4pd vhost",),
        ),
    ],
)
def test_a_place_that_the_kind_knows_is_said_and_kept_exactly(text: str, sentence: str, spots: tuple[str, ...]) -> None:
    said = stop_in_words(text, KINDS["hosting"], TITLES)
    assert (said.sentence, said.spots) == (sentence, spots)


def test_a_stopped_run_and_the_morning_name_the_site_and_the_exact_place(office: Office) -> None:
    run_id = stop(office)
    item_id = office.house.desk.run(office.person("kabid"), run_id).run.item_id
    wanted = f"Situs Apache simpeg.kota.lab di web1 diubah pihak lain (apache web1/{item_id} vhost)"
    browser = office.browser("kabid")
    assert wanted in text_of(browser.get(f"/pelaksanaan/{run_id}"))
    assert wanted in text_of(browser.get("/"))


def test_more_stopped_runs_are_not_more_questions(office: Office) -> None:
    stop(office)
    before = statements(office, "/", "kabid")
    stop(office, "kedua")
    assert statements(office, "/", "kabid") == before
