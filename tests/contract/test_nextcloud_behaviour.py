"""Does a Nextcloud behave as we rely on? The lab's stand-in, or a real server: make contract TARGET=https://...

What would disturb a real server is not tried here (fifty edits, eleven wrong passwords, maintenance): the recordings
have it. A whole run makes fewer than thirty edits and is refused at the door fewer than ten times.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from provisioner.facts.nextcloud import (
    LOCKED,
    MARK,
    create_form,
    edit_form,
    kept_bytes,
    read_account,
    rule_body,
)
from provisioner.ocs import Nextcloud, segment
from tests.contract.cloud_target import RULES, Target, dav, targeted

MIB = 1024 * 1024
TYPES = ["application/pdf", "image/*"]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with targeted(tmp_path_factory.mktemp("cloud")) as one:
        yield one


@pytest.fixture(scope="module")
def limited(target: Target) -> tuple[Nextcloud, str]:
    """An account of a limit class (1 MiB a file, PDF and pictures) with 100 MiB in all; its client and its group."""
    group = target.group("kelas")
    target.rule(rule_body(group, "size_rule", {"largest_bytes": MIB}))
    target.rule(rule_body(group, "type_rule", {"types": TYPES}))
    answer, password = target.create("terbatas", groups=[group], quota="100 MB")
    assert answer.ok, answer
    return target.client(target.name("terbatas"), password), group


def test_the_server_is_new_enough_has_the_app_and_we_are_its_admin(target: Target) -> None:
    capabilities = target.admin.fetched("/cloud/capabilities")
    assert capabilities["version"]["major"] >= 30
    assert "files_accesscontrol" in target.admin.fetched("/cloud/apps", {"filter": "enabled"})["apps"]
    assert "admin" in target.admin.fetched("/cloud/user")["groups"]


def test_one_call_makes_an_account_with_all_that_it_shall_have(target: Target) -> None:
    opd = target.group("opd")
    target.make_mark()
    values = {"groups": [opd], "display_name": "Ani Rekaan", "quota": {"bytes": 5 * 1024 * MIB}}
    form = create_form(target.name("ani"), {**values, "password": {"version": 1}}, "Sandi-rekaan-yang-panjang-7")
    target.accounts.append(target.name("ani"))
    assert target.admin.post("/cloud/users", form).data == {"id": target.name("ani")}
    assert read_account(target.account("ani"), target.name("ani")) == {
        "account": MARK,
        "password": {"version": 1},
        **values,
    }


@pytest.mark.parametrize("size", [100 * MIB, 1234567, 10_000_000_000, 3 * 1024**4, 7 * 1024**3 + 12345])
def test_a_quota_is_kept_as_we_say_it_will_be(target: Target, size: int) -> None:
    if target.name("kuota") not in target.accounts:
        assert target.create("kuota")[0].ok
    assert target.admin.put(f"/cloud/users/{target.name('kuota')}", edit_form("quota", {"bytes": size})).ok
    assert target.account("kuota")["quota"]["quota"] == kept_bytes(size)


def test_an_account_that_is_there_is_102_whatever_the_case(target: Target) -> None:
    assert target.create("ganda")[0].ok
    assert target.create("ganda")[0].ocs_code == 102
    assert target.create("GANDA")[0].ocs_code == 102


def test_a_call_that_fails_after_the_account_was_stored_leaves_it_with_its_groups(target: Target) -> None:
    group = target.group("setengah")
    answer, _ = target.create("setengah", groups=[group], quota="banana", displayName="Setengah")
    assert answer.ocs_code == 101
    left = target.account("setengah")
    assert (left["groups"], left["displayname"], left["quota"]["quota"]) == ([group], "Setengah", -3)


def test_what_the_server_refuses_at_once_makes_nothing(target: Target) -> None:
    assert target.create("tanpa-kelompok", groups=[target.name("tidak-ada")])[0].ocs_code == 104
    assert target.admin.post("/cloud/users", {"userid": target.name("lemah"), "password": "abc"}).ocs_code == 107
    assert target.admin.post("/cloud/users", {"userid": target.name("tanpa")}).ocs_code == 108
    for word in ("tanpa-kelompok", "lemah", "tanpa"):
        assert target.admin.get(f"/cloud/users/{target.name(word)}").ocs_code == 404


def test_name_and_address_are_edited_and_a_wrong_one_is_refused_untouched(target: Target) -> None:
    assert target.create("ubah")[0].ok
    path = f"/cloud/users/{target.name('ubah')}"
    assert target.admin.put(path, edit_form("display_name", "Nama Lain")).ok
    assert target.admin.put(path, edit_form("email", "Lain@Contoh.example")).ok
    assert target.admin.put(path, edit_form("email", "bukan-surel")).ocs_code == 101
    assert target.admin.put(path, {"key": "quota", "value": "banana"}).ocs_code == 101
    said = target.account("ubah")
    assert (said["displayname"], said["email"], said["quota"]["quota"]) == ("Nama Lain", "lain@contoh.example", -3)


def test_groups_are_joined_and_left_twice_as_once(target: Target) -> None:
    group = target.group("anggota")
    assert target.create("anggota")[0].ok
    path = f"/cloud/users/{target.name('anggota')}/groups"
    assert [target.admin.post(path, {"groupid": group}).ocs_code for _ in range(2)] == [200, 200]
    assert target.admin.fetched(path) == {"groups": [group]}
    assert target.admin.post("/cloud/groups", {"groupid": group}).ocs_code == 102
    assert [target.admin.delete(path, {"groupid": group}).ocs_code for _ in range(2)] == [200, 200]
    assert target.admin.fetched(path) == {"groups": []}
    assert target.admin.post(path, {"groupid": target.name("tidak-ada")}).ocs_code == 102


def test_rules_are_read_as_they_were_written_changed_whole_and_removed(target: Target) -> None:
    group = target.group("aturan")
    size = target.rule(rule_body(group, "size_rule", {"largest_bytes": 512 * MIB}))
    types = target.rule(rule_body(group, "type_rule", {"types": TYPES}))
    assert target.rules()[group] == {"size_rule": {"largest_bytes": 512 * MIB}, "type_rule": {"types": TYPES}}
    assert target.admin.put(f"{RULES}/{size}", json=rule_body(group, "size_rule", {"largest_bytes": MIB})).ok
    assert target.rules()[group]["size_rule"] == {"largest_bytes": MIB}
    assert [target.admin.delete(f"{RULES}/{number}").ocs_code for number in (size, types)] == [200, 200]
    assert group not in target.rules()
    assert target.admin.delete(f"{RULES}/{size}").ocs_code == 403


def test_the_size_rule_stops_one_byte_more(limited: tuple[Nextcloud, str]) -> None:
    client, _ = limited
    assert dav(client, "PUT", "/batas.pdf", b"x" * MIB).status == 201
    assert dav(client, "PUT", "/lebih.pdf", b"x" * (MIB + 1)).status == 403
    assert dav(client, "PUT", "/kecil.pdf", b"x", OC_Total_Length=str(MIB + 1)).status == 403


def test_the_type_rule_stops_other_names_and_lets_folders_be_made(limited: tuple[Nextcloud, str]) -> None:
    client, _ = limited
    assert [dav(client, "PUT", f"/a.{ending}", b"x").status for ending in ("pdf", "png")] == [201, 201]
    assert [dav(client, "PUT", f"/a.{ending}", b"x").status for ending in ("exe", "mp4", "txt")] == [403, 403, 403]
    assert dav(client, "MKCOL", "/map").status == 201


def test_more_than_the_quota_is_507_and_what_is_thrown_away_no_longer_counts(target: Target) -> None:
    answer, password = target.create("penuh", quota="100 MB")
    assert answer.ok, answer
    client = target.client(target.name("penuh"), password)
    assert dav(client, "PROPFIND", "/", Depth="0").status == 207
    before = target.account("penuh")["quota"]["used"]
    assert dav(client, "PUT", "/isi.bin", b"x" * MIB).status == 201
    assert target.account("penuh")["quota"]["used"] == before + MIB
    assert dav(client, "PUT", "/lebih.bin", b"x", OC_Total_Length=str(200 * MIB)).status == 507
    assert dav(client, "DELETE", "/isi.bin").status == 204
    assert target.account("penuh")["quota"]["used"] == before
    trash = f"/remote.php/dav/trashbin/{segment(client.user)}/trash"
    assert b"isi.bin" in client.exchange("PROPFIND", trash, {"Depth": "1"}).body
    assert client.exchange("DELETE", trash, {}).status == 204
    assert b"isi.bin" not in client.exchange("PROPFIND", trash, {"Depth": "1"}).body


def test_a_neighbour_sees_and_gets_nothing(target: Target, limited: tuple[Nextcloud, str]) -> None:
    owner, _ = limited
    assert dav(owner, "PUT", "/rahasia.pdf", b"rahasia").status == 201
    answer, password = target.create("tetangga")
    assert answer.ok, answer
    neighbour = target.client(target.name("tetangga"), password)
    path = f"/remote.php/dav/files/{segment(owner.user)}"
    assert neighbour.exchange("GET", f"{path}/rahasia.pdf", {}).status in (403, 404)
    assert neighbour.exchange("PUT", f"{path}/titipan.pdf", {}, b"x").status in (403, 404, 409)
    assert neighbour.exchange("DELETE", f"{path}/rahasia.pdf", {}).status in (403, 404)
    assert b"rahasia" not in neighbour.exchange("PROPFIND", f"{path}/", {"Depth": "1"}).body
    assert dav(owner, "GET", "/rahasia.pdf").body == b"rahasia"


def test_a_disabled_account_gets_in_nowhere_and_everywhere_again_once_enabled(target: Target) -> None:
    answer, password = target.create("tutup")
    assert answer.ok, answer
    name, path = target.name("tutup"), f"/cloud/users/{target.name('tutup')}"
    session = target.client(name, password)
    app_password = session.fetched("/core/getapppassword")["apppassword"]
    assert len(app_password) == 72
    assert [target.admin.put(f"{path}/disable").ocs_code for _ in range(2)] == [200, 200]
    assert read_account(target.account("tutup"), name)["lock"] == LOCKED
    assert session.get("/cloud/user").status == 401
    assert [target.client(name, secret).get("/cloud/user").status for secret in (password, app_password)] == [401, 401]
    doors = [dav(target.client(name, secret), "PROPFIND", "/", Depth="0") for secret in (password, app_password)]
    assert all(door.status in (401, 503) for door in doors)
    assert target.admin.put(f"{path}/enable").ok
    for secret in (password, app_password):
        assert target.client(name, secret).get("/cloud/user").ok
        assert dav(target.client(name, secret), "PROPFIND", "/", Depth="0").status == 207


def test_a_new_password_opens_the_old_one_does_not_and_app_passwords_stay(target: Target) -> None:
    answer, password = target.create("ganti")
    assert answer.ok, answer
    name, new = target.name("ganti"), f"{password}-baru"
    app_password = target.client(name, password).fetched("/core/getapppassword")["apppassword"]
    assert target.admin.put(f"/cloud/users/{name}", {"key": "password", "value": new}).ok
    assert target.client(name, password).get("/cloud/user").status == 401
    assert target.client(name, new).get("/cloud/user").ok
    app = target.client(name, app_password)
    assert app.get("/cloud/user").ok
    assert app.delete("/core/apppassword").ok
    assert target.client(name, app_password).get("/cloud/user").status == 401


def test_accounts_are_listed_by_pages_with_what_they_use(target: Target) -> None:
    for word in ("daftar-1", "daftar-2", "daftar-3"):
        assert target.create(word)[0].ok
    search = {"search": target.name("daftar"), "limit": 2}
    pages = [
        target.admin.fetched("/cloud/users/details", {**search, "offset": offset})["users"] for offset in (0, 2, 4)
    ]
    assert [sorted(page) for page in pages] == [
        [target.name("daftar-1"), target.name("daftar-2")],
        [target.name("daftar-3")],
        [],
    ]
    one = pages[0][target.name("daftar-1")]
    assert (one["quota"]["used"], one["lastLogin"]) == (0, 0)


def test_a_deleted_account_is_not_there_and_deleting_it_again_says_so(target: Target) -> None:
    answer, password = target.create("hapus")
    assert answer.ok, answer
    path = f"/cloud/users/{target.name('hapus')}"
    assert dav(target.client(target.name("hapus"), password), "PUT", "/a.txt", b"x").status == 201
    assert target.admin.delete(path).ok
    assert target.admin.get(path).ocs_code == 404
    assert target.admin.delete(path).ocs_code == 998
    assert target.create("hapus")[0].ok, "the id is free at once"
    assert target.account("hapus")["quota"]["used"] == 0, "and nothing of the files came back"
