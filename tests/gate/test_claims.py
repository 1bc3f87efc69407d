"""Is a secret shown once, to the one named, who said yes to the statement, and to nothing that only looks?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from provisioner.items.sealed_secret import SealedSecret, SecretState
from provisioner.kinds.port import Secret
from provisioner.names import draw_id
from provisioner.providers.base import Attempt
from provisioner.providers.fake import FakeProviders
from provisioner.providers.fake_runner import FakeRunner
from provisioner.sealing import ensure_key_file, make_secret, read_keys
from provisioner.store import alarms
from tests.gate.office import Office, csrf_of
from tests.house import PEOPLE, sha256_of


def seal_for_real(office: Office) -> None:
    """Let the house's worker seal with the key file that the gate opens with."""
    house, path = office.house, office.settings.key_file
    ensure_key_file(path)
    keys = read_keys(path)

    def sealed(wanted: tuple[Secret, ...], run_id: str, item_id: str) -> tuple[SealedSecret, ...]:
        return tuple(_sealed(secret, run_id, item_id) for secret in wanted)

    def _sealed(secret: Secret, run_id: str, item_id: str) -> SealedSecret:
        row_id = draw_id("sec")
        key_id, sealed_bytes = keys.seal(make_secret(), row_id)
        return SealedSecret(
            id=row_id,
            item_id=item_id,
            run_id=run_id,
            name=secret.name,
            label=secret.label,
            user=secret.user,
            use=secret.use,
            version=secret.version,
            key_id=key_id,
            sealed=sealed_bytes,
            state=SecretState.MADE,
            claimable_at=None,
            claimed_at=None,
            claimed_by=None,
            expires_at=None,
        )

    def opened(found: tuple[SealedSecret, ...]) -> dict[str, str]:
        return {secret.name: keys.open(secret.sealed, secret.key_id, secret.id) for secret in found}

    providers = FakeProviders(house.world)
    house.hands = replace(
        house.hands,
        make_secrets=sealed,
        do=FakeRunner(house.world, opened),
        do_together=FakeRunner(house.world, opened).together,
        try_all=lambda trials, run_id, found: providers.try_all(
            trials, Attempt(run_id=run_id, estate=house.estate, folder=house.folder, secrets=opened(found))
        ),
    )


class Claimable:
    """A delivered site with its SFTP password, not yet taken."""

    def __init__(self, office: Office) -> None:
        seal_for_real(office)
        run_id = office.house.to_run()
        assert office.house.carry_out(run_id) == "done"
        self.office = office
        self.item_id = office.house.desk.run(office.person("kabid"), run_id).run.item_id
        found = office.client("teknis").get(f"/api/v1/items/{self.item_id}/credentials").json()["credentials"]
        self.id = next(credential["id"] for credential in found if credential["name"] == "sftp_password")
        self.path = f"/api/v1/credentials/{self.id}/claim"

    @property
    def state(self) -> str:
        """How the credential stands now."""
        found = self.office.house.desk.credentials(self.office.person("teknis"), self.item_id)
        return next(credential.state.value for credential in found if credential.id == self.id)


@pytest.fixture
def claimable(office: Office) -> Claimable:
    """The site."""
    return Claimable(office)


ACCEPTED = {"statement_accepted": True}


def test_the_named_person_gets_the_password_that_works_once(claimable: Claimable) -> None:
    client = claimable.office.client("teknis")
    answer = client.post(claimable.path, json=ACCEPTED)
    world = claimable.office.house.world.read()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert sha256_of(answer.json()["secret"]) == world.secret_digests[f"web1/{claimable.item_id}:sftp_password"]
    again = client.post(claimable.path, json=ACCEPTED)
    assert (again.status_code, "secret" in again.json()) == (410, False)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_looking_never_opens_it(claimable: Claimable, method: str) -> None:
    """A mail scanner or a preview follows links; none of them takes the secret."""
    answer = claimable.office.client("teknis").request(method, claimable.path)
    assert (answer.status_code, claimable.state) == (405, "claimable")


def test_a_scanner_that_follows_every_link_of_the_page_opens_nothing(claimable: Claimable) -> None:
    browser = claimable.office.browser("teknis")
    path = f"/layanan/{claimable.item_id}/kredensial"
    for _ in range(3):
        browser.get(path)
        browser.head(path)
        browser.get(f"{path}/{claimable.id}")
    assert claimable.state == "claimable"


