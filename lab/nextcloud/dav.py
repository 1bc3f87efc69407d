"""Whose files is a WebDAV call about, and which hand answers? Below /remote.php/dav: files, trashbin, uploads."""

from urllib.parse import unquote

from lab.nextcloud import home, multistatus, trash, uploads
from lab.nextcloud.answers import Answer, DavError
from lab.nextcloud.home import PLACE, SABRE
from lab.nextcloud.routes import Call

HANDS = {"files": home.HANDS, "trashbin": trash.HANDS, "uploads": uploads.HANDS}


def serve(call: Call) -> Answer:
    """Do one WebDAV call of a logged-in account. Raises DavError.

    Two slashes are one, as to the server's own Sabre (`Request::getPath`).
    """
    found = PLACE.fullmatch(call.request.path.replace("//", "/"))
    if found is None:
        raise DavError(404, f"{SABRE}NotFound", "")
    place, owner, path = found[1], unquote(found[2]), unquote(found[3] or "").strip("/")
    hands = HANDS[place]
    if call.request.method not in hands:
        raise DavError(405, f"{SABRE}MethodNotAllowed")
    if owner.lower() != call.me.id.lower():
        return of_another(call, owner, path)
    return hands[call.request.method](call, path)


def of_another(call: Call, owner: str, path: str) -> Answer:
    """Show another's home as the server does: an empty folder; nothing below it is found or taken.

    Not recorded; so does its source, DAV's RootCollection: a SimpleCollection without children.
    """
    if call.request.method == "PROPFIND" and not path:
        values = {"d:resourcetype": "<d:collection/>"}
        return multistatus.multistatus([multistatus.response(f"/remote.php/dav/files/{owner}/", values, [])])
    if call.request.method in ("PUT", "MKCOL") and "/" not in path:
        raise DavError(403, f"{SABRE}Forbidden", "Permission denied to create file")
    raise DavError(404, f"{SABRE}NotFound", "")
