"""tell(letter): set the paper, file it, mail it, and try again until a server has taken it. Re-entrant as a whole."""

from __future__ import annotations

from datetime import timedelta

from provisioner.errors import GerbangError, Unavailable
from provisioner.letters.compose import Matter, compose, hal_of
from provisioner.letters.letter import Letter, LetterState
from provisioner.letters.mail import mail_of
from provisioner.store import letters
from provisioner.workflow.hands import Hands
from provisioner.workflow.letter_matter import matter_of

LONGEST_WAIT = timedelta(minutes=30)


def tell(hands: Hands, letter_id: str) -> None:
    """Go on with a letter from where it stands; what does not work now is tried again later, and said meanwhile."""
    try:
        with hands.database.reading() as uow:
            letter = letters.of_id(uow, letter_id)
        if letter.state is LetterState.DRAFTED:
            _set_draft(hands, letter)
            return
        if letter.state is LetterState.DUE:
            _file(hands, letter)
        _mail(hands, letter_id)
    except GerbangError as fault:
        _postpone(hands, letter_id, f"{fault.where}: {fault.what}. {fault.mend}")


def back_off(attempts: int) -> timedelta:
    """Return how long to wait after so many tries: 1, 2, 4, 8, 16, then 30 minutes, for as long as it takes."""
    return min(timedelta(minutes=2 ** min(attempts, 10)), LONGEST_WAIT)


def _set_draft(hands: Hands, letter: Letter) -> None:
    pdf = hands.press(compose(_matter(hands, letter)).as_data())
    with hands.database.transaction() as uow:
        letters.keep_draft(uow, letter, pdf)


def _file(hands: Hands, letter: Letter) -> None:
    """Set the paper outside any transaction, then file it with its sha256 in one: set again, it is the same."""
    matter = _matter(hands, letter)
    sheet = compose(matter)
    pdf = hands.press(sheet.as_data())
    with hands.database.transaction() as uow:
        letters.file(uow, letter, pdf, sheet.number, hands.clock())


def _mail(hands: Hands, letter_id: str) -> None:
    """Mail a filed letter. The mark 'sent' is committed after the server's word: a kill between mails it twice."""
    with hands.database.reading() as uow:
        letter, pdf = letters.of_id(uow, letter_id), letters.paper(uow, letter_id).pdf
        matter = matter_of(hands, uow, letter)
    if letter.state is not LetterState.FILED:
        return
    if pdf is None:
        raise Unavailable("naskah surat sudah dihapus", letter.number, "Surat ini tidak dapat dikirim lagi.")
    office = matter.office.head[-1]
    mail = mail_of(letter, matter.request, hal_of(matter), office, hands.public_url, pdf)
    message_id = hands.post(mail)
    with hands.database.transaction() as uow:
        letters.mark_sent(uow, letter_id, message_id, hands.clock())
        hands.queue.advance(uow, letter.request_id)


def _matter(hands: Hands, letter: Letter) -> Matter:
    with hands.database.reading() as uow:
        return matter_of(hands, uow, letter)


def _postpone(hands: Hands, letter_id: str, why: str) -> None:
    with hands.database.transaction() as uow:
        waits = back_off(letters.of_id(uow, letter_id).attempts)
        letters.postpone(uow, letter_id, why, hands.clock() + waits)
