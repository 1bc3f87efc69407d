"""What do lists show, and where is a stranger led?"""

from __future__ import annotations

import pytest

from tests.gate.office import Office


def standing(office: Office) -> dict[str, str]:
    """Let one hosting stand, and return the ids that the paths need."""
    house = office.house
    run_id = house.to_run()
    assert house.carry_out(run_id) == "done"
    view = house.desk.run(office.person("kabid"), run_id)
    credential = house.desk.credentials(office.person("kabid"), view.run.item_id)[0]
    return {
        "request_id": view.request.id,
        "step_id": "notify",
        "line_id": view.line.id,
        "run_id": run_id,
        "item_id": view.run.item_id,
        "credential_id": credential.id,
    }


def test_another_office_sees_empty_lists(office: Office) -> None:
    standing(office)
    other = office.client("lain")
    assert other.get("/api/v1/requests").json() == {"requests": [], "next": None}
    assert other.get("/api/v1/items").json() == {"items": [], "next": None}
    assert other.get("/api/v1/waiting").json() == {"waiting": []}


@pytest.mark.parametrize("path", ["/", "/permohonan/req_x", "/baris/line_x/rencana", "/pelaksanaan/run_x"])
def test_a_page_leads_a_stranger_to_the_door_and_back(office: Office, path: str) -> None:
    answer = office.anonymous().get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/masuk?lanjut={path}")


def test_lists_go_on_where_the_last_page_ended(office: Office) -> None:
    for name in ("satu", "dua", "tiga"):
        office.house.desk.submit(
            office.person("opd"), office.house.example(sub_domain=name, second_name="none"), "application/yaml"
        )
    client = office.client("umum")
    first = client.get("/api/v1/requests", params={"limit": 2}).json()
    second = client.get("/api/v1/requests", params={"limit": 2, "before": first["next"]}).json()
    numbers = [request["number"] for page in (first, second) for request in page["requests"]]
    assert numbers == ["2026-0003", "2026-0002", "2026-0001"]
    assert second["next"] is None
    assert client.get("/api/v1/requests", params={"before": "%%%"}).status_code == 400
