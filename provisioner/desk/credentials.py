"""Credentials: shown once, to the person named, never by GET."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from provisioner.audit_events import AuditEvent
from provisioner.desk.items import ItemDesk
from provisioner.errors import BadInput, Fault, Gone, NotAllowed, Refused
from provisioner.items.sealed_secret import SealedSecret
from provisioner.people.person import Person
from provisioner.plans.plan import Reason
from provisioner.store import alarms, secrets

_STATEMENT = Fault(
    where="statement_accepted",
    seen="false",
    what="pernyataan tanggung jawab belum disetujui",
    mend="Baca dan setujui pernyataan menjaga keamanan layanan.",
)


class CredentialDesk(ItemDesk):
    """List what can be claimed, and claim it."""

    def credentials(self, person: Person, item_id: str) -> tuple[SealedSecret, ...]:
        """Return the item's credentials as they stand; sealed, never open."""
        with self.house.database.reading() as uow:
            self.visible_item(uow, person, item_id)
            return secrets.handed_over(uow, item_id)

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
        try:
            return self._claim(person, credential_id, open_envelope, accepted=statement_accepted)
        except Gone:
            self._alarm(person, credential_id)
            raise

    def _claim(
        self, person: Person, credential_id: str, open_envelope: Callable[[SealedSecret], str], *, accepted: bool
    ) -> tuple[SealedSecret, str]:
        self.check_access(person)
        with self.house.database.transaction() as uow:
            secret = secrets.secret(uow, credential_id)
            item = self.visible_item(uow, person, secret.item_id)
            if person.id != item.technical_person_id:
                raise NotAllowed("bukan penanggung jawab teknis layanan ini", person.name, "Hanya yang ditunjuk OPD.")
            if not accepted:
                raise BadInput((_STATEMENT,))
            self._check_claimable(secret, self.house.clock())
            opened = open_envelope(secret)
            now = self.record(
                uow, AuditEvent.SECRET_CLAIM, person, secret.id, {"statement": "accepted", "item": item.id}
            )
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
