"""What does a change of a standing account want, and when can it not be?

It touches what its line asks and what follows from that, nothing else: an owner may rename the account, an
administrator may give it a group, and neither is taken back by a larger quota. What stands otherwise than recorded and
is not asked for is named on the plan page (`drift.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.facts import nextcloud
from provisioner.items.life import changed_fields
from provisioner.kinds.data_cloud import account, file_types, server, traffic
from provisioner.kinds.data_cloud import wish as asked
from provisioner.kinds.data_cloud.account_name import used_bytes
from provisioner.kinds.data_cloud.amounts import amount
from provisioner.kinds.data_cloud.class_rules import refuse_changed
from provisioner.kinds.data_cloud.place import Place
from provisioner.kinds.port import Question
from provisioner.plans.compare import Stage, Wanted
from provisioner.plans.plan import Reason

_OF_CLASS = frozenset({"largest_file_mb", "file_types"})

# -- Which fields -----------------------------------------------------------------------------------------------------


def moves(question: Question) -> frozenset[str]:
    """Return the names of the fields that the line changes: {'quota_gb'}; none for another verb."""
    return frozenset() if question.item is None else frozenset(changed_fields(question.item.wish, question.wish))


def moves_class(question: Question) -> bool:
    """Tell whether the account goes to another limit class."""
    return bool(moves(question) & _OF_CLASS)


def of_class(wish: Mapping[str, Any]) -> dict[str, Value]:
    """Return the choices that name a limit class."""
    return {
        "limit_group": asked.limit_group(wish),
        "largest_bytes": asked.largest_bytes(wish),
        "types": [*file_types.types_of(wish["file_types"])],
    }


def of_quota(wish: Mapping[str, Any]) -> dict[str, Value]:
    """Return the choice that names the storage, as the server keeps it."""
    return {"quota_bytes": nextcloud.kept_bytes(asked.quota_bytes(wish))}


# -- Chosen, wanted ---------------------------------------------------------------------------------------------------


def choices(question: Question, stands: Mapping[str, Value]) -> dict[str, Value]:
    """Return `stands` with what the line changes of it: a field that it leaves alone keeps what was chosen for it."""
    wish, moved = question.wish, moves(question)
    found = {**stands}
    if "quota_gb" in moved:
        found |= of_quota(wish)
    if moves_class(question):
        found |= of_class(wish)
    if "traffic_mbit" in moved:
        found = traffic.chosen_anew(found, question.estate.hosts[str(stands["host"])])
    return found


def stages(question: Question, at: Place) -> tuple[Stage, ...]:
    """The class it goes to is ensured before it goes there."""
    moved = moves(question)
    limited = traffic.limited(question.wish, at) if "traffic_mbit" in moved else ()
    return (*limited, at.stage("make", "make", (*_class(question, at), *_of_account(question, at))))


def _class(question: Question, at: Place) -> tuple[Wanted, ...]:
    if not moves_class(question):
        return ()
    now: Any = question.seen.value(at.spot(at.account, "groups"))
    return (*account.rules(at), account.moved_groups(at, now or ()))


def _of_account(question: Question, at: Place) -> tuple[Wanted, ...]:
    wanted = {
        "display_name": account.display_name(question.wish, at),
        "email": at.of_account("email", account.own_email(question.wish)),
        "quota_gb": account.quota(at, int(at.choices["quota_bytes"])),
    }
    return tuple(one for name, one in wanted.items() if name in moves(question))


# -- Refused ----------------------------------------------------------------------------------------------------------


def refusals(question: Question, stands: Mapping[str, Any]) -> tuple[Reason, ...]:
    """Say why the account cannot be changed so: it does not move, its server has no more, or that much is used.

    Or somebody has changed the rules of the class it is to be held by.
    """
    host = question.estate.hosts.get(str(stands["host"]))
    if host is None or (question.wishes or {}).get("host") not in (None, host.name):
        what = f"akun berdiri di {stands['host']} dan perubahan tidak memindahkannya"
        return (Reason(code="stays_on_host", what=what, mend="lihat lagi tanpa menyebut server lain"),)
    return (
        *server.lacking(question, host),
        *(traffic.refuse(question.estate, host) if "traffic_mbit" in moves(question) else ()),
        *server.too_much(question, host),
        *server.full(question, host),
        *_below_use(question, stands),
        *refuse_changed(question, host),
    )


def _below_use(question: Question, stands: Mapping[str, Any]) -> tuple[Reason, ...]:
    """Say where a smaller quota would be below what is used now: nobody could put anything there any more.

    Where nobody knows what is used, it may be.
    """
    assert question.item is not None
    wanted = nextcloud.kept_bytes(asked.quota_bytes(question.wish))
    if wanted >= nextcloud.kept_bytes(asked.quota_bytes(question.item.wish)):
        return ()
    at = Place(stands)
    used = used_bytes(question, at.spot(at.account, "account"))
    if used is None:
        what = (
            f"ruang simpan akun {at.account} hendak diperkecil, tetapi {at.host} tidak menyebut pemakaiannya sekarang"
        )
        mend = "periksa akun itu di Nextcloud, lalu lihat lagi; atau biarkan ruang simpannya"
        return (Reason(code="use_unknown", what=what, mend=mend),)
    if wanted >= used:
        return ()
    what = f"ruang simpan {amount(wanted)} kurang dari yang terpakai sekarang ({amount(used)})"
    mend = f"minta sedikitnya {-(-used // asked.GIB)} GB, atau kosongkan sebagian lebih dahulu, lalu lihat lagi"
    return (Reason(code="below_use", what=what, mend=mend),)
