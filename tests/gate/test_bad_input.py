"""Is every value that its field does not allow refused, all at once, by every door, and nothing stored or run?

Generated: every field of every table (the envelope's, and each kind's for each verb) times every payload times the
doors JSON, YAML and the command. A field or a verb that is added is tried by being there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from provisioner.kinds.catalogue import KINDS
from provisioner.requests import envelope
from provisioner.requests.fields import Field
from tests.gate.office import Office
from tests.gate.payloads import CANARY, LEGAL, PAYLOADS, hostile
from tests.gate.standing import counts
from tests.gate.test_command import Gerbang, gerbang
from tests.gate.test_drafts import Writer
from tests.house import EXAMPLE, PEOPLE

__all__ = ["gerbang"]

PARTS: Mapping[str, tuple[Field, ...]] = {
    "": (envelope.OPD, envelope.APPLICATION_NAME, envelope.PROCEDURE),
    "letter": envelope.LETTER,
    "administrative": envelope.ADMINISTRATIVE,
    "technical": envelope.TECHNICAL,
}


def lines() -> list[dict[str, Any]]:
    """One line for each verb that each kind can do; ... where the payload goes."""
    return [
        {
            "kind": name,
            "verb": verb,
            **({"item": ...} if said.names_item else {}),
            **{f.name: ... for f in said.fields},
            **({"technical": {f.name: ... for f in envelope.TECHNICAL}} if said.appoints else {}),
        }
        for name, kind in KINDS.items()
        for verb, said in kind.verbs.items()
        if said.state == "available"
    ]


def fields() -> dict[str, str]:
    """Every field: where a fault of it is told -> its name in LEGAL."""
    of_parts = {
        f"{part}.{field.name}".lstrip("."): f"{part}.{field.name}".lstrip(".")
        for part, table in PARTS.items()
        for field in table
    }
    of_lines = {
        f"lines[{number}].{name}": f"{line['kind']}.{line['verb']}.{name}"
        for number, line in enumerate(lines())
        for name, value in line.items()
        if value is ...
    }
    of_persons = {
        f"lines[{number}].technical.{field.name}": f"technical.{field.name}"
        for number, line in enumerate(lines())
        for field in envelope.TECHNICAL
        if "technical" in line
    }
    return of_parts | of_lines | of_persons


def document(value: Any) -> dict[str, Any]:
    """A document that holds the payload wherever a sender could put it."""
    return hostile(value, lines(), {part: [field.name for field in table] for part, table in PARTS.items()})


Door = Callable[[Any], tuple[int, list[str], str]]


@pytest.fixture(params=["JSON", "YAML", "command"])
def door(request: pytest.FixtureRequest, office: Office, tmp_path: Path) -> Door:
    """One of the doors: takes a document, returns the status, the places told, and all that was said."""
    client = office.client("opd")

    def as_json(sent: Any) -> tuple[int, list[str], str]:
        answer = client.post("/api/v1/requests", content=json.dumps(sent), headers={"Content-Type": "application/json"})
        return answer.status_code, [fault["where"] for fault in answer.json().get("faults", [])], answer.text

    def as_yaml(sent: Any) -> tuple[int, list[str], str]:
        text = yaml.safe_dump(sent, allow_unicode=False)
        answer = client.post("/api/v1/requests", content=text, headers={"Content-Type": "application/yaml"})
        return answer.status_code, [fault["where"] for fault in answer.json().get("faults", [])], answer.text

    if request.param == "JSON":
        return as_json
    if request.param == "YAML":
        return as_yaml
    run: Gerbang = request.getfixturevalue("gerbang")

    def by_command(sent: Any) -> tuple[int, list[str], str]:
        file = tmp_path / "permohonan.yml"
        file.write_text(yaml.safe_dump(sent, allow_unicode=False), encoding="ascii")
        said = run("opd", "request", "submit", str(file), "--json")
        return said.data.get("status", 201), [fault["where"] for fault in said.data.get("faults", [])], said.out

    return by_command


def test_every_field_refuses_every_payload_at_every_door_and_nothing_is_kept(
    door: Door,
    office: Office,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    door({})  # the command signs in with its first question
    before, tried, wrong = counts(office.house.database), 0, []
    for name, value in PAYLOADS.items():
        status, places, _ = door(document(value))
        legal = LEGAL.get(name, frozenset())
        expected = {where for where, field in fields().items() if field not in legal}
        tried += len(expected)
        if status != 422 or set(places) != expected or len(places) != len(expected):
            wrong.append((name, status, sorted({fields().get(where, where) for where in expected ^ set(places)})))
    assert not wrong, "\n".join(map(repr, wrong))
    now = counts(office.house.database)
    assert now == before
    assert not list(tmp_path.rglob(CANARY))
    told = f"bad input, {request.node.callspec.id}: {tried} values refused"
    record_property("counted", f"{told} ({len(PAYLOADS)} payloads, {len(fields())} fields)")


def test_what_is_legal_as_words_is_kept_letter_for_letter(office: Office) -> None:
    """The few hostile values that a person could mean are text, and stay the text they were."""
    for name in ("quoted words", "words with a path", "punycode"):
        value = PAYLOADS[name]
        sent = json.loads(json.dumps(EXAMPLE))
        for field in LEGAL[name] & {"application_name", "letter.subject", "letter.number", "administrative.position"}:
            part, _, key = field.rpartition(".")
            (sent[part] if part else sent)[key] = value
        answer = office.client("opd").post("/api/v1/requests", json=sent)
        assert answer.status_code == 201, answer.text
        assert (answer.json()["application_name"], answer.json()["letter"]["subject"]) == (value, value)
        sent["lines"][0]["sub_domain"] = "lain"


def whole(text: str) -> str:
    """The example as JSON, with some text of it replaced by another."""
    before, after = text.split(" -> ")
    written = json.dumps(EXAMPLE)
    assert before in written
    return written.replace(before, after, 1)


DEEP = "[" * 50_000
JSON_DOCUMENTS: Mapping[str, str] = {
    "no JSON": "{",
    "a list": "[]",
    "a text": '"opd"',
    "nothing": "null",
    "two documents": "{} {}",
    "NaN": whole('"storage_gb": 5 -> "storage_gb": NaN'),
    "a number of 5000 digits": whole('"storage_gb": 5 -> "storage_gb": ' + "9" * 5000),
    "infinite": whole('"storage_gb": 5 -> "storage_gb": 1e999'),
    "a key twice on top": whole('"opd": -> "opd": "DINLAIN", "opd":'),
    "a key twice in the letter": whole('"subject": -> "subject": "x", "subject":'),
    "a key twice in a line": whole('"verb": -> "verb": "create", "verb":'),
    "deep": whole('"storage_gb": 5 -> "storage_gb": ' + DEEP),
    "too deep for us": whole('"storage_gb": 5 -> "storage_gb": ' + "[" * 30 + "]" * 30),
    "an unknown key on top": whole('"opd": -> "root": true, "opd":'),
    "an unknown key in the letter": whole('"subject": -> "x\\n": 1, "subject":'),
    "an unknown key in a line": whole('"verb": -> "quota_gb": 900, "verb":'),
    "an unknown verb": whole('"create" -> "explode"'),
    "an unknown kind": whole('"hosting" -> "../hosting"'),
    "an unknown procedure": whole('"opd": -> "procedure": "lainnya", "opd":'),
    "an unknown OPD": whole("DINCONTOH -> DINTAKADA"),
    "no lines": json.dumps({**EXAMPLE, "lines": []}),
    "too many lines": json.dumps({**EXAMPLE, "lines": EXAMPLE["lines"] * 51}),
    "a line that is none": json.dumps({**EXAMPLE, "lines": [7]}),
    "a part that is none": json.dumps({**EXAMPLE, "letter": "x"}),
    "ours to set": json.dumps({**EXAMPLE, "status": "approved", "approved_by": "per_kabid", "id": "req_1"}),
}
YAML_DOCUMENTS: Mapping[str, str] = {
    "a bomb of aliases": "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nopd: [*c, *c]\n",
    "an anchor": "opd: &a DISDIK\n",
    "a merge key": "opd: x\n<<: {letter: {}}\n",
    "a tag": "opd: !!python/object/apply:os.system ['touch canary-of-bad-input']\n",
    "a tag of ours": "opd: !!binary aGFsbw==\n",
    "two documents": "opd: x\n---\nopd: y\n",
    "a key twice": "opd: x\nopd: y\n",
    "a key that is no text": "1: x\n",
    "a broken line": "opd: [\n",
    "a tab": "opd:\n\t- x\n",
    "deep": "opd: " + "[" * 5000 + "\n",
    "long": "opd: " + "x" * (128 * 1024) + "\n",
    "a key with a mark before it": "\ufeffopd: x\n",
    "a directive": "%YAML 9.9\n---\nopd: x\n",
}
BYTES: Mapping[str, bytes] = {
    "UTF-16": json.dumps(EXAMPLE).encode("utf-16"),
    "latin-1": json.dumps(EXAMPLE, ensure_ascii=False).replace("Contoh", "Conto\u00e9").encode("latin-1"),
    "nothing": b"",
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "NUL": b"\x00" * 100,
}


def test_a_document_that_is_none_of_ours_is_refused_whole(office: Office) -> None:
    client = office.client("opd")
    before = counts(office.house.database)
    of_json, of_yaml = {"Content-Type": "application/json"}, {"Content-Type": "application/yaml"}
    tried = [("JSON", name, text.encode(), of_json) for name, text in JSON_DOCUMENTS.items()]
    tried += [("YAML", name, text.encode(), of_yaml) for name, text in YAML_DOCUMENTS.items()]
    tried += [("bytes", name, raw, headers) for name, raw in BYTES.items() for headers in (of_json, of_yaml)]
    told = {}
    for door_, name, raw, headers in tried:
        answer = client.post("/api/v1/requests", content=raw, headers=headers)
        told[door_, name, headers["Content-Type"]] = (answer.status_code, bool(answer.json().get("faults")))
    assert told == dict.fromkeys(told, (422, True))
    assert counts(office.house.database) == before


def acts(office: Office) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every call that takes JSON, and the properties of its body as described."""
    described = office.app.openapi()
    for path, operations in described["paths"].items():
        body = operations.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json")
        name = body["schema"].get("$ref", "").rpartition("/")[2] if body else ""
        if name and name != "RequestDocument":
            found = described["components"]
            # A property may be described by another of the description's own words.
            yield (
                path,
                {field: {**one, "components": found} for field, one in found["schemas"][name]["properties"].items()},
            )


