"""Is a secret blotted out in every form it may come in?"""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.runner.redaction import BLOT, Redactor, forms_of, leaked

SECRET = 'p@ss "w\\ö/rd+7'
FORMS = {
    "plain": SECRET,
    "inside a line": f"user=x password={SECRET};",
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 after one byte": base64.b64encode(b"x" + SECRET.encode()).decode(),
    "base64 after two bytes": base64.b64encode(b"xy" + SECRET.encode() + b"z").decode(),
    "base64 for URLs": base64.urlsafe_b64encode(b"user:" + SECRET.encode()).decode(),
    "URL-encoded": quote(SECRET, safe=""),
    "URL-encoded as a form": quote_plus(SECRET),
    "JSON": json.dumps({"password": SECRET}),
    "JSON, not ASCII": json.dumps({"password": SECRET}, ensure_ascii=False),
    "split by a terminal's escape": f"{SECRET[:5]}\x1b[0m{SECRET[5:]}",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_every_form_of_a_secret_is_blotted_out(text: str) -> None:
    cleaned = Redactor({"database_password": SECRET}).clean(text)
    assert BLOT in cleaned
    assert not any(form in cleaned for form in forms_of(SECRET))


@given(st.binary(max_size=5), st.text("abcdefghjkmnpqrstuvwxyzABCDEFGH23456789", min_size=12, max_size=24), st.binary())
def test_a_secret_inside_any_base64_text_is_found(ahead: bytes, secret: str, behind: bytes) -> None:
    encoded = base64.b64encode(ahead + secret.encode() + behind).decode()
    assert leaked({"sftp_password": secret}, [("event", encoded)]) == ("event: sftp_password",)


def test_what_holds_no_secret_stays_word_for_word() -> None:
    assert (
        Redactor({"sftp_password": SECRET}).clean("changed: [web1] => user, storage")
        == "changed: [web1] => user, storage"
    )


def test_an_empty_secret_blots_out_nothing() -> None:
    assert Redactor({"none": ""}).clean("abc") == "abc"
    assert leaked({"none": ""}, [("event", "abc")]) == ()


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.example/\x07click\x1b]8;;\x07", "click"),
        ("\x1b]0;title\x1b\\text", "text"),
        ("a\x00b\x07c\rd\x9be", "abcde"),
        ("line\nline\ttab", "line\nline\ttab"),
    ],
)
def test_whatever_a_terminal_would_obey_is_taken_out(text: str, seen: str) -> None:
    assert Redactor({}).clean(text) == seen


def test_a_leak_is_named_by_its_place_and_never_by_the_secret() -> None:
    texts = [("runner_on_ok account", f"said {SECRET}"), ("stdout", "nothing"), ("argv", quote(SECRET, safe=""))]
    hits = leaked({"sftp_password": SECRET, "database_password": "elsewhere-1"}, texts)
    assert hits == ("argv: sftp_password", "runner_on_ok account: sftp_password")
