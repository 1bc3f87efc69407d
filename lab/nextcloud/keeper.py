"""When is the state written down? A fifth of a second after a change, so that a hundred changes cost one writing."""

import threading

from lab.nextcloud.cloud import Cloud

PAUSE_SECONDS = 0.2


class Keeper:
    """Writes the state of a server as long as it runs, and once more at its end."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.is_over = cloud, threading.Event()
        self.thread = threading.Thread(target=self.keep, daemon=True)
        self.thread.start()

    def keep(self) -> None:
        while not self.is_over.wait(PAUSE_SECONDS):
            self.write()

    def write(self) -> None:
        """Write what has changed, if anything has."""
        if self.cloud.state.is_changed:
            with self.cloud.lock:
                self.cloud.state.write()

    def end(self) -> None:
        self.is_over.set()
        self.thread.join()
        self.write()
