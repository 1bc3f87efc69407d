"""Which mails does the server write? They are handed to nobody: State.mails keeps them for whoever asks the door."""

import secrets
from urllib.parse import quote

from lab.nextcloud.routes import Call
from lab.nextcloud.state import Account

CAN_SEND = True  # a test may let the office's mail server be down: then no mail goes, though a link was drawn
SENDER = "Nextcloud <nextcloud@example.test>"


def any_password() -> str:
    """The password of an account that was made with an e-mail address only: nobody knows it."""
    return secrets.token_urlsafe(24)


def welcome(call: Call, account: Account, *, with_link: bool) -> bool:
    """Write the welcome mail; a link in it sets the password once, and the links before it open nothing any more.

    A link once mailed and not used is what the server calls pending: neither a password that an admin sets nor a login
    by a client ends that, only the link does (lost.py). So do its NewUserMailHelper and resendWelcomeMessage. False
    where the mail could not be sent, of which a creating call says nothing.
    """
    # The host of the link is the host that the API call named: so the server does unless overwritehost is set.
    base = f"https://{call.request.headers.get('host', '')}"
    line = f"Go to Nextcloud: {base}/"
    if with_link:
        token = secrets.token_urlsafe(16)[:21]
        call.state.reset_links[account.id] = {"token": token, "email": account.email, "at": int(call.now())}
        line = f"Set your password: {base}/lostpassword/reset/form/{token}/{quote(account.id)}"
    text = f"Welcome aboard\r\n\r\nYour Login is: {account.id}\r\n\r\n{line}\r\n"
    name = account.display_name or account.id
    call.state.save()
    if not CAN_SEND:
        return False
    call.state.mails.append(
        {
            "to": f"{name} <{account.email}>",
            "from": SENDER,
            "subject": "Your Nextcloud account was created",
            "text": text,
        }
    )
    return True
