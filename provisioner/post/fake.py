"""What does a post do that is none? It keeps what it was given in files, and fails as told: for tests of the walk."""

from __future__ import annotations

import json
from pathlib import Path

from provisioner.errors import Refused, Unknown, Unreachable
from provisioner.letters.mail import Mail
from provisioner.post.message import message_id_of, message_of

SENDER = "gerbang@kota.lab"


class FakePost:
    """Takes mails as a relay would. `fault` '' | 'down' | 'rejects' | 'lost' (takes it, is cut off before it says so).

    What was taken lies in `folder`, one file a message in the order of arrival, and is there for a process that comes
    after a killed one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "mails"
        self.fault = ""

    def send(self, mail: Mail) -> str:
        """Take the mail and return its Message-ID, or fail as told."""
        message = message_of(mail, SENDER)
        if self.fault == "down":
            raise Unreachable("tidak menjawab", "relay", "Tunggu.")
        if self.fault == "rejects":
            raise Refused("ditolak: 550 tidak dikenal", "relay", "Periksa alamatnya.")
        self.folder.mkdir(exist_ok=True)
        place = self.folder / f"{len(self.taken()) + 1:04d}.json"
        said = {
            "id": message_id_of(mail, SENDER),
            "to": [*mail.to, *mail.cc],
            "subject": mail.subject,
            "text": mail.text,
        }
        place.write_text(json.dumps({**said, "bytes": len(message)}))
        if self.fault == "lost":
            raise Unknown("terputus sesudah surat dikirim", "relay", "Dikirim lagi.")
        return message_id_of(mail, SENDER)

    def taken(self) -> list[dict[str, object]]:
        """Return what was taken, in order."""
        return [json.loads(file.read_text()) for file in sorted(self.folder.glob("*.json"))]
