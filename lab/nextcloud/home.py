"""What can be done with the files of one's own home? PUT, MKCOL, GET, DELETE, MOVE, PROPFIND, with quota and rules."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lab.nextcloud import files, multistatus, rules, sizes
from lab.nextcloud.accounts import quota_bytes
from lab.nextcloud.answers import Answer, DavError
from lab.nextcloud.files import below, is_folder, parent_of, type_of
from lab.nextcloud.routes import Call
from lab.nextcloud.state import Node

FORBIDDEN = "OCA\\DAV\\Connector\\Sabre\\Exception\\Forbidden"
DENIED = "Access denied by access control"
DENIED_MORE = f'  <o:retry xmlns:o="o:">false</o:retry>\n  <o:reason xmlns:o="o:">{DENIED}</o:reason>'
SABRE = "Sabre\\DAV\\Exception\\"
HTML = "text/html; charset=UTF-8"
PLACE = re.compile(r"/remote\.php/dav/(files|trashbin|uploads)/([^/]+)(/.*)?")
TOLD_SECONDS = 300
FULL = "Insufficient space in /"
Hands = dict[str, Callable[[Call, str], Answer]]


def size_named(call: Call) -> int | None:
    """The size that an upload names. The header OC-Total-Length is believed, whatever the body weighs."""
    named = call.request.headers.get("oc-total-length", "")
    if named.isdecimal():
        return int(named)
    return call.request.size_bytes if call.request.method == "PUT" else None


def is_denied(call: Call, path: str, *, mime: str = "") -> bool:
    attempt = rules.Attempt(mime=mime or type_of(path), size_bytes=size_named(call))
    return rules.is_denied(call.state, call.me, attempt)


def refuse_denied(call: Call, path: str, *, mime: str = "") -> None:
    if is_denied(call, path, mime=mime):
        raise DavError(403, FORBIDDEN, DENIED, DENIED_MORE)


def free_bytes(call: Call) -> int | None:
    return sizes.free_bytes(quota_bytes(call.state, call.me), call.me.used_bytes)


def node_at(call: Call, path: str) -> Node:
    node = call.me.files.get(path)
    if node is None:
        raise DavError(404, f"{SABRE}NotFound", f"File with name //{path} could not be located")
    return node


def put(call: Call, path: str) -> Answer:
    """Take a file: 201 for a new one, 204 for another content; 507 before any rule is asked."""
    return take(call, path, call.request.body, call.request.size_bytes)


def take(call: Call, path: str, content: bytes | Path, weight_bytes: int) -> Answer:
    """Put a content at a path, if quota and rules let it in; both believe what the call says of its size."""
    account, free = call.me, free_bytes(call)
    if not is_folder(account, parent_of(path)):
        raise DavError(404, f"{SABRE}NotFound", f"File with name //{parent_of(path)} could not be located")
    if path == "" or is_folder(account, path):
        raise DavError(409, f"{SABRE}Conflict", "PUT is not allowed on non-files.")
    needed = max(weight_bytes, size_named(call) or 0)
    if free is not None and needed > free:
        raise DavError(507, f"{SABRE}InsufficientStorage", f"{FULL}{path}, {needed} required, {free} available")
    refuse_denied(call, path)
    before = account.files.get(path)
    node = before or files.new_node(call.state, call.now())
    files.write(call.state, node, content)
    node.modified = int(call.now())
    account.files[path] = node
    call.state.save()
    etag = f'"{node.etag}"'
    headers = {"Content-Type": HTML, "OC-FileId": file_id(node), "ETag": etag, "OC-ETag": etag}
    return Answer(status=204 if before else 201, headers=headers)


def file_id(node: Node) -> str:
    return f"{node.id:08d}oczc4n2sw30a"


def mkcol(call: Call, path: str) -> Answer:
    account = call.me
    if path in account.files or path == "":
        raise DavError(405, f"{SABRE}MethodNotAllowed", "The resource you tried to create already exists")
    if not is_folder(account, parent_of(path)):
        raise DavError(409, f"{SABRE}Conflict", "Parent node does not exist")
    if free_bytes(call) == 0:
        text = f"{FULL}{parent_of(path)}. 0 available. Cannot create directory"
        raise DavError(507, f"{SABRE}InsufficientStorage", text)
    refuse_denied(call, path, mime=files.FOLDER_TYPE)
    node = files.new_node(call.state, call.now(), is_folder=True)
    account.files[path] = node
    call.state.save()
    return Answer(status=201, headers={"Content-Type": HTML, "OC-FileId": file_id(node)})


def get(call: Call, path: str) -> Answer:
    """Give a file; one that a rule denies is not found."""
    node = node_at(call, path)
    if node.is_folder:
        raise DavError(501, f"{SABRE}NotImplemented", "GET is only implemented for File objects")
    if is_denied(call, path):
        raise DavError(404, f"{SABRE}NotFound", "")
    mime, etag = type_of(path), f'"{node.etag}"'
    kind = f"{mime};charset=UTF-8" if mime.startswith("text/") else mime
    headers = {"Content-Type": kind, "ETag": etag, "OC-ETag": etag}
    return Answer(headers=headers, body=files.content(call.state, node))


def delete(call: Call, path: str) -> Answer:
    """Move a file or folder into the trash bin."""
    if path == "":
        raise DavError(403, f"{SABRE}Forbidden", "")
    node = node_at(call, path)
    if is_denied(call, path, mime=files.FOLDER_TYPE if node.is_folder else ""):
        raise DavError(403, f"{SABRE}Forbidden", "")
    files.throw_away(call.me, path, call.now())
    call.state.save()
    return Answer(status=204, headers={"Content-Type": HTML})


def destination(call: Call) -> str:
    """The path of the caller's own home that the header Destination names."""
    target = PLACE.fullmatch(urlsplit(call.request.headers.get("destination", "")).path)
    if target is None or target[1] != "files" or unquote(target[2]).lower() != call.me.id.lower():
        raise DavError(400, f"{SABRE}BadRequest", "The destination URI is not of this account")
    return unquote(target[3] or "").strip("/")