def test_without_the_statement_of_responsibility_nothing_is_shown(claimable: Claimable) -> None:
    answer = claimable.office.client("teknis").post(claimable.path, json={"statement_accepted": False})
    assert (answer.status_code, answer.json()["faults"][0]["where"]) == (422, "statement_accepted")
    assert claimable.state == "claimable"


def test_a_login_of_eleven_minutes_ago_is_asked_for_the_password_again(claimable: Claimable) -> None:
    client = claimable.office.client("teknis")
    claimable.office.house.clock.move(minutes=11)
    answer = client.post(claimable.path, json=ACCEPTED)
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:gerbang:problem:not-fresh")
    assert claimable.state == "claimable"


def test_a_token_cannot_make_itself_younger(claimable: Claimable) -> None:
    client = claimable.office.client("teknis")
    claimable.office.house.clock.move(minutes=11)
    _, _, rest = client.headers["Authorization"].partition("_")
    younger = int(claimable.office.house.clock().timestamp())
    client.headers["Authorization"] = f"Bearer gerbang_{younger:x}_{rest.partition('_')[2]}"
    assert client.post(claimable.path, json=ACCEPTED).json()["type"] == "urn:gerbang:problem:not-signed-in"


@pytest.mark.parametrize(("username", "status"), [("kabid", 403), ("opd", 403), ("lain", 404), ("auditor", 403)])
def test_nobody_but_the_named_person_gets_it(claimable: Claimable, username: str, status: int) -> None:
    answer = claimable.office.client(username).post(claimable.path, json=ACCEPTED)
    assert (answer.status_code, claimable.state) == (status, "claimable")


def test_a_missing_key_is_503_and_consumes_nothing(claimable: Claimable) -> None:
    path = claimable.office.settings.key_file
    aside = path.rename(path.with_suffix(".aside"))
    client = claimable.office.client("teknis")
    missing = client.post(claimable.path, json=ACCEPTED)
    state = claimable.state
    Path(aside).rename(path)
    back = client.post(claimable.path, json=ACCEPTED)
    assert (missing.status_code, state, back.status_code) == (503, "claimable", 200)
    assert str(path.parent) not in missing.text


def test_the_page_shows_it_in_the_answer_to_its_form_and_never_again(claimable: Claimable) -> None:
    browser = claimable.office.browser("teknis")
    path = f"/layanan/{claimable.item_id}/kredensial"
    form = browser.get(path)
    sent = {"csrf": csrf_of(form), "statement": "ya"}
    first = browser.post(f"{path}/{claimable.id}", data=sent)
    secret = first.text.partition('id="rahasia">')[2].partition("<")[0]
    digest = claimable.office.house.world.read().secret_digests[f"web1/{claimable.item_id}:sftp_password"]
    assert (sha256_of(secret), first.headers["cache-control"]) == (digest, "no-store")
    again = browser.post(f"{path}/{claimable.id}", data=sent)
    assert again.status_code == 410
    assert secret not in again.text + browser.get(path).text
    assert "Sudah diambil" in browser.get(path).text


def test_a_second_claim_is_410_and_an_alarm_until_the_credential_is_another(claimable: Claimable) -> None:
    """Of two who have the password, one may not be the person named: they are told, and so is everybody who looks."""
    client, house = claimable.office.client("teknis"), claimable.office.house
    for status in (200, 410, 410):
        assert client.post(claimable.path, json=ACCEPTED).status_code == status
    seen = client.get(f"/api/v1/items/{claimable.item_id}").json()["alarms"]
    assert [alarm["code"] for alarm in seen] == ["claim:sftp_password"]
    rows = house.desk.audit_rows(PEOPLE["auditor"], limit=500)
    assert [row.subject for row in rows if row.event == "person:secret:claim_again"] == [claimable.id] * 2
    with house.database.transaction() as uow:
        # What is measured anew says nothing of a claim.
        alarms.keep(uow, claimable.item_id, (), house.clock())
        assert [alarm.code for alarm in alarms.of_item(uow, claimable.item_id)] == ["claim:sftp_password"]
    run_id = house.verb("rotate", claimable.item_id, credential="sftp")
    assert house.carry_out(run_id) == "done"
    assert client.get(f"/api/v1/items/{claimable.item_id}").json()["alarms"] == []


# -- Several at once ---------------------------------------------------------------------------------------------------


def ids_of(claimable: Claimable) -> list[str]:
    """What waits for the technical person: the site's database and SFTP passwords, by label."""
    found = claimable.office.client("teknis").get("/api/v1/credentials").json()["credentials"]
    return [credential["id"] for credential in found]


