"""notice(person): who is awaited, which passwords wait, and the one mail an hour that says so. Re-entrant."""

from __future__ import annotations

from datetime import datetime

from provisioner.errors import GerbangError, NotAllowed, NotFound
from provisioner.letters.notice import ENDING_WITHIN, Notice, NoticeMail, Said, Topic, notice_mail
from provisioner.people.authority import acting_position
from provisioner.people.person import Person
from provisioner.procedures.procedure import Procedure
from provisioner.requests.filed import FiledRequest
from provisioner.store import items, notices, people, procedures, requests, secrets, steps
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.hands import Hands
from provisioner.workflow.tell import back_off


def await_persons(hands: Hands, uow: UnitOfWork, request: FiledRequest, procedure: Procedure) -> None:
    """Note, once, for everybody who may do the step at hand that it waits for them, and queue their mail."""
    step, now = procedure.step(request.step), hands.clock()
    today = now.astimezone(hands.zone).date()
    subject = f"{request.id}:{step.id}:{len(steps.of_request(uow, request.id))}"
    for person in people.persons(uow):
        if step.id == procedure.runs.authorised_at and person.id in {request.requester_id, *request.authors}:
            continue  # law 3: it does not wait for them
        try:
            acting_position(person, step.right, step.actors, procedure.part_of, today, request.opd)
        except NotAllowed:
            continue
        _note(hands, uow, Notice(person_id=person.id, topic=Topic.WAITING, subject=subject, since=now))


def await_claims(hands: Hands) -> None:
    """Note, once, for each technical person what can be claimed, and again when its last day has begun."""
    now = hands.clock()
    with hands.database.reading() as uow:
        found = [(one.item_id, one.run_id, one.expires_at) for one in secrets.all_claimable(uow)]
        persons = {item_id: items.item(uow, item_id).technical_person_id for item_id, _, _ in found}
        new = [
            notice
            for item_id, run_id, expires_at in found
            for notice in _of_claim(persons[item_id], f"{item_id}:{run_id}", expires_at, now)
            if not notices.is_noted(uow, notice)
        ]
    if new:
        with hands.database.transaction() as uow:
            for notice in new:
                _note(hands, uow, notice)


def tell_person(hands: Hands, person_id: str) -> None:
    """Send what the person was not told yet, unless a mail went within the hour; a silent server is tried again."""
    mail = _mail_to(hands, person_id)
    if mail is None:
        return
    with hands.database.reading() as uow:
        person, told = people.person(uow, person_id), notices.told_in(uow, mail.id)
        said = [one for one in (_said(hands, uow, notice) for notice in told) if one is not None]
    try:
        message_id = hands.post(notice_mail(mail, person, said, hands.public_url, hands.zone))
    except GerbangError as fault:
        with hands.database.transaction() as uow:
            why = f"{fault.where}: {fault.what}. {fault.mend}"
            notices.postpone(uow, mail.id, why, hands.clock() + back_off(mail.attempts))
        return
    with hands.database.transaction() as uow:
        notices.mark_sent(uow, mail.id, message_id, hands.clock())


def _note(hands: Hands, uow: UnitOfWork, notice: Notice) -> None:
    if notices.add(uow, notice):
        hands.queue.notice(uow, notice.person_id)


def _of_claim(person_id: str | None, subject: str, expires_at: datetime | None, now: datetime) -> list[Notice]:
    if person_id is None or expires_at is None:
        return []
    topics = [Topic.ACCESS_READY] + [Topic.ACCESS_ENDING] * (expires_at - now <= ENDING_WITHIN)
    return [Notice(person_id=person_id, topic=topic, subject=subject, since=now) for topic in topics]


def _mail_to(hands: Hands, person_id: str) -> NoticeMail | None:
    """Return the mail to try now: one on its way whose time has come, or a new one where the hour allows it."""
    now = hands.clock()
    with hands.database.transaction() as uow:
        known = notices.unsent(uow, person_id)
        if known is not None:
            return known if known.next_try_at is None or known.next_try_at <= now else None
        if not notices.may_write(uow, person_id, now):
            return None
        untold = notices.untold(uow, person_id)
        still = [notice for notice in untold if _said(hands, uow, notice) is not None]
        notices.drop(uow, [notice for notice in untold if notice not in still])
        return notices.write(uow, person_id, still, now) if still else None


def _said(hands: Hands, uow: UnitOfWork, notice: Notice) -> Said | None:
    """Return the notice in words; None where it is no longer so, or its person is no longer to know."""
    try:
        person = people.person(uow, notice.person_id)
    except NotFound:
        return None
    if person.access_ended_on(hands.clock().astimezone(hands.zone).date()):
        return None
    return _waiting(uow, notice) if notice.topic is Topic.WAITING else _access(uow, notice, person)


def _waiting(uow: UnitOfWork, notice: Notice) -> Said | None:
    request_id, step_id, count = notice.subject.split(":")
    request = requests.request(uow, request_id)
    if request.step != step_id or len(steps.of_request(uow, request_id)) != int(count):
        return None
    activity = procedures.of_request(uow, request_id).step(step_id).activity
    words = f"{request.number} {request.application_name} ({request.opd}): {activity}"
    return Said(topic=notice.topic, words=words, moment=notice.since)


def _access(uow: UnitOfWork, notice: Notice, person: Person) -> Said | None:
    item_id, run_id = notice.subject.split(":")
    item = items.item(uow, item_id)
    until = [one.expires_at for one in secrets.of_run(uow, run_id) if one.state == "claimable" and one.expires_at]
    if not until or item.technical_person_id != person.id:
        return None
    return Said(topic=notice.topic, words=item.label, moment=min(until))
