"""Does a document mean one thing only, however it is written?"""

from __future__ import annotations

import json

import pytest

from provisioner.errors import BadInput
from provisioner.requests.document import read_document
from tests.unit.requests.known import EXAMPLE, example


def refusal(raw: bytes, media_type: str = "application/yaml") -> str:
    """What is said of a document that is refused."""
    with pytest.raises(BadInput) as caught:
        read_document(raw, media_type)
    assert len(caught.value.faults) == 1
    return caught.value.faults[0].what


def test_the_example_is_the_same_as_json_and_as_yaml() -> None:
    as_json = json.dumps(example()).encode()
    assert read_document(as_json, "application/json; charset=utf-8") == read_document(
        EXAMPLE.read_bytes(), "application/yaml"
    )


@pytest.mark.parametrize("text", ["2026-11-21", "yes", "No", "on", "1:30", "010", "0x10", "1_000", "+5", ".inf", "<<"])
def test_what_yaml_alone_would_read_as_more_than_text_stays_a_text(text: str) -> None:
    assert read_document(f"a: {text}".encode(), "application/yaml") == {"a": text}


@pytest.mark.parametrize("text", ["null", "true", "false", "0", "-7", "1.5", "12"])
def test_what_json_knows_is_read_as_json_reads_it(text: str) -> None:
    assert read_document(f"a: {text}".encode(), "application/yaml") == {"a": json.loads(text)}


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"a: 1\na: 2", "nama isian 'a' ditulis dua kali"),
        (b"a: &x 1\nb: 2", "jangkar atau alias YAML"),
        (b"a: &x [1]\nb: *x", "jangkar atau alias YAML"),
        (b"a: !!python/object/apply:os.system [id]", "tanda jenis YAML (!)"),
        (b"a: !!str 1", "tanda jenis YAML (!)"),
        (b"1: a", "nama isian bukan teks"),
        (b"? [a]\n: 1", "nama isian bukan teks"),
        (b"- a", "bukan sebuah objek"),
        (b"", "bukan sebuah objek"),
        (b"a: '\xff'", "bukan UTF-8"),
        (b"a: [" * 40 + b"]" * 40, "terlalu dalam bersarang"),
    ],
)
def test_yaml_that_two_readers_could_read_differently_is_refused(raw: bytes, what: str) -> None:
    assert refusal(raw) == what


@pytest.mark.parametrize("raw", [b"a: [1", b"a: 'x", b"a: 1\n---\nb: 2", b"\ta: 1", b"a: \x00"])
def test_broken_yaml_and_several_documents_are_refused(raw: bytes) -> None:
    assert refusal(raw).startswith("YAML rusak")


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b'{"a": 1, "a": 2}', "nama isian ditulis dua kali"),
        (b'{"a": {"b": 1, "b": 1}}', "nama isian ditulis dua kali"),
        (b'{"a": NaN}', "bukan bilangan"),
        (b'{"a": 1', "JSON rusak: Expecting ',' delimiter"),
        (b"[]", "bukan sebuah objek"),
        (b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}", "terlalu dalam bersarang"),
        (b'{"a": ' + b"[" * 30 + b"]" * 30 + b"}", "terlalu dalam bersarang"),
    ],
)
def test_json_that_two_readers_could_read_differently_is_refused(raw: bytes, what: str) -> None:
    assert refusal(raw, "application/json") == what


def test_a_document_above_one_mebibyte_is_refused_before_it_is_read() -> None:
    assert refusal(b"a" * (1024 * 1024 + 1)) == "dokumen terlalu besar"


def test_another_media_type_is_refused() -> None:
    assert refusal(b"a: 1", "text/html") == "jenis dokumen tidak dikenal"
