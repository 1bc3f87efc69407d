"""How are a delivered thing and its credentials told over HTTP? A secret is in one reply alone, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from api.replies.base import Reply
from api.replies.plans import ReasonReply
from api.replies.runs import VerdictReply
from provisioner.desk.item_life import Chapter, Use
from provisioner.desk.items import ItemView
from provisioner.items.item import Item
from provisioner.items.sealed_secret import SealedSecret


class ItemReply(Reply):
    """What stands there: `label` 'simpeg.kota.lab'."""

    id: str
    kind: str
    opd: str
    label: str
    state: str
    wish: Mapping[str, Any]
    choices: Mapping[str, Any]
    line_id: str
    ending_until: datetime | None
    delivered_at: datetime
    receipt_sha256: str | None

    @classmethod
    def of(cls, item: Item) -> ItemReply:
        """Tell an item."""
        return cls(
            id=item.id,
            kind=item.kind,
            opd=item.opd,
            label=item.label,
            state=item.state,
            wish=item.wish,
            choices=item.choices,
            line_id=item.line_id,
            ending_until=item.ending_until,
            delivered_at=item.delivered_at,
            receipt_sha256=item.receipt_sha256,
        )


class ReceiptReply(Reply):
    """What the OPD said of having the contents: by `sha256`, by word, or on paper that `recorder_id` wrote down."""

    person_id: str
    name: str
    position: str | None
    at: datetime
    sha256: str | None
    letter_number: str | None
    letter_date: date | None
    recorder_id: str | None

    @classmethod
    def of(cls, view: ItemView) -> ReceiptReply | None:
        """Tell the receipt of the item's end, None where none was given."""
        if view.receipt is None:
            return None
        said = {name: getattr(view.receipt, name) for name in cls.model_fields if name != "name"}
        return cls(name=view.receipt_from, **said)


class ItemPage(Reply):
    """One page of items, newest first."""

    items: tuple[ItemReply, ...]
    next: str | None


class VerbReply(Reply):
    """Whether a verb can be asked for: available, not_yet or not_applicable, with why."""

    state: str
    why: str


class CredentialReply(Reply):
    """A credential without its secret: what it is for, where it is used, whether it was claimed."""

    id: str
    name: str
    label: str
    user: str
    use: Mapping[str, Any]
    state: str
    claimed_at: datetime | None
    expires_at: datetime | None

    @classmethod
    def of(cls, credential: SealedSecret) -> CredentialReply:
        """Tell a credential."""
        return cls(
            id=credential.id,
            name=credential.name,
            label=credential.label,
            user=credential.user,
            use=credential.use,
            state=credential.state,
            claimed_at=credential.claimed_at,
            expires_at=credential.expires_at,
        )


class UseReply(Reply):
    """A limit: what was granted in `unit`, what the last look measured of it, None where nothing does."""

    label: str
    granted: int
    unit: str
    used: int | None

    @classmethod
    def of(cls, use: Use) -> UseReply:
        """Tell a limit."""
        return cls(label=use.limit.label, granted=use.limit.granted, unit=use.limit.unit, used=use.used)


class ChapterReply(Reply):
    """One request on the item, with its runs, the oldest first."""

    verb: str
    request_id: str
    number: str
    line_state: str
    submitted_at: datetime
    runs: tuple[str, ...]

    @classmethod
    def of(cls, chapter: Chapter) -> ChapterReply:
        """Tell a chapter."""
        return cls(
            verb=chapter.line.verb,
            request_id=chapter.request.id,
            number=chapter.request.number,
            line_state=chapter.line.state,
            submitted_at=chapter.request.submitted_at,
            runs=tuple(run.id for run in chapter.runs),
        )


class ItemDetail(Reply):
    """An item with its last verdicts, its credentials, what can be asked for, and what is over its limit.

    `awaits_receipt`: its end waits for the OPD's word; by sha256, or where it `fetches_single_files` by itself.
    `signers`: whose receipt on paper the asker may write down, id -> name and position.
    """

    item: ItemReply
    sentence: str
    address: str
    uses: tuple[UseReply, ...]
    looked_at: datetime | None
    chapters: tuple[ChapterReply, ...]
    verdicts: tuple[VerdictReply, ...]
    credentials: tuple[CredentialReply, ...]
    runs: tuple[str, ...]
    verbs: Mapping[str, VerbReply]
    alarms: tuple[ReasonReply, ...]
    awaits_receipt: bool
    fetches_single_files: bool
    receipt: ReceiptReply | None
    signers: Mapping[str, str]

    @classmethod
    def of(cls, view: ItemView) -> ItemDetail:
        """Tell what one person sees of an item."""
        return cls(
            item=ItemReply.of(view.item),
            sentence=view.card.standing.sentence,
            address=view.card.standing.address,
            uses=tuple(UseReply.of(use) for use in view.card.uses),
            looked_at=view.card.looked_at,
            chapters=tuple(ChapterReply.of(chapter) for chapter in view.chapters),
            verdicts=tuple(VerdictReply.of(verdict) for verdict in view.verdicts),
            credentials=tuple(CredentialReply.of(credential) for credential in view.credentials),
            runs=tuple(run.id for run in view.runs),
            verbs={verb: VerbReply(state=said.state, why=said.why) for verb, said in view.verbs.items()},
            alarms=tuple(ReasonReply(code=alarm.code, what=alarm.what, mend=alarm.mend) for alarm in view.alarms),
            awaits_receipt=view.awaits_receipt,
            fetches_single_files=view.card.standing.fetches_single_files,
            receipt=ReceiptReply.of(view),
            signers=view.signers,
        )


class CredentialList(Reply):
    """An item's credentials, none of them opened."""

    credentials: tuple[CredentialReply, ...]


class ClaimedReply(Reply):
    """The one answer that holds a secret. It cannot be asked for again."""

    credential: CredentialReply
    secret: str


class ClaimedListReply(Reply):
    """Several of them, in the order asked. It cannot be asked for again."""

    claimed: tuple[ClaimedReply, ...]
