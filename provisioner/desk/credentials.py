"""Credentials: shown once, to the person named, never by GET."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from provisioner.audit_events import AuditEvent
from provisioner.desk.items import ItemDesk
from provisioner.errors import BadInput, Fault, Gone, NotAllowed, Refused
from provisioner.items.item import Item
from provisioner.items.sealed_secret import SealedSecret
from provisioner.people.person import Person
from provisioner.plans.plan import Reason
from provisioner.store import alarms, items, secrets
from provisioner.unit_of_work import UnitOfWork

_STATEMENT = Fault(
    where="statement_accepted",
    seen="false",
    what="pernyataan tanggung jawab belum disetujui",
    mend="Baca dan setujui pernyataan menjaga keamanan layanan.",
)

_NONE_CHOSEN = Fault(
    where="credential", seen="", what="tidak ada kredensial yang dipilih", mend="Pilih sedikitnya satu kredensial."
)


class CredentialDesk(ItemDesk):
    """List what can be claimed, and claim it."""

    def credentials(self, person: Person, item_id: str) -> tuple[SealedSecret, ...]:
        """Return the item's credentials as they stand; sealed, never open."""
        with self.house.database.reading() as uow:
            self.visible_item(uow, person, item_id)
            return secrets.handed_over(uow, item_id)

    def claimable(self, person: Person) -> tuple[tuple[Item, SealedSecret], ...]:
        """Return what the person can claim now, each with its item, by the item's name; sealed, never open."""
        named = self.named(person)
        if named is None:
            return ()
        with self.house.database.reading() as uow:
            mine = secrets.claimable_by(uow, named, self.house.clock())
            found = [(items.item(uow, secret.item_id), secret) for secret in mine]
        return tuple(sorted(found, key=lambda one: (one[0].label, one[1].label, one[1].id)))

    def claim(
        self,
        person: Person,
        credential_id: str,
        *,
        statement_accepted: bool,
        open_envelope: Callable[[SealedSecret], str],
    ) -> tuple[SealedSecret, str]:
        """Open a credential once, inside the transaction that marks it claimed and wipes it.

        A missing key is Unavailable and consumes nothing; a second claim is Gone, and an alarm of the item: one of the
        two may not have been the technical person named.
        """
        (opened,) = self.claim_all(
            person, (credential_id,), statement_accepted=statement_accepted, open_envelope=open_envelope
        )
        return opened

    def claim_all(
        self,
        person: Person,
        credential_ids: Sequence[str],
        *,
        statement_accepted: bool,
        open_envelope: Callable[[SealedSecret], str],
    ) -> tuple[tuple[SealedSecret, str], ...]:
        """Open several at once as `claim` opens one, in the order given: all of them, or none where one cannot be."""
        self.check_access(person)
        if not credential_ids:
            raise BadInput((_NONE_CHOSEN,))
        try:
            with self.house.database.transaction() as uow:
                return tuple(
                    self._claim(uow, person, one, open_envelope, accepted=statement_accepted) for one in credential_ids
                )
        except Gone as gone:
            self._alarm(person, gone.where)
            raise

    def _claim(
        self,
        uow: UnitOfWork,
        person: Person,
        credential_id: str,
        open_envelope: Callable[[SealedSecret], str],
        *,
        accepted: bool,
    ) -> tuple[SealedSecret, str]:
        secret = secrets.secret(uow, credential_id)
        item = self.visible_item(uow, person, secret.item_id)
        if person.id != item.technical_person_id:
            raise NotAllowed("bukan penanggung jawab teknis layanan ini", person.name, "Hanya yang ditunjuk OPD.")
        if not accepted:
            raise BadInput((_STATEMENT,))
        self._check_claimable(secret, self.house.clock())
        opened = open_envelope(secret)
        now = self.record(uow, AuditEvent.SECRET_CLAIM, person, secret.id, {"statement": "accepted", "item": item.id})
        secrets.mark_claimed(uow, secret.id, person.id, now)
        return secrets.secret(uow, credential_id), opened

    def _alarm(self, person: Person, credential_id: str) -> None:
        with self.house.database.transaction() as uow:
            secret = secrets.secret(uow, credential_id)
            now = self.record(uow, AuditEvent.SECRET_CLAIM_AGAIN, person, secret.id, {"item": secret.item_id})
            what = f"{secret.label} diminta lagi sesudah diambil"
            mend = "Bila yang mengambil bukan penanggung jawab teknis sendiri, ganti kredensial ini sekarang."
            alarms.begin(uow, secret.item_id, Reason(code=secret.alarm_code, what=what, mend=mend), now)

    def _check_claimable(self, secret: SealedSecret, now: datetime) -> None:
        if secret.claimed_at is not None:
            raise Gone("sudah diambil", secret.id, "Ditampilkan sekali saja; ajukan penggantian kata sandi (rotate).")
        if secret.claimable_at is None:
            raise Refused("belum dapat diambil", secret.id, "Tunggu sampai layanan selesai diuji.")
        if secret.state != "claimable" or (secret.expires_at is not None and now >= secret.expires_at):
            raise Refused(
                "tidak lagi berlaku: batas 72 jam telah lewat, atau sandinya sudah diganti",
                secret.id,
                "Ajukan penggantian kata sandi (rotate).",
            )
