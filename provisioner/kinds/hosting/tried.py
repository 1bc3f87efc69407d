"""How is a site tried from outside, each thing by itself, as a visitor and as the OPD's technical team would?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.facts.apache import FROZEN_WORDS
from provisioner.items.sealed_secret import earlier
from provisioner.kinds.hosting import wish as asked
from provisioner.kinds.port import Question
from provisioner.names import ITEM_ID
from provisioner.verification.verdict import Trial

MOST_NEIGHBOURS = 5
DAYS_LEFT = 30
LOCKED_OUT: Mapping[str, Value] = {"login": False, "locked": True}


class Tried:
    """The site as its trials need it: names, the address to connect to, the secrets by name."""

    def __init__(self, question: Question, choices: Mapping[str, Any]) -> None:
        self.question, self.choices = question, choices
        self.names = [str(name) for name in choices["names"]]
        self.host, self.item = str(choices["host"]), str(choices["item_id"])
        self.address = choices["address"]["A"][0] if choices["path"] == "direct" else choices["address_internal"]
        self.by_user = {
            "name": self.names[0],
            "address": self.address,
            "host": self.host,
            "item_id": self.item,
            "secret": "sftp_password",
        }

    def resolves(self) -> Trial:
        """The authority gives each name its addresses."""
        wanted = {name: {kind: self.choices["address"][kind] for kind in ("A", "AAAA")} for name in self.names}
        return trial("resolves", "dns", "Nama ditemukan di server nama", wanted, {"names": self.names})

    def https_page(self) -> Trial:
        """Each name answers over TLS with the page that was laid."""
        wanted = {name: {"status": 200, "marker_found": True} for name in self.names}
        return trial(
            "https_page",
            "apache",
            "Halaman tampil lewat HTTPS",
            wanted,
            {"names": self.names, "address": self.address, "path": "/", "marker": "Situs sedang disiapkan"},
        )

    def http_redirects(self) -> Trial:
        """Plain HTTP leads to HTTPS, each name to itself."""
        wanted = {name: {"status": 301, "location": f"https://{name}/"} for name in self.names}
        arguments = {"names": self.names, "address": self.address, "path": "/"}
        return trial("http_redirects", "apache", "HTTP dialihkan ke HTTPS", wanted, arguments)

    def certificate_names(self) -> Trial:
        """The certificate that is served is trusted, has exactly these names, and time left."""
        wanted = {"names": sorted(self.names), "trusted": True, "long_enough": True}
        arguments = {"name": self.names[0], "address": self.address, "days_left_at_least": DAYS_LEFT}
        return trial("certificate_names", "certificate", "Sertifikat benar dan dipercaya", wanted, arguments)

    def sftp_inside(self) -> Trial:
        """The login works, files go both ways, and nothing outside the site can be reached."""
        wanted = {"login": True, "round_trip": True, "escapes": []}
        arguments = {key: value for key, value in self.by_user.items() if key != "name"}
        return trial("sftp_inside", "account", "SFTP masuk dan tetap di dalam", wanted, arguments)

    def bandwidth(self) -> Trial:
        """A large answer comes no faster than granted."""
        rate = asked.bandwidth_bytes_per_second(self.question.wish)
        return trial(
            "bandwidth_limit_bites",
            "apache",
            "Batas bandwidth menggigit",
            {"within": True},
            {**self.by_user, "limit_bytes_per_second": rate},
            takes_time=True,
        )

    def storage(self) -> Trial:
        """The site's user can fill up to the limit and not beyond."""
        return trial(
            "storage_limit_bites",
            "account",
            "Batas ruang simpan menggigit",
            {"under": "ok", "over": "EDQUOT"},
            {"host": self.host, "item_id": self.item, "limit_bytes": asked.storage_bytes(self.question.wish)},
        )

    def php(self) -> list[Trial]:
        """PHP is the site's own user, sees no neighbour, and refuses what is too large."""
        limit = asked.upload_bytes(self.question.wish)
        return [
            trial(
                "php_runs_as_site", "php_fpm", "PHP berjalan sebagai pengguna situs", {"user": self.item}, self.by_user
            ),
            trial(
                "php_cannot_read_neighbour",
                "php_fpm",
                "PHP tidak dapat membaca situs lain",
                {"readable": []},
                {**self.by_user, "neighbours": self.neighbours()},
            ),
            trial(
                "upload_limit_bites",
                "php_fpm",
                "Batas unggahan menggigit",
                {"under": "accepted", "over": "refused"},
                {**self.by_user, "limit_bytes": limit},
            ),
            self.mail(),
        ]

    def mail(self) -> Trial:
        """A page's mail is taken by the relay as the site's own, or by nobody; no page speaks to a relay itself."""
        relay = self.question.estate.hosts[self.host].variables.get("outgoing_mail_relay", {})
        servers = [["127.0.0.1", 25], *([[relay["address"], relay["port"]]] if relay else [])]
        granted = bool(self.question.wish["outgoing_mail"])
        sender = f"{self.item}@{relay['sender_domain']}" if granted else ""
        return trial(
            "mail_as_asked",
            "php_fpm",
            "Surat keluar terkirim atas nama situs" if granted else "Surat keluar tertutup",
            {"sent": granted, "sender": sender, "open": []},
            {**self.by_user, "to": relay.get("probe_recipient", "gerbang-probe@invalid"), "servers": servers},
        )

    def databases(self) -> list[Trial]:
        """The new password opens the site's own database and no other; from outside where that is allowed."""
        engine = str(self.choices["database"])
        arguments = {**self.by_user, "secret": "database_password"}
        login = {"login": True, "writes": True}
        if self.choices["database_networks"]:
            del arguments["name"]
            arguments["via"] = "network"
            login["encrypted"] = True
        else:
            arguments |= {"via": "site", "sftp_secret": "sftp_password"}
        return [
            trial("database_login", engine, "Basis data dapat dimasuki", login, arguments),
            trial("database_isolated", engine, "Basis data lain tertutup", {"databases": [self.item]}, arguments),
        ]

    def neighbours(self) -> list[str]:
        """Other items on the host, the first five: each has files that PHP must not read."""
        found = sorted(
            spot.object
            for spot in self.question.seen.values
            if (spot.system, spot.host, spot.property) == ("account", self.host, "directories")
            and spot.object != self.item
            and ITEM_ID.fullmatch(spot.object)
        )
        return found[:MOST_NEIGHBOURS]

    def site_served(self) -> Trial:
        """Each name leads to the site, whatever it shows: the placeholder is long replaced."""
        wanted: dict[str, Value] = dict.fromkeys(self.names, "served")
        arguments = {"names": self.names, "address": self.address}
        return trial("site_served", "apache", "Situs dilayani pada tiap nama", wanted, arguments)

    def php_answers(self) -> Trial:
        """PHP answers by itself for a script that is not there, or is withheld where it is no more granted."""
        runs = self.choices["runtime"] == "php"
        label = "PHP menjawab" if runs else "PHP tidak lagi menjawab"
        arguments = {key: value for key, value in self.by_user.items() if key != "secret"}
        return trial("php_answers", "php_fpm", label, {"answers": runs}, arguments)

    def name_gone(self, names: list[str]) -> Trial:
        """None of these names leads there any more."""
        wanted: dict[str, Value] = {name: {"A": [], "AAAA": []} for name in names}
        return trial("name_gone", "dns", "Nama tidak lagi ditemukan", wanted, {"names": names})

    def site_gone(self, names: list[str]) -> Trial:
        """The host no longer serves the site under these names to who knows its address."""
        wanted = dict.fromkeys(names, "gone")
        arguments = {"names": names, "address": self.address}
        return trial("site_gone", "apache", "Situs tidak lagi dilayani", wanted, arguments)

    def login_refused(self) -> Trial:
        """The user is gone. Its password is destroyed: a random one is refused, that the user is gone is read back."""
        label = "Akun SFTP tidak ada lagi (dibaca balik; sandi acak ditolak)"
        arguments = {"address": self.address, "item_id": self.item}
        return trial("login_refused", "account", label, {"login": False}, arguments)

    def site_frozen(self) -> Trial:
        """Page and script alike answer 503 with the plain page, under the site's own certificate."""
        arguments = {"names": self.names, "address": self.address, "marker": FROZEN_WORDS}
        label = "Situs menjawab 503 dengan halaman pembekuan"
        return trial("site_frozen", "apache", label, dict.fromkeys(self.names, "frozen"), arguments)

    def sftp_closed(self) -> Trial:
        """The right password is refused: the probe's own stands in the place of the one that nobody here knows."""
        label = "SFTP menolak sandi yang benar (sandi uji)"
        return trial("login_refused", "account", label, LOCKED_OUT, {**self.by_user, "secret": "sftp_probe"})

    def cron(self, *, is_permitted: bool) -> Trial:
        """Cron is let run a job of the site's user, or is not: asked on the host as cron itself asks before each."""
        name, job = ("cron_permitted", "permitted") if is_permitted else ("cron_refused", "refused")
        label = f"Tugas terjadwal {'diizinkan' if is_permitted else 'ditolak'} bagi pengguna situs"
        return trial(name, "account", label, {"job": job}, {"host": self.host, "item_id": self.item})

    def sftp_login(self) -> Trial:
        """The new password opens SFTP."""
        return trial("sftp_login", "account", "Sandi SFTP yang baru dapat dipakai", {"login": True}, self.by_user)

    def old_sftp_refused(self) -> Trial:
        """The password it replaces opens nothing; where it was handed over, it is gone from here."""
        label = "Sandi SFTP yang lama ditolak (sandi acak, bila yang lama sudah diserahkan)"
        return trial(
            "login_refused", "account", label, {"login": False}, {**self.by_user, "secret": earlier("sftp_password")}
        )

    def database_closed(self) -> list[Trial]:
        """The same of the database, from where it can be reached; elsewhere its lock is only read back."""
        label = "Basis data menolak sandi yang benar (sandi uji)"
        return self._database_refused(label, LOCKED_OUT, "database_probe")

    def old_database_refused(self) -> list[Trial]:
        """The same of the database's old password."""
        label = "Sandi basis data yang lama ditolak (sandi acak, bila yang lama sudah diserahkan)"
        return self._database_refused(label, {"login": False}, earlier("database_password"))

    def _database_refused(self, label: str, wanted: Mapping[str, Any], secret: str) -> list[Trial]:
        engine = str(self.choices["database"])
        if engine == "none" or not self.choices["database_networks"]:
            return []
        return [trial("database_refused", engine, label, wanted, {**self.by_user, "secret": secret})]


def trial(
    name: str,
    system: str,
    label: str,
    wanted: Mapping[str, Any],
    arguments: Mapping[str, Any],
    *,
    takes_time: bool = False,
) -> Trial:
    """Put a trial together."""
    return Trial(name=name, system=system, label=label, wanted=wanted, arguments=arguments, takes_time=takes_time)
