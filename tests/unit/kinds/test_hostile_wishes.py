"""Does anything of a form reach a file as more than data? (law 11; threats T1-T7)"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from provisioner.facts import account, apache, nextcloud, php_fpm
from provisioner.requests.fields import Known, parse_fields
from tests.plans.data_cloud_world import WORLD as CLOUD
from tests.plans.hosting_world import ITEM, KIND, plan_for, question_of

KNOWN = Known(opd_codes=frozenset(), zone="kota.lab", reserved_labels=frozenset(), today=date(2026, 11, 21))
VALID: dict[str, Any] = {
    "sub_domain": "simpeg",
    "second_name": "www",
    "runtime": "php",
    "extensions": ["mbstring"],
    "database": "mariadb",
    "cron": "daily",
    "htaccess": True,
    "electronic_system_category": "rendah",
}
VALID_CLOUD: dict[str, Any] = {
    "account_id": "arsip",
    "display_name": "Arsip Dinas Contoh",
    "email": "arsip@dincontoh.example",
    "file_types": ["dokumen"],
    "purpose": "Arsip surat",
}
NAMES = st.sampled_from([field.name for field in KIND.fields])
CLOUD_NAMES = st.sampled_from([field.name for field in CLOUD.kind.fields])
WORDS = re.compile(r"[A-Za-z0-9\u00c0-\u017f .,'\-/()&@_+*:-]*")
TEXTS = st.text(max_size=40) | st.sampled_from(
    [
        "{{ lookup('pipe','id') }}", "{% raw %}", "a\nb", "a\x00b", "simpeg\n", "simpeg.", "*", "@", "_acme-challenge",
        "../../etc/passwd", "-rf", "--limit", "$INCLUDE x", "$(id)", "`id`", "'; DROP TABLE x", 'a" b', "a#b", "a;b",
        "xn--80ak6aa92e", "\u0430pp", "a\u200bb", "CON", "~root", "a\\b", "%0a", "a}b",
    ]
)  # fmt: skip
VALUES = TEXTS | st.integers() | st.booleans() | st.none() | st.lists(TEXTS, max_size=3) | st.floats()
PLAIN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 \n.,:;/_-=#*<>\"'|!?$^()[]\\&%")


@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(NAMES, VALUES, max_size=4))
@example({"sub_domain": "ab\n"})
def test_a_wish_is_refused_or_its_files_hold_exactly_what_was_granted(hostile: dict[str, Any]) -> None:
    wish, faults = parse_fields(KIND.fields, VALID | hostile, "lines[0]", KNOWN)
    if faults:
        assert all(fault.seen.isascii() and fault.seen.isprintable() and len(fault.seen) <= 80 for fault in faults)
        return
    question = question_of({"wish": {name: value for name, value in wish.items() if value is not None}})
    if isinstance(KIND.choose(question), tuple):
        return
    plan = plan_for(question)
    values: dict[str, Any] = {change.property: change.after for change in plan.changes}
    files: dict[str, str] = {name: value["text"] for name, value in values.items() if _is_file(value)}
    names: Any = plan.choices["names"]
    assert all(set(text) <= PLAIN for text in files.values())
    assert apache.read_vhost(files["vhost"]).names == tuple(names)
    if "pool" in files:
        assert php_fpm.read_pool(files["pool"]).upload_mb == wish["upload_mb"]
    if "cron" in files:
        assert account.read_cron(files["cron"]).rhythm == wish["cron"]
    assert {change.spot.object for change in plan.changes if change.system != "dns"} == {ITEM}


@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(CLOUD_NAMES, VALUES, max_size=4))
@example({"account_id": "gerbang-probe-run_x"})
@example({"email": "a@b.example\r\nBcc: x"})
def test_a_wish_for_an_account_is_refused_or_its_calls_hold_exactly_what_was_granted(hostile: dict[str, Any]) -> None:
    wish, faults = parse_fields(CLOUD.kind.fields, VALID_CLOUD | hostile, "lines[0]", KNOWN)
    if faults:
        assert all(fault.seen.isascii() and fault.seen.isprintable() and len(fault.seen) <= 80 for fault in faults)
        return
    question = CLOUD.question_of({"wish": {name: value for name, value in wish.items() if value is not None}})
    if isinstance(CLOUD.kind.choose(question), tuple):
        return
    plan = CLOUD.plan_for(question)
    shared = {"gerbang", str(plan.choices["opd_group"]), str(plan.choices["limit_group"])}
    assert {change.spot.object for change in plan.changes} == {str(wish["account_id"]), *shared}
    values = {change.property: change.after for change in plan.changes if change.spot.object == wish["account_id"]}
    form = nextcloud.create_form(str(wish["account_id"]), values, "x")
    assert [told for told in map(str, form.values()) if not WORDS.fullmatch(re.sub(r"[\[\]]", "", told))] == []
    assert set(form["groups"]) == shared
    assert form["quota"] == str(int(str(wish["quota_gb"])) * 1024**3)


def _is_file(value: Any) -> bool:
    return isinstance(value, dict) and "text" in value