def described_takes(schema: Mapping[str, Any], value: Any) -> bool:
    """Tell whether the description of a property allows the value; a format it names is no other text's."""
    own = {name: said for name, said in schema.items() if name != "components"}
    if isinstance(value, str) and "format" in json.dumps(own):
        return False
    return bool(jsonschema.Draft202012Validator(schema).is_valid(value))


def test_no_call_takes_a_value_of_another_type_or_breaks_on_one(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """All properties hostile at once: 422 names each whose description does not take it; and nothing is ever a 500."""
    client = office.client("kabid")
    before = counts(office.house.database)
    monkeypatch.chdir(tmp_path)
    for path, properties in acts(office):
        for name, value in PAYLOADS.items():
            content = json.dumps(dict.fromkeys(properties, value))
            answer = client.post(
                path.replace("{", "no_").replace("}", ""),
                content=content,
                headers={"Content-Type": "application/json"},
            )
            refused = {field for field, schema in properties.items() if not described_takes(schema, value)}
            told = {fault["where"].partition(".")[0] for fault in answer.json().get("faults", [])}
            assert 400 <= answer.status_code < 500, (path, name, answer.text)
            assert refused - told == set(), (path, name, answer.text)
            assert answer.status_code == 422 or not refused, (path, name)
    after = counts(office.house.database)
    # A wrong password is itself a row of the chain, and counted.
    counted = dict.fromkeys(("audit", "tries"), 0)
    assert after | counted == before | counted
    assert not list(tmp_path.rglob(CANARY))


def test_every_field_of_the_form_refuses_every_text_and_no_request_is_filed(
    office: Office, record_property: Callable[[str, object], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A form sends texts alone; the draft keeps what was typed, to be mended, and nothing of it is sent or run."""
    monkeypatch.chdir(tmp_path)
    writer = Writer(office)
    writer.fill()
    create = next(line for line in lines() if line["verb"] == "create")
    of_line = {f"lines[0].{name}": f"hosting.create.{name}" for name, told in create.items() if told is ...}
    of_line |= {f"lines[0].technical.{name}": f"technical.{name}" for name in create["technical"]}
    of_parts = {where: field for where, field in fields().items() if not where.startswith("lines")}
    known = {where: field for where, field in (of_parts | of_line).items() if where != "procedure"}
    pages = {"surat": ("opd", "application_name", "letter."), "penanggung-jawab": ("administrative.", "technical.")}
    before, tried, wrong = counts(office.house.database), 0, []
    for name, value in PAYLOADS.items():
        if not isinstance(value, str) or not value.strip() or name == "lone surrogate":
            continue
        for slug, places in {**pages, "kebutuhan-teknis-1": ("lines[0].",)}.items():
            writer.write(slug, **dict.fromkeys([one for one in known if one.startswith(places)], value))
        draft = office.house.desk.draft(PEOPLE["opd"], writer.key)
        told = {fault.where for fault in office.house.desk.faults_of(PEOPLE["opd"], draft)}
        expected = {where for where, field in known.items() if field not in LEGAL.get(name, frozenset())}
        tried += len(expected)
        if told != expected:
            wrong.append((name, sorted(told ^ expected)))
        sent = writer.write("kirim", sha256=writer.seen())
        assert sent.status_code in {409, 422}, (name, sent.text)
    assert not wrong, "\n".join(map(repr, wrong))
    assert counts(office.house.database) == before
    assert not list(tmp_path.rglob(CANARY))
    record_property("counted", f"bad input, form: {tried} values refused")
