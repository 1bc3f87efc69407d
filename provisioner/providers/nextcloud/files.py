"""What can an account do with files? WebDAV as its owner does it, in a folder that is ours and goes away again.

Recordings quota-*, flow-*: a file is taken with 201 or 204, no room is 507, a rule says 403. Quota and size rule both
believe the header OC-Total-Length, so a large file need not be sent to see whether it would be taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provisioner.errors import Unreachable
from provisioner.https_line import PIECE_BYTES, Reply
from provisioner.ocs import Nextcloud, segment

REAL_BYTES = 32 << 20
DAV = "/remote.php/dav"
SPACE = b'<?xml version="1.0"?><d:propfind xmlns:d="DAV:"><d:prop><d:quota-available-bytes/></d:prop></d:propfind>'
SIZES = (
    b'<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns">'
    b"<d:prop><d:quota-available-bytes/><oc:size/><nc:mount-type/></d:prop></d:propfind>"
)
NAMES = b'<?xml version="1.0"?><d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/></d:prop></d:propfind>'
NAMES_BELOW = {"Depth": "1", "Content-Type": "application/xml"}
OPEN, MADE = "open", "made"
ACCEPTED, FULL, FORBIDDEN, REFUSED = "accepted", "full", "forbidden", "refused"
WORDS = {201: ACCEPTED, 204: ACCEPTED, 507: FULL, 403: FORBIDDEN, 401: REFUSED}
_AVAILABLE = re.compile(rb"<d:quota-available-bytes>(-?\d{1,19})</d:quota-available-bytes>")
_ENTRY = re.compile(rb"<d:response>.*?</d:response>", re.DOTALL)
_SIZE = re.compile(rb"<oc:size>(\d{1,19})</oc:size>")
_MOUNTED = re.compile(rb"<nc:mount-type>[^<]")
_HREF = re.compile(rb"<d:href>([^<]{1,4096})</d:href>")


@dataclass(frozen=True, kw_only=True)
class Zeros:
    """A body of `size` zeros that is not held in memory, and can be sent again."""

    size: int

    def __iter__(self) -> Iterator[bytes]:
        """Give it in pieces."""
        piece = bytes(PIECE_BYTES)
        for start in range(0, self.size, PIECE_BYTES):
            yield piece[: min(PIECE_BYTES, self.size - start)]


@dataclass(frozen=True, kw_only=True)
class Space:
    """A home's room in bytes: `free` as the server says it, None where there is no quota; `used` by what counts."""

    free: int | None
    used: int


class Files:
    """The files of one account. Every path below its probe folder is ours, nothing else is touched."""

    def __init__(self, cloud: Nextcloud, account: str, folder: str) -> None:
        self._cloud, self._account, self._folder = cloud, account, folder
        self._home = f"{DAV}/files/{segment(account)}"

    def enter(self) -> str:
        """Open the home, as a login does: 'open', or 'refused'."""
        said = self._ask("PROPFIND", f"{self._home}/", {"Depth": "0"})
        return OPEN if said.status == 207 else word(said)

    def available(self) -> int | None:
        """Return how many bytes fit; None where there is no quota."""
        said = self._ask("PROPFIND", f"{self._home}/", {**NAMES_BELOW, "Depth": "0"}, SPACE)
        return self._free(said)

    def space(self) -> Space:
        """Return what is free and what is used, the latter added up: the server tells its own sum minutes late.

        A folder that others share with the account lies in their quota, and a group's in the group's: neither counts.
        """
        said = self._ask("PROPFIND", f"{self._home}/", NAMES_BELOW, SIZES)
        free = self._free(said)
        _, *entries = _ENTRY.findall(said.body)
        sizes = [_SIZE.search(entry) for entry in entries if not _MOUNTED.search(entry)]
        if None in sizes:
            raise Unreachable("does not say how large a file is.", self._cloud.where, "Try again.")
        return Space(free=free, used=sum(int(size[1]) for size in sizes if size))

    def make_folder(self) -> str:
        """Make our folder; one that a killed run left is taken over."""
        said = self._ask("MKCOL", self._place())
        return MADE if said.status in {201, 405} else word(said)

    def upload(self, name: str, size: int) -> tuple[str, bool]:
        """Upload a file of `size` bytes into our folder; say what became of it, and whether all of it was sent.

        Up to 32 MB the bytes are sent; a larger one is one byte that names its size in OC-Total-Length.
        """
        is_whole = size <= REAL_BYTES
        sent = size if is_whole else 1
        headers = {"Content-Type": "application/octet-stream", "OC-Total-Length": str(size)}
        said = self._cloud.exchange("PUT", self._place(name), headers, Zeros(size=sent), sent)
        return word(said), is_whole

    def remove(self, name: str) -> None:
        """Take a file of our folder away, so that it does not eat what is counted next."""
        self._ask("DELETE", self._place(name))

    def download(self, name: str, cloud: Nextcloud) -> int:
        """Fetch our file by that connection and return how many bytes came; Unreachable where it is not given."""
        said = cloud.exchange("GET", self._place(name), {})
        if said.status != 200:
            raise Unreachable(f"does not give our own file ({said.status}).", cloud.where, "Try again.")
        return len(said.body)

    def remove_folder(self) -> None:
        """Take our folder away, and what of it lies in the trash. Unreachable where something of it stays."""
        said = self._ask("DELETE", self._place())
        if said.status not in {204, 404}:
            raise Unreachable(f"our folder {self._folder} was not removed ({said.status}).", self._cloud.where, "")
        trash = f"{DAV}/trashbin/{segment(self._account)}/trash"
        listed = self._ask("PROPFIND", f"{trash}/", NAMES_BELOW, NAMES)
        ours = re.compile(rf"{re.escape(segment(self._folder))}(-[a-z]+\.[a-z0-9]+)?\.d\d{{1,12}}", re.ASCII)
        for href in _HREF.findall(listed.body) if listed.status == 207 else ():
            name = href.decode("ascii", "replace").rstrip("/").rpartition("/")[2]
            if ours.fullmatch(name):
                self._ask("DELETE", f"{trash}/{name}")

    def can_read(self, neighbour: str) -> bool:
        """Say whether anything in another account's home is shown: the server shows its root, empty, to everybody."""
        said = self._ask("PROPFIND", f"{DAV}/files/{segment(neighbour)}/", NAMES_BELOW, NAMES)
        hrefs = {href.rstrip(b"/") for href in _HREF.findall(said.body)} if said.status == 207 else set()
        return len(hrefs) > 1

    def _place(self, name: str = "") -> str:
        """Return our folder's path, or a file's in it; the file bears the folder's name, in the trash too."""
        folder = segment(self._folder)
        return f"{self._home}/{folder}" + (f"/{folder}-{segment(name)}" if name else "")

    def _free(self, said: Reply) -> int | None:
        """Read what fits of a listing of the home, which comes first in it."""
        found = _AVAILABLE.search(said.body) if said.status == 207 else None
        if found is None:
            raise Unreachable(f"does not say what fits ({said.status}).", self._cloud.where, "Try again.")
        return None if int(found[1]) == -3 else max(int(found[1]), 0)

    def _ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Reply:
        return self._cloud.exchange(method, path, headers or {}, body)


def word(said: Reply) -> str:
    """Say in a word what the server did; Unreachable where it is shut for everybody."""
    if said.status == 503 and b"DisabledUserException" in said.body:
        return REFUSED
    if said.status == 503:
        raise Unreachable("takes no files now (503).", "WebDAV", "Try again when its maintenance is over.")
    return WORDS.get(said.status, f"answer {said.status}")
