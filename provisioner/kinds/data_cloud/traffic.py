"""What holds an account to its traffic, and what is said where nothing does? Never silence (R-DC3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.facts import traffic
from provisioner.facts.estate import Estate, Host
from provisioner.facts.observation import Spot
from provisioner.kinds.data_cloud import wish as asked
from provisioner.kinds.data_cloud.place import Place
from provisioner.kinds.port import NOT_LOOKED, Question
from provisioner.names import mark
from provisioner.plans.compare import Stage, Wanted
from provisioner.plans.plan import Reason

TASK = "traffic"
NOT_ENFORCED = "tidak ditegakkan: "
_NOBODY = f"{NOT_ENFORCED}Nextcloud tidak membatasi laju tiap akun, dan di depan server ini tidak ada proksi pembatas"
_NOBODY_BRIEFLY = f"{NOT_ENFORCED}tanpa proksi pembatas"
_GONE = f"{NOT_ENFORCED}proksi {{proxy}}, tempat batasnya, tidak ada lagi di inventaris sebagai pembatas server ini"
_LOST = "traffic_lost"
_LABELS: Mapping[str, str] = {traffic.APACHE: "Apache", traffic.NGINX: "nginx"}
_OF_PROXY = ("traffic_enforced_by", "traffic_driver", "traffic_proxy")
READ_BACK = "Batas traffic akun ini dibaca balik di proksi: mencobanya perlu kata sandinya, yang sudah diserahkan."

# -- Which proxy ------------------------------------------------------------------------------------------------------


def chosen(variables: Mapping[str, Any]) -> dict[str, Value]:
    """Return what is chosen of the proxy in front of a server; only the sentence's part, '', where there is none."""
    driver, proxy = str(variables.get("traffic_driver", "none")), str(variables.get("traffic_proxy", ""))
    if driver not in _LABELS:
        return {"traffic_enforced_by": ""}
    by = f"{_LABELS[driver]} di {proxy}"
    return {"traffic_enforced_by": by, "traffic_driver": driver, "traffic_proxy": proxy}


def proxies(estate: Estate, servers: tuple[Host, ...]) -> tuple[str, ...]:
    """Return the names of the proxies in front of these servers, as far as the inventory knows them."""
    named = {str(chosen(host.variables).get("traffic_proxy", "")) for host in servers}
    return tuple(sorted(named & set(estate.hosts)))


def refuse(estate: Estate, host: Host) -> tuple[Reason, ...]:
    """Say why a limit could not be put there: a driver nobody knows, a proxy that is in no inventory or no group."""
    driver, at = str(host.variables.get("traffic_driver", "none")), chosen(host.variables)
    if driver not in {"none", *_LABELS}:
        what = f"traffic_driver {driver!a} dari {host.name} tidak dikenal"
        return (Reason(code="no_proxy", what=what, mend="tulis none, apache atau nginx di inventaris"),)
    proxy = estate.hosts.get(str(at.get("traffic_proxy", "")))
    if driver == "none" or (proxy is not None and traffic.GROUP in proxy.groups):
        return ()
    what = f"proksi {at['traffic_proxy']!a} di depan {host.name} tidak ada dalam kelompok {traffic.GROUP}"
    return (Reason(code="no_proxy", what=what, mend="daftarkan proksi itu, atau tulis traffic_driver: none"),)


def gone(question: Question, choices: Mapping[str, Any], servers: tuple[Host, ...]) -> tuple[Reason, ...]:
    """Say that the proxy of a new account's earlier plan left the inventory, or its cloud: it stands before none."""
    proxy = str(choices.get("traffic_proxy") or "")
    if not proxy or proxy in _proxies_of(question.estate, servers):
        return ()
    what = f"proksi {proxy}, tempat batas traffic akun ini, tidak lagi di depan {choices['host']}"
    return (Reason(code="no_proxy", what=what, mend="kembalikan traffic_proxy di inventaris"),)


def chosen_anew(stands: Mapping[str, Value], host: Host) -> dict[str, Value]:
    """Return `stands` with the proxy that is in front of its server now, whatever held the account until now."""
    return {**_without_proxy(stands), **chosen(host.variables)}


