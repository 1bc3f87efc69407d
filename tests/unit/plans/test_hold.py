"""Is exactly the difference held, where an item keeps some of it already?"""

from __future__ import annotations

from provisioner.plans.hold import Thing, amounts, difference


def share(amount: int, pool: str = "web1:storage_bytes") -> Thing:
    """A part of a sum."""
    return Thing(pool=pool, key="", amount=amount, label="ruang simpan web1")


def name(key: str) -> Thing:
    """A single thing."""
    return Thing(pool="fqdn", key=key, amount=1, label=f"nama {key}")


def test_a_line_that_makes_its_item_holds_all_it_wants() -> None:
    wanted = (name("a.kota.lab"), share(5))
    assert difference(wanted, ()) == wanted


def test_what_the_item_keeps_is_not_held_twice_and_of_a_share_only_what_is_more() -> None:
    kept = (name("a.kota.lab"), share(3), share(2), share(7, "web1:database_bytes"))
    wanted = (name("a.kota.lab"), name("b.kota.lab"), share(9), share(7, "web1:database_bytes"))
    assert difference(wanted, kept) == (name("b.kota.lab"), share(4))
    assert difference((), kept) == ()


def test_a_reduction_holds_nothing() -> None:
    assert difference((share(1),), (share(3), share(2))) == ()


def test_shares_add_up_by_pool_and_single_things_are_none() -> None:
    found = amounts((share(3), share(2), name("a.kota.lab"), share(1, "web1:database_bytes")))
    assert found == {"web1:storage_bytes": 5, "web1:database_bytes": 1}
