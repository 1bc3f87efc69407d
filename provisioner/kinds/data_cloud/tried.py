"""How is an account tried from outside, each thing by itself, as its owner would?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.facts import nextcloud, traffic
from provisioner.items.sealed_secret import earlier
from provisioner.kinds.data_cloud import file_types
from provisioner.kinds.data_cloud.account_name import accounts
from provisioner.kinds.data_cloud.change import moves_class
from provisioner.kinds.data_cloud.drift import is_class_off
from provisioner.kinds.data_cloud.place import PASSWORD, Place
from provisioner.kinds.data_cloud.wish import MIB, traffic_bytes_per_second
from provisioner.kinds.port import Question
from provisioner.verification.verdict import Trial

MOST_NEIGHBOURS = 5
#: above this a file under the limit takes long to send
QUICK_BYTES = 64 * MIB


class Tried:
    """The account as its trials need it: server, id, the secret by name, an ending of each class of file."""

    def __init__(self, question: Question, choices: Mapping[str, Any]) -> None:
        self.question, self.choices, self.at = question, choices, Place(choices)
        self.allowed, self.refused = file_types.endings(question.wish["file_types"])
        self.account = {"host": self.at.host, "account": self.at.account}
        self.by_owner = {**self.account, "secret": PASSWORD}

    def login(self) -> Trial:
        """The new password opens the account, and a folder can be made there."""
        wanted = {"login": True, "folder": "made"}
        return _trial("cloud_login", "Akun dapat dimasuki dan folder dapat dibuat", wanted, self.by_owner)

    def quota(self) -> Trial:
        """For what just fits there is room, one byte more is refused for want of it."""
        size = int(self.choices["quota_bytes"])
        largest = int(self.choices["largest_bytes"])
        arguments = {**self.by_owner, "limit_bytes": size, "largest_bytes": largest, "ending": self.allowed[0]}
        wanted = {"under": "not full", "over": "full"}
        return _trial("cloud_quota_bites", "Batas ruang simpan menggigit", wanted, arguments, size)

    def size(self) -> Trial:
        """A file of the largest size is taken, a larger one refused by the rule."""
        size = int(self.choices["largest_bytes"])
        arguments = {**self.by_owner, "limit_bytes": size, "ending": self.allowed[0]}
        wanted = {"under": "accepted", "over": "forbidden"}
        return _trial("cloud_size_bites", "Batas berkas terbesar menggigit", wanted, arguments, size)

    def types(self) -> Trial:
        """A file of each class that was granted is taken, one of each other class refused by the rule."""
        wanted = {"allowed": self.allowed, "refused": self.refused}
        arguments = {**self.by_owner, "allowed": self.allowed, "refused": self.refused}
        return _trial("cloud_types_bite", "Batas jenis berkas menggigit", wanted, arguments)

    def neighbours(self) -> Trial:
        """No file of others can be reached with this account's password."""
        others = [name for name in accounts(self.question, self.at.host) if name != self.at.account]
        arguments = {**self.by_owner, "neighbours": others[:MOST_NEIGHBOURS]}
        label = "Berkas akun lain tidak dapat dijangkau"
        return _trial("cloud_neighbour_unreachable", label, {"readable": []}, arguments)

    def traffic(self) -> tuple[Trial, ...]:
        """Two downloads at once, through the proxy, come no faster than granted; none where there is no proxy."""
        if not self.choices.get("traffic_proxy"):
            return ()
        arguments = {
            **self.by_owner,
            "proxy": str(self.choices["traffic_proxy"]),
            "limit_bytes_per_second": traffic_bytes_per_second(self.question.wish),
            "largest_bytes": int(self.choices["largest_bytes"]),
            "ending": self.allowed[0],
        }
        label = "Batas traffic menggigit (dua unduhan sekaligus)"
        return (
            Trial(
                name="traffic_limit_bites",
                system=traffic.SYSTEM,
                label=label,
                wanted={"within": True},
                arguments=arguments,
                takes_time=True,
            ),
        )

    def limits_by_probe(self) -> Trial:
        """What the platform does to an account of these groups and this quota: this one's password is unknown.

        Rules that somebody took away and that the line leaves alone are not tried: the probe is not in the class then.
        """
        wanted: dict[str, Any] = {"under_quota": "not full", "over_quota": "full", "folder": "made"}
        groups, refused = {self.at.opd_group}, list[str]()
        if self.question.verb != "change" or moves_class(self.question) or not is_class_off(self.question, self.at):
            groups, refused = {*groups, self.at.limit_group}, self.refused
            wanted |= {"under_size": "accepted", "over_size": "forbidden"}
        if refused:
            wanted["other_type"] = "forbidden"
        arguments = {
            **self.account,
            "groups": sorted(groups),
            "quota_bytes": int(self.choices["quota_bytes"]),
            "largest_bytes": int(self.choices["largest_bytes"]),
            "ending": self.allowed[0],
            "allowed": self.allowed,
            "refused": refused,
        }
        label = "Batas menggigit (akun uji dalam kelompok yang sama)"
        size = min(int(self.choices["quota_bytes"]), int(self.choices["largest_bytes"]))
        return _trial("cloud_limits_bite_probe", label, wanted, arguments, size)

    def closed(self) -> Trial:
        """A disabled account lets nobody in; tried with a probe, for this one's password nobody here knows."""
        wanted = dict.fromkeys(("login", "webdav", "app_password", "session"), "refused")
        label = "Akun yang dibekukan menolak masuk, WebDAV, sandi aplikasi dan sesi terbuka (akun uji)"
        return _trial("cloud_refused", label, wanted, self.account)

    def old_password_refused(self) -> Trial:
        """The password it replaces opens nothing; where it was handed over, it is gone from here."""
        label = "Kata sandi yang lama ditolak (sandi acak, bila yang lama sudah diserahkan)"
        return _trial("cloud_old_refused", label, {"login": False}, {**self.account, "secret": earlier(PASSWORD)})

    def absent(self) -> Trial:
        """The server knows no account of that id any more."""
        return _trial("cloud_absent", "Akun tidak ada lagi", {"found": False}, self.account)


def _trial(name: str, label: str, wanted: Mapping[str, Any], arguments: Mapping[str, Any], size: int = 0) -> Trial:
    return Trial(
        name=name,
        system=nextcloud.SYSTEM,
        label=label,
        wanted=wanted,
        arguments=arguments,
        takes_time=size > QUICK_BYTES,
    )
