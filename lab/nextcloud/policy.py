"""Which account ids and passwords does the server take? Its own rules, with its own words."""

import re

from lab.nextcloud.answers import OcsError
from lab.nextcloud.messages import say
from lab.nextcloud.state import State

ALLOWED = re.compile(r"[a-zA-Z0-9 _.@\-']+", re.ASCII)
RESERVED = ("files_external", ".htaccess", ".ocdata", "nextcloud.log", "appdata_oczc4n2sw30a", "owncloud.log")
LONGEST_ID, LONGEST_NAME, LONGEST_PASSWORD = 64, 64, 469
# Of the million that the server refuses, those that were recorded and some that everybody knows.
COMMON = ("short", "abc", "administrator", "abcdefghijklmnop", "password", "password1", "1234567890", "qwertyuiop")


def check_id(name: str) -> None:
    """Raise OcsError 101 with the server's reason for refusing an account id."""
    if name == "":
        raise OcsError(101, "A valid Login must be provided")
    if not ALLOWED.fullmatch(name):
        raise OcsError(
            101, 'Only the following characters are allowed in an Login: "a-z", "A-Z", "0-9", spaces and "_.@-\'"'
        )
    if name.strip() != name:
        raise OcsError(101, "Login contains whitespace at the beginning or at the end")
    if name.strip(".") == "":
        raise OcsError(101, "Login must not consist of dots only")
    if len(name) > LONGEST_ID:
        raise OcsError(101, "Username is too long")
    if name in RESERVED:
        raise OcsError(101, "Login is invalid because files already exist for this user")


def check_password(state: State, password: str, language: str) -> None:
    """Raise OcsError 101 for one that is too long, 107 with every reason of the policy at once."""
    if len(password) > LONGEST_PASSWORD:
        raise OcsError(101, "Invalid password value")
    reasons = policy_faults(state, password, language)
    if reasons:
        raise OcsError(107, " ".join(reasons))


def policy_faults(state: State, password: str, language: str) -> list[str]:
    """Why the policy refuses it; empty where it does not."""
    least = int(state.setting("password_policy", "minLength", "10"))

    def is_on(key: str) -> bool:
        return state.setting("password_policy", key, "0") == "1"

    reasons = []
    if password.lower() in COMMON:
        reasons.append(say("Password is among the 1,000,000 most common ones. Please make it unique.", language))
    if len(password) < least:
        reasons.append(say(f"Password needs to be at least {least} characters long.", language))
    if is_on("enforceNumericCharacters") and not re.search(r"[0-9]", password):
        reasons.append("Password needs to contain at least one numeric character.")
    if is_on("enforceUpperLowerCase") and (password == password.lower() or password == password.upper()):
        reasons.append("Password needs to contain at least one lower and one upper case character.")
    if is_on("enforceSpecialCharacters") and not re.search(r"[^a-zA-Z0-9]", password):
        reasons.append("Password needs to contain at least one special character.")
    return reasons
