"""How long did the recorded server take for a call? The stand-in takes a millisecond; on wish, as long as the real one.

Medians of Nextcloud 32.0.1, nginx, PHP-FPM and SQLite on two shared cores (recordings apppw-*, flow-*, quota-*, and
bench-sqlite: a create call with an app password and a kept session, 515 ms). Side by side, creating gets no quicker:
bench-parallel-mariadb made eight accounts in the same time with one, two or four calls at once.
"""

import threading
import time

from lab.nextcloud.request import Request

PASSWORD_HASH_SECONDS = 0.21  # what the real password costs each call, and an app password does not
CREATE_SECONDS = 0.515
OF_METHOD = {"GET": 0.03, "HEAD": 0.01, "PUT": 0.052, "DELETE": 0.062, "POST": 0.035, "PROPFIND": 0.06}
OTHER_SECONDS = 0.05


class Pace:
    """Lets calls take their time, while it is on."""

    def __init__(self) -> None:
        self.is_on = False
        self.turn = threading.Lock()

    def keep(self, request: Request) -> None:
        """Wait for as long as the real server works; creates wait for each other too."""
        if not self.is_on:
            return
        if request.user and not request.token:
            time.sleep(PASSWORD_HASH_SECONDS)
        if request.method == "POST" and request.path.endswith("/cloud/users"):
            with self.turn:
                time.sleep(CREATE_SECONDS)
        else:
            time.sleep(OF_METHOD.get(request.method, OTHER_SECONDS))
