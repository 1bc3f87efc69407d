"""Is a neighbour that was touched seen, and nothing of our own counted?"""

from datetime import UTC, datetime

from provisioner.digests import Value
from provisioner.facts.neighbours import Moved, fingerprint, moved
from provisioner.facts.observation import Observation, Spot

OURS, OTHER = "g7kq2mx4pd", "ga2b3c4d5e"
VHOST = {"text": "<VirtualHost>" + "x" * 300, "owner": "root", "group": "root", "mode": "0644"}


def spot(system: str, target: str, prop: str) -> Spot:
    return Spot(system=system, target=target, property=prop)


def seen(**more: Value) -> Observation:
    """Ours and another's storage, vhost and name; `more` by name of the spot's last word replaces the other's."""
    values: dict[Spot, Value] = {
        spot("account", f"web1/{OURS}", "storage"): {"limit_bytes": 5},
        spot("account", f"web1/{OTHER}", "storage"): more.get("storage", {"limit_bytes": 7}),
        spot("apache", f"web1/{OTHER}", "vhost"): more.get("vhost", dict(VHOST)),
        spot("dns", "kota.lab/simpeg.kota.lab", "mark"): f"gerbang item={OURS}",
        spot("dns", "kota.lab/simpeg.kota.lab", "address"): {"A": ["10.0.0.5"]},
        spot("dns", "kota.lab/arsip.kota.lab", "mark"): f"gerbang item={OTHER}",
        spot("dns", "kota.lab/mail.kota.lab", "address"): more.get("mail", {"A": ["10.0.0.9"]}),
    }
    return Observation(
        values={s: v for s, v in values.items() if v is not None},
        measurements={"web1:load_percent": 3},
        looked=frozenset({("account", "web1"), ("apache", "web1"), ("dns", "kota.lab")}),
        seen_at=datetime(2026, 11, 21, tzinfo=UTC),
    )


def test_the_fingerprint_holds_every_other_tenant_and_nothing_of_ours() -> None:
    taken = fingerprint(seen(), frozenset({OURS}))
    assert set(taken) == {
        f"account web1/{OTHER} storage",
        f"apache web1/{OTHER} vhost",
        "dns kota.lab/arsip.kota.lab mark",
        "dns kota.lab/mail.kota.lab address",
    }
    assert taken[f"account web1/{OTHER} storage"] == '{"limit_bytes":7}'
    assert taken[f"apache web1/{OTHER} vhost"].startswith("sha256:")
    assert taken[f"apache web1/{OTHER} vhost"].endswith(" characters")


def test_names_of_ours_that_bear_no_mark_any_more_can_be_named() -> None:
    taken = fingerprint(seen(), frozenset({OURS, OTHER, "mail.kota.lab"}))
    assert taken == {}


def test_what_a_plan_changes_is_named_by_its_target_and_an_object_of_that_name_elsewhere_is_still_a_neighbour() -> None:
    taken = fingerprint(seen(), frozenset({OURS, f"web1/{OTHER}"}))
    assert set(taken) == {"dns kota.lab/arsip.kota.lab mark", "dns kota.lab/mail.kota.lab address"}
    assert fingerprint(seen(), frozenset({OURS, f"web2/{OTHER}"})) == fingerprint(seen(), frozenset({OURS}))


def test_nothing_moved_between_two_looks_at_the_same() -> None:
    assert moved(fingerprint(seen(), frozenset({OURS})), fingerprint(seen(), frozenset({OURS}))) == ()


def test_a_change_an_arrival_and_a_loss_are_named_with_both_values() -> None:
    before = fingerprint(seen(mail=None), frozenset({OURS}))
    after = fingerprint(seen(storage={"limit_bytes": 8}, vhost=None), frozenset({OURS}))
    storage, vhost, mail = moved(before, after)
    place = f"account web1/{OTHER} storage"
    assert storage == Moved(place=place, before='{"limit_bytes":7}', after='{"limit_bytes":8}')
    assert (vhost.place, vhost.after) == (f"apache web1/{OTHER} vhost", None)
    assert mail == Moved(place="dns kota.lab/mail.kota.lab address", before=None, after='{"A":["10.0.0.9"]}')
    assert str(storage) == f'{place}: {{"limit_bytes":7}} menjadi {{"limit_bytes":8}}'
    assert str(vhost).endswith(" menjadi tidak ada")


def test_one_changed_letter_of_a_long_file_moves_its_fingerprint() -> None:
    edited = {**VHOST, "text": "<VirtualHost>" + "x" * 299 + "y"}
    found = moved(fingerprint(seen(), frozenset({OURS})), fingerprint(seen(vhost=edited), frozenset({OURS})))
    assert [one.place for one in found] == [f"apache web1/{OTHER} vhost"]


def test_on_a_cloud_that_others_use_too_only_our_accounts_and_groups_are_neighbours() -> None:
    """Others' accounts come and go by right; a name and an address are the owner's, and no run's rows hold persons."""
    account: dict[str, Value] = {
        "account": {"mark": "gerbang"},
        "quota": {"bytes": 5},
        "display_name": "Sari",
        "email": "s@opd.example",
    }
    foreign = {**account, "account": {"mark": None}}
    values: dict[Spot, Value] = {
        **{spot("nextcloud", "cloud1/sari", prop): value for prop, value in account.items()},
        **{spot("nextcloud", "cloud1/orang", prop): value for prop, value in foreign.items()},
        **{spot("nextcloud", "cloud1/arsip", prop): value for prop, value in account.items()},
        spot("nextcloud", "cloud1/gerbang-limit-2mb-semua", "size_rule"): {"largest_bytes": 5},
        spot("nextcloud", "cloud1/opd-x", "group"): {"exists": True},
        spot("nextcloud", "cloud1/panitia", "group"): {"exists": True},
        spot("nextcloud", "cloud1/", "server"): {"missing": []},
    }
    observed = Observation(
        values=values, measurements={}, looked=frozenset(), seen_at=datetime(2026, 11, 21, tzinfo=UTC)
    )
    assert set(fingerprint(observed, frozenset({"cloud1/arsip"}))) == {
        "nextcloud cloud1/sari account",
        "nextcloud cloud1/sari quota",
        "nextcloud cloud1/gerbang-limit-2mb-semua size_rule",
        "nextcloud cloud1/opd-x group",
    }
