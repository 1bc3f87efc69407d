"""What lies in an account's folder? Paths, what they weigh, the trash bin, and the type of a file by its name."""

import hashlib
import mimetypes
import secrets
from pathlib import Path

from lab.nextcloud.state import Account, Node, State, Trashed

FOLDER_TYPE = "httpd/unix-directory"
# What the first login copies: 20174294 bytes, as recorded. Folders hold one file of their whole weight.
SKELETON = {
    "Documents": None,
    "Documents/Example.md": 1_108_446,
    "Nextcloud intro.mp4": 3_963_036,
    "Nextcloud.png": 50_598,
    "Photos": None,
    "Photos/Gorilla.jpg": 5_656_463,
    "Readme.md": 197,
    "Reasons to use Nextcloud.pdf": 976_625,
    "Templates": None,
    "Templates/Mindmap.odg": 8_415_761,
    "Templates credits.md": 3_168,
}
TYPES = mimetypes.MimeTypes()
#: where the server's own table (mimetypemapping.dist.json) knows more than Python's, or says otherwise
OF_SERVER = {
    "7z": "application/x-7z-compressed",
    "bz2": "application/x-bzip2",
    "docm": "application/vnd.ms-word.document.macroEnabled.12",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "exe": "application/x-ms-dos-executable",
    "gpx": "application/gpx+xml",
    "gz": "application/x-gzip",
    "kml": "application/vnd.google-earth.kml+xml",
    "kmz": "application/vnd.google-earth.kmz",
    "md": "text/markdown",
    "odg": "application/vnd.oasis.opendocument.graphics",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ppsx": "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "rar": "application/x-rar-compressed",
    "rtf": "text/rtf",
    "tgz": "application/x-compressed",
    "webp": "image/webp",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def type_of(path: str) -> str:
    """The type that the server gives a name: "text/plain" for a.txt; unknown endings are octet-stream."""
    name = path.rpartition("/")[2].lower()
    return OF_SERVER.get(name.rpartition(".")[2]) or TYPES.guess_type(name)[0] or "application/octet-stream"


def parent_of(path: str) -> str:
    return path.rpartition("/")[0]


def is_folder(account: Account, path: str) -> bool:
    return path == "" or (path in account.files and account.files[path].is_folder)


def below(account: Account, path: str, *, deep: bool) -> list[str]:
    """The paths right below a folder, or all of them, in order."""
    start = f"{path}/" if path else ""
    inside = (one for one in account.files if one.startswith(start) and one != path)
    return sorted(one for one in inside if deep or "/" not in one[len(start) :])


def weight(account: Account, path: str) -> int:
    """What a file, or a folder with all below it, weighs in bytes."""
    paths = [path, *below(account, path, deep=True)]
    return sum(account.files[one].size_bytes for one in paths if one in account.files)


def new_node(state: State, now: float, **fields: object) -> Node:
    state.last_file += 1
    return Node(id=state.last_file, modified=int(now), etag=secrets.token_hex(16), **fields)  # type: ignore[arg-type]


def copy_skeleton(state: State, account: Account, now: float) -> None:
    """Give an account its first files; no rule and no quota is asked."""
    for path, size in SKELETON.items():
        node = new_node(state, now, is_folder=size is None, size_bytes=size or 0)
        account.files.setdefault(path, node)


def write(state: State, node: Node, content: bytes | Path) -> None:
    """Give a node its content and a new etag."""
    if node.blob:
        state.forget([node])
    node.blob, node.etag = f"{node.id}-{secrets.token_hex(4)}", secrets.token_hex(16)
    if isinstance(content, Path):
        node.size_bytes = content.stat().st_size
        content.rename(state.blob(node))
    else:
        node.size_bytes = len(content)
        node.etag = hashlib.md5(content, usedforsecurity=False).hexdigest() if content else node.etag
        state.blob(node).write_bytes(content)


def content(state: State, node: Node) -> bytes:
    return state.blob(node).read_bytes() if node.blob else bytes(node.size_bytes)


def throw_away(account: Account, path: str, now: float) -> None:
    """Move a file or folder into the trash bin, where it does not count against the quota."""
    paths = [path, *below(account, path, deep=True)]
    nodes = {one[len(path) :]: account.files.pop(one) for one in paths if one in account.files}
    name = path.rpartition("/")[2]
    stamp = int(now)
    while f"{name}.d{stamp}" in account.trash:
        stamp += 1
    account.trash[f"{name}.d{stamp}"] = Trashed(path=path, nodes=nodes)


def empty_trash(state: State, account: Account, names: list[str]) -> None:
    for name in names:
        state.forget(list(account.trash.pop(name).nodes.values()))