def move(call: Call, path: str) -> Answer:
    """Give a file or folder another name; into a type that a rule denies, the server answers 500."""
    account, node = call.me, node_at(call, path)
    new = destination(call)
    if is_denied(call, path) or is_denied(call, new, mime=files.FOLDER_TYPE if node.is_folder else ""):
        raise DavError(500, "OCP\\Files\\ForbiddenException", DENIED)
    is_new = new not in account.files
    for one in [path, *below(account, path, deep=True)]:
        account.files[new + one[len(path) :]] = account.files.pop(one)
    call.state.save()
    return Answer(status=201 if is_new else 204, headers={"Content-Type": HTML})


def propfind(call: Call, path: str) -> Answer:
    """List a file or folder, and with Depth 1 what lies right in it."""
    account = call.me
    if path:
        node_at(call, path)
    paths = [path]
    if call.request.headers.get("depth", "1") != "0" and is_folder(account, path):
        paths += below(account, path, deep=False)
    body = call.request.body
    wanted = multistatus.asked(body) if isinstance(body, bytes) else []
    return multistatus.multistatus([described(call, one, wanted) for one in paths])


def described(call: Call, path: str, wanted: list[str]) -> str:
    account = call.me
    node = account.files.get(path) or Node(id=0, is_folder=True, modified=account.first_login, etag="6b00a1909f737")
    values = {"d:getlastmodified": multistatus.date(node.modified)}
    if node.is_folder:
        used, free = (files.weight(account, path), free_bytes(call)) if path else told_of_home(call)
        values["d:resourcetype"] = "<d:collection/>"
        values["d:quota-used-bytes"] = str(used)
        values["d:quota-available-bytes"] = str(sizes.UNLIMITED if free is None else free)
        values["d:getetag"] = f'"{node.etag}"'
    else:
        values["d:getcontentlength"] = str(node.size_bytes)
        values["d:resourcetype"] = ""
        values["d:getetag"] = f'"{node.etag}"'
        values["d:getcontenttype"] = type_of(path)
    if wanted:
        size = files.weight(account, path) if path else account.used_bytes
        values["oc:size"] = "0" if call.request.is_first_login else str(size)
        values["oc:fileid"] = str(node.id)
    href = f"/remote.php/dav/files/{account.id}/{path}" + ("/" if node.is_folder and path else "")
    return multistatus.response(href, values, wanted)


def told_of_home(call: Call) -> tuple[int, int | None]:
    """Used and free bytes of a home as WebDAV tells them: for five minutes what it told first.

    At the first login that is 0 used, with the first files already taken off what is free. Another quota ends it.
    """
    told, now = call.state.told, call.now()
    if call.request.is_first_login or call.me.id not in told or told[call.me.id][2] < now:
        used = 0 if call.request.is_first_login else call.me.used_bytes
        told[call.me.id] = (used, free_bytes(call), now + TOLD_SECONDS)
    return told[call.me.id][:2]


HANDS: Hands = {"PUT": put, "MKCOL": mkcol, "GET": get, "DELETE": delete, "MOVE": move, "PROPFIND": propfind}
