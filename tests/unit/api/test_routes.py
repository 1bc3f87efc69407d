"""Which routes are there, and what does each say to a stranger and to a person without the right?"""

from __future__ import annotations

import pytest

from tests.unit.api.office import Office

#: every route of the API: method, path with places for ids, a body, who lacks the right, what they are told
ROUTES: list[tuple[str, str, dict[str, object] | None, str, int]] = [
    ("POST", "/api/v1/requests", {}, "auditor", 403),
    ("GET", "/api/v1/requests/{request_id}", None, "lain", 404),
    ("POST", "/api/v1/requests/{request_id}/versions", {}, "lain", 404),
    ("POST", "/api/v1/requests/{request_id}/withdrawal", {"reason": "x"}, "kabid", 403),
    ("POST", "/api/v1/requests/{request_id}/steps/{step_id}", {}, "lain", 404),
    ("GET", "/api/v1/lines/{line_id}/plan", None, "lain", 404),
    ("POST", "/api/v1/lines/{line_id}/look", {}, "umum", 403),
    ("POST", "/api/v1/lines/{line_id}/decision", {"outcome": "rejected", "reason": "x"}, "lain", 404),
    ("GET", "/api/v1/runs/{run_id}", None, "lain", 404),
    ("GET", "/api/v1/runs/{run_id}/events", None, "lain", 404),
    ("POST", "/api/v1/runs/{run_id}/cancel", {"reason": "x"}, "umum", 403),
    ("POST", "/api/v1/runs/{run_id}/retry", None, "umum", 403),
    ("POST", "/api/v1/runs/{run_id}/look", None, "umum", 403),
    ("POST", "/api/v1/runs/{run_id}/give_up", {"reason": "x"}, "umum", 403),
    ("GET", "/api/v1/items/{item_id}", None, "lain", 404),
    ("POST", "/api/v1/items/{item_id}/receipt", {"sha256": "0" * 64}, "kabid", 403),
    ("GET", "/api/v1/items/{item_id}/credentials", None, "lain", 404),
    ("POST", "/api/v1/credentials/{credential_id}/claim", {"statement_accepted": True}, "kabid", 403),
    ("GET", "/api/v1/audit", None, "kabid", 403),
    ("GET", "/api/v1/audit/verify", None, "kabid", 403),
]
#: whoever is signed in may ask; the answer holds only what is theirs
FOR_ALL = [
    ("GET", "/api/v1/session"),
    ("GET", "/api/v1/requests"),
    ("GET", "/api/v1/items"),
    ("GET", "/api/v1/waiting"),
]
WITHOUT_LOGIN = [("GET", "/healthz"), ("GET", "/readyz"), ("POST", "/api/v1/session")]
PAGES = {
    "GET /masuk",
    "POST /masuk",
    "POST /keluar",
    "GET /",
    "GET /permohonan",
    "GET /permohonan/{request_id}",
    "POST /permohonan/{request_id}/langkah/{step_id}",
    "GET /baris/{line_id}/rencana",
    "POST /baris/{line_id}/keputusan",
    "POST /baris/{line_id}/lihat-ulang",
    "GET /pelaksanaan/{run_id}",
    "GET /pelaksanaan/{run_id}/bagian",
    "GET /pelaksanaan/{run_id}/log.txt",
    "POST /pelaksanaan/{run_id}/hentikan",
    "POST /pelaksanaan/{run_id}/ulangi",
    "POST /pelaksanaan/{run_id}/akhiri",
    "GET /layanan/{item_id}/kredensial",
    "POST /layanan/{item_id}/kredensial/{credential_id}",
}


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


def test_the_route_table_is_this_and_nothing_else(office: Office) -> None:
    """A route that nobody listed is a door that nobody tried."""
    described = {
        f"{method.upper()} {path}" for path, found in office.app.openapi()["paths"].items() for method in found
    }
    listed = {f"{method} {path}" for method, path, *_ in [*ROUTES, *FOR_ALL, *WITHOUT_LOGIN]}
    assert described == listed
    assert office.page_routes() == PAGES


def test_a_stranger_is_told_401_by_every_route_and_nothing_more(office: Office) -> None:
    ids = standing(office)
    stranger = office.anonymous()
    said = {
        (method, path): stranger.request(method, path.format(**ids), json=body).status_code
        for method, path, body in [*((m, p, b) for m, p, b, *_ in ROUTES), *((m, p, None) for m, p in FOR_ALL)]
    }
    assert said == dict.fromkeys(said, 401)


def test_who_lacks_the_right_is_told_403_and_another_office_404(office: Office) -> None:
    ids = standing(office)
    told = {}
    for method, path, body, username, _ in ROUTES:
        answer = office.client(username).request(method, path.format(**ids), json=body)
        assert answer.headers["content-type"] == "application/problem+json"
        told[method, path] = answer.status_code
    assert told == {(method, path): status for method, path, _, _, status in ROUTES}


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