def as_it_holds(question: Question, stands: Mapping[str, Value], host: Host) -> Mapping[str, Value]:
    """Return `stands` without a proxy that the inventory has not in front of its server any more: nobody looks there.

    What was chosen of it is kept aside, {"traffic_lost": {"traffic_proxy": "proxy1", ...}}, and counts again once that
    proxy is back.
    """
    aside: Any = stands.get(_LOST)
    of_proxy: Mapping[str, Value] = aside or {name: stands[name] for name in _OF_PROXY if name in stands}
    proxy = str(of_proxy.get("traffic_proxy") or "")
    if not proxy:
        return stands
    if chosen(host.variables) == of_proxy and proxy in _proxies_of(question.estate, (host,)):
        return {**_without_proxy(stands), **of_proxy}
    return {**_without_proxy(stands), "traffic_enforced_by": "", _LOST: dict(of_proxy)}


def _without_proxy(stands: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in stands.items() if name not in (*_OF_PROXY, _LOST)}


def lost(choices: Mapping[str, Any]) -> str:
    """Return the proxy that held the account and is not there any more, '' where there is none such."""
    return str(choices.get(_LOST, {}).get("traffic_proxy", ""))


def unseen(question: Question, host: Host, choices: Mapping[str, Any]) -> tuple[Reason, ...]:
    """Say that nobody knows what stands at the proxy of these choices: it gave no answer.

    One that is in no inventory or no group is looked at by nobody; `refuse`, `gone` and `lost` say so of it.
    """
    proxy = str(choices.get("traffic_proxy") or "")
    known = question.estate.hosts.get(proxy)
    if known is None or traffic.GROUP not in known.groups or (traffic.SYSTEM, proxy) in question.seen.looked:
        return ()
    what = f"proksi {proxy} di depan {host.name} tidak menjawab"
    return (Reason(code=NOT_LOOKED, what=what, mend="lihat lagi bila proksi menjawab"),)


def _proxies_of(estate: Estate, servers: tuple[Host, ...]) -> frozenset[str]:
    """Return the proxies in front of these servers that can be looked at."""
    return frozenset(name for name in proxies(estate, servers) if traffic.GROUP in estate.hosts[name].groups)


# -- What is wanted there ---------------------------------------------------------------------------------------------


def spot(at: Place) -> Spot:
    """Where the account's limit stands."""
    return Spot(system=traffic.SYSTEM, target=f"{at.choices['traffic_proxy']}/{at.account}", property="rate")


def limited(wish: Mapping[str, Any], at: Place) -> tuple[Stage, ...]:
    """The stage that puts the limit to the proxy, none where there is no proxy."""
    return _stage(at, "make", at.choices.get("traffic_proxy") and _rate(wish, at))


def unlimited(at: Place, waits_for: str = "") -> tuple[Stage, ...]:
    """The stage that takes it away."""
    return _stage(at, "unmake", None, waits_for)


def _stage(at: Place, play: str, value: Value, waits_for: str = "") -> tuple[Stage, ...]:
    if not at.choices.get("traffic_proxy"):
        return ()
    wanted = (Wanted(task=TASK, spot=spot(at), value=value),)
    return (at.stage("traffic", play, wanted, waits_for, at=str(at.choices["traffic_proxy"])),)


def _rate(wish: Mapping[str, Any], at: Place) -> dict[str, Value]:
    item = str(at.choices["item_id"])
    rate = traffic.Rate(
        item_id=item,
        mark=mark(item),
        account=at.account,
        bytes_per_second=asked.traffic_bytes_per_second(wish),
        driver=str(at.choices["traffic_driver"]),
    )
    return traffic.rate_value(rate)


# -- Said -------------------------------------------------------------------------------------------------------------


def briefly(choices: Mapping[str, Any]) -> str:
    """Say the same where there is little room."""
    return said(choices) if choices["traffic_enforced_by"] else _NOBODY_BRIEFLY


def said(choices: Mapping[str, Any]) -> str:
    """Say what holds the account to its traffic, and what of it passes by."""
    if proxy := lost(choices):
        return _GONE.format(proxy=proxy)
    by = str(choices["traffic_enforced_by"])
    if not by:
        return _NOBODY
    held = traffic.HELD.get(str(choices.get("traffic_driver")))
    return f"dibatasi {by}" + (f" ({held})" if held else "")
