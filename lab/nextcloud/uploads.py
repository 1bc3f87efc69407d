"""How does a large file come in pieces? A folder of its own, a PUT a piece, and a MOVE of ".file" to where it belongs.

The size rule asks that MOVE's header OC-Total-Length, and nothing where it is left out (flow-chunk-no-total-move).
"""

from lab.nextcloud.answers import Answer, DavError
from lab.nextcloud.home import HTML, SABRE, Hands, destination, take
from lab.nextcloud.routes import Call


def pieces(call: Call, name: str) -> dict[str, bytes]:
    """The pieces of one upload that have come."""
    try:
        return call.state.uploads[call.me.id, name]
    except KeyError:
        raise DavError(404, f"{SABRE}NotFound", "") from None


def mkcol(call: Call, path: str) -> Answer:
    """Begin an upload."""
    call.state.uploads[call.me.id, path] = {}
    return Answer(status=201, headers={"Content-Type": HTML})


def put(call: Call, path: str) -> Answer:
    """Take a piece; no rule asks for its size."""
    name, _, piece = path.partition("/")
    body = call.request.body
    pieces(call, name)[piece] = body if isinstance(body, bytes) else body.read_bytes()
    return Answer(status=201, headers={"Content-Type": HTML})


def move(call: Call, path: str) -> Answer:
    """Put the pieces together, in the order of their names."""
    name = path.partition("/")[0]
    content = b"".join(piece for _, piece in sorted(pieces(call, name).items()))
    answer = take(call, destination(call), content, len(content))
    del call.state.uploads[call.me.id, name]
    return answer


def delete(call: Call, path: str) -> Answer:
    """Give an upload up."""
    pieces(call, path)
    del call.state.uploads[call.me.id, path]
    return Answer(status=204, headers={"Content-Type": HTML})


HANDS: Hands = {"MKCOL": mkcol, "PUT": put, "MOVE": move, "DELETE": delete}
