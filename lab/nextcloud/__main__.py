"""How does the stand-in start? python -m lab.nextcloud ADDRESS PORT FOLDER KEYS APP_PASSWORD_FILE HOSTS

FOLDER keeps its state and its door (a unix socket); KEYS holds server.pem and server.key, and the folder
KEYS-wrong those that the fault wrong_certificate shows; HOSTS are the names it answers to: "cloud.kota.lab,10.1.2.5".
"""

import secrets
import sys
from pathlib import Path

from lab.nextcloud.cloud import Cloud
from lab.nextcloud.door import Door
from lab.nextcloud.keeper import Keeper
from lab.nextcloud.server import Listener, context_of
from lab.nextcloud.state import State, load

USER = "gerbang"


class Seed:
    """What the server knows from its first start: one admin, who comes in by one app password alone; no welcome mails.

    An office that has accounts made for it switches these mails off: else each new account with an e-mail address costs
    one of the fifty edits in ten minutes.
    """

    def __init__(self, app_password: str) -> None:
        self.app_password = app_password

    def __call__(self, state: State) -> None:
        if state.account(USER) is None:
            state.add_account(USER, secrets.token_urlsafe(32), groups=["admin"])
        state.config.setdefault("core", {}).setdefault("newUser.sendEmail", "no")
        state.add_token(USER, "Gerbang", self.app_password)


def listener(cloud: Cloud, address: str, port: int, keys: Path) -> Listener:
    """Listen with the certificates that lie in `keys`, and beside it the wrong one."""
    places = (keys, keys.with_name(f"{keys.name}-wrong"))
    right, wrong = (context_of(place / "server.pem", place / "server.key") for place in places)
    return Listener(cloud, (address, port), right, wrong)


def main(words: list[str]) -> None:
    """Serve until the process is ended."""
    address, port, folder, keys, app_password_file, hosts = words
    state = load(Path(folder))
    seed = Seed(Path(app_password_file).read_text().strip())
    seed(state)
    cloud = Cloud(state=state, hosts=tuple(hosts.split(",")))
    cloud.state.write()
    Keeper(cloud)
    server = listener(cloud, address, int(port), Path(keys))
    Door(cloud, seed).serve(Path(folder) / "door")
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