def states_of(claimable: Claimable) -> list[str]:
    found = claimable.office.house.desk.credentials(claimable.office.person("kabid"), claimable.item_id)
    return [credential.state.value for credential in found]


def test_several_are_shown_at_once_and_each_of_them_works_and_only_once(claimable: Claimable) -> None:
    client, ids = claimable.office.client("teknis"), ids_of(claimable)
    sent = {**ACCEPTED, "credential_ids": ids}
    answer = client.post("/api/v1/credentials/claim", json=sent)
    shown = answer.json()["claimed"]
    digests = claimable.office.house.world.read().secret_digests
    assert [one["credential"]["id"] for one in shown] == ids
    assert {sha256_of(one["secret"]) for one in shown} == {
        digests[f"web1/{claimable.item_id}:{name}"] for name in ("database_password", "sftp_password")
    }
    assert (answer.headers["cache-control"], states_of(claimable)) == ("no-store", ["claimed", "claimed"])
    assert client.post("/api/v1/credentials/claim", json=sent).status_code == 410
    assert ids_of(claimable) == []


def test_where_one_is_gone_none_is_shown_and_that_one_is_an_alarm(claimable: Claimable) -> None:
    client, ids = claimable.office.client("teknis"), ids_of(claimable)
    client.post(claimable.path, json=ACCEPTED)
    answer = client.post("/api/v1/credentials/claim", json={**ACCEPTED, "credential_ids": sorted(ids)})
    assert (answer.status_code, "secret" in answer.text.replace("secrets", "")) == (410, False)
    assert sorted(states_of(claimable)) == ["claimable", "claimed"]
    with claimable.office.house.database.reading() as uow:
        (alarm,) = alarms.of_item(uow, claimable.item_id)
    assert alarm.code == "claim:sftp_password"


@pytest.mark.parametrize(
    ("sent", "where"),
    [({"statement_accepted": False}, "statement_accepted"), ({**ACCEPTED, "credential_ids": []}, "credential_ids")],
    ids=["without the statement", "none chosen"],
)
def test_bad_asking_for_several_opens_none(claimable: Claimable, sent: dict[str, object], where: str) -> None:
    answer = claimable.office.client("teknis").post(
        "/api/v1/credentials/claim", json={"credential_ids": ids_of(claimable), **sent}
    )
    assert (answer.status_code, answer.json()["faults"][0]["where"]) == (422, where)
    assert states_of(claimable) == ["claimable", "claimable"]


@pytest.mark.parametrize(("username", "status"), [("kabid", 403), ("opd", 403), ("lain", 404), ("auditor", 403)])
def test_nobody_else_gets_several(claimable: Claimable, username: str, status: int) -> None:
    client = claimable.office.client(username)
    assert client.get("/api/v1/credentials").json() == {"credentials": []}
    sent = {**ACCEPTED, "credential_ids": ids_of(claimable)}
    assert client.post("/api/v1/credentials/claim", json=sent).status_code == status
    assert states_of(claimable) == ["claimable", "claimable"]


def test_what_was_not_taken_in_72_hours_is_not_among_them(claimable: Claimable) -> None:
    """Also before the housekeeping has destroyed it: else asking for all would end with none."""
    claimable.office.house.clock.move(hours=71)
    assert len(ids_of(claimable)) == 2
    claimable.office.house.clock.move(hours=2)
    assert ids_of(claimable) == []


def test_the_page_shows_the_chosen_ones_and_keeps_the_others(claimable: Claimable) -> None:
    browser, ids = claimable.office.browser("teknis"), ids_of(claimable)
    assert 'href="/kredensial"' in browser.get("/").text
    form = browser.get("/kredensial")
    assert [form.text.count(f'value="{one}"') for one in ids] == [1, 1]
    none = browser.post("/kredensial", data={"csrf": csrf_of(form), "statement": "ya"})
    assert (none.status_code, states_of(claimable)) == (422, ["claimable", "claimable"])
    sent = {"csrf": csrf_of(form), "statement": "ya", "credential": [claimable.id]}
    shown = browser.post("/kredensial", data=sent)
    secret = shown.text.partition('data-copy="')[2].partition('"')[0]
    digest = claimable.office.house.world.read().secret_digests[f"web1/{claimable.item_id}:sftp_password"]
    assert (sha256_of(secret), shown.headers["cache-control"]) == (digest, "no-store")
    again = browser.get("/kredensial").text
    assert (secret in again, claimable.id in again) == (False, False)
    assert sorted(states_of(claimable)) == ["claimable", "claimed"]
    assert browser.post("/kredensial", data=sent).status_code == 410
