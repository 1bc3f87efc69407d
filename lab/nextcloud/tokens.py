"""How does a client come by an app password? It asks with the real password, or a person grants it in a browser."""

import secrets
import string
from dataclasses import dataclass
from typing import Any

from lab.nextcloud.answers import Answer, OcsError, plain_json
from lab.nextcloud.request import Request
from lab.nextcloud.routes import Call, Routes
from lab.nextcloud.state import State

LENGTH = 72
LETTERS = string.ascii_letters + string.digits
routes = Routes()


def new_app_password() -> str:
    """72 letters and digits, as the server draws them."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


@routes.add("GET", "/core/getapppassword", "user")
def get(call: Call) -> dict[str, str]:
    """Give a new one to whom the real password let in."""
    if call.request.token:
        raise OcsError(403, "You cannot request an new apppassword with an apppassword")
    password = new_app_password()
    call.state.add_token(call.me.id, call.request.headers.get("user-agent", ""), password)
    call.state.save()
    return {"apppassword": password}


@routes.add("DELETE", "/core/apppassword", "user")
def delete(call: Call) -> list[Any]:
    """Delete the one that this call came with."""
    if not call.request.token:
        raise OcsError(403, "no app password in use")
    del call.state.tokens[call.request.token]
    call.state.save()
    return []


@routes.add("POST", "/core/apppassword/rotate", "user")
def rotate(call: Call) -> dict[str, str]:
    """Put a new one in the place of the one that this call came with."""
    if not call.request.token:
        raise OcsError(403, "no app password in use")
    name = call.state.tokens.pop(call.request.token).name
    password = new_app_password()
    call.state.add_token(call.me.id, name, password)
    call.state.save()
    return {"apppassword": password}


@dataclass(kw_only=True)
class Grant:
    """One login that waits for a person: the token that polls, the token of the page, what was granted."""

    poll: str
    page: str
    agent: str
    login: str = ""
    password: str = ""


class LoginFlow:
    """Login flow v2; the person's part in the browser is played through the door (`grant`)."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.waiting: dict[str, Grant] = {}

    def begin(self, request: Request) -> Answer:
        grant = Grant(
            poll=secrets.token_hex(64), page=secrets.token_urlsafe(96), agent=request.headers.get("user-agent", "")
        )
        self.waiting[grant.poll] = grant
        base = f"https://{request.headers.get('host', '')}"
        poll = {"token": grant.poll, "endpoint": f"{base}/login/v2/poll"}
        return plain_json({"poll": poll, "login": f"{base}/login/v2/flow/{grant.page}"})

    def poll(self, request: Request) -> Answer:
        """What was granted, once; until then, and ever after, 404 and an empty list."""
        grant = self.waiting.get(str(request.params.get("token", "")))
        if grant is None or not grant.password:
            return plain_json([], 404)
        del self.waiting[grant.poll]
        server = f"https://{request.headers.get('host', '')}"
        return plain_json({"server": server, "loginName": grant.login, "appPassword": grant.password})

    def grant(self, page: str, user: str) -> bool:
        """Let `user` agree on the page whose token the client was given."""
        for grant in self.waiting.values():
            if grant.page == page.rpartition("/")[2]:
                grant.login, grant.password = user, new_app_password()
                self.state.add_token(user, grant.agent, grant.password)
                self.state.save()
                return True
        return False
