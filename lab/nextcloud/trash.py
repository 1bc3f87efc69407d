"""What lies in the trash bin? What was deleted, until it is emptied; it counts against no quota."""

from lab.nextcloud import files, multistatus
from lab.nextcloud.answers import Answer, DavError
from lab.nextcloud.home import HTML, SABRE, Hands
from lab.nextcloud.routes import Call


def propfind(call: Call, path: str) -> Answer:
    """List the trash bin: "trash" and its entries, each with the place it came from."""
    account = call.me
    root = f"/remote.php/dav/trashbin/{account.id}/"
    wanted = multistatus.asked(call.request.body) if isinstance(call.request.body, bytes) else []
    collection = {"d:resourcetype": "<d:collection/>"}
    if path not in ("", "trash"):
        raise DavError(404, f"{SABRE}NotFound", "")
    lines = [multistatus.response(f"{root}{path}{'/' if path else ''}", collection, wanted)]
    for name, one in sorted(account.trash.items()) if path == "trash" else ():
        thing = one.nodes[""]
        values = {
            "d:resourcetype": "<d:collection/>" if thing.is_folder else "",
            "d:getcontentlength": str(sum(node.size_bytes for node in one.nodes.values())),
            "nc:trashbin-filename": one.path.rpartition("/")[2],
            "nc:trashbin-original-location": one.path,
            "nc:trashbin-deletion-time": name.rpartition(".d")[2],
        }
        if not wanted:
            values = {key: value for key, value in values.items() if key.startswith("d:")}
        lines.append(multistatus.response(f"{root}trash/{name}{'/' if thing.is_folder else ''}", values, wanted))
    return multistatus.multistatus(lines)


def delete(call: Call, path: str) -> Answer:
    """Empty the trash bin, or remove one entry of it for good."""
    account, name = call.me, path.removeprefix("trash").strip("/")
    if not path.startswith("trash") or (name and name not in account.trash):
        raise DavError(404, f"{SABRE}NotFound", "")
    files.empty_trash(call.state, account, [name] if name else [*account.trash])
    call.state.save()
    return Answer(status=204, headers={"Content-Type": HTML})


HANDS: Hands = {"PROPFIND": propfind, "DELETE": delete}
