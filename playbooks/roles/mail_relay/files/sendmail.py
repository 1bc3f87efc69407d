#!/usr/bin/python3 -I
# ruff: noqa: EXE001, T201 - a program of its own on the host, known to every program as sendmail
"""How does a site's program hand in a message? As everywhere: sendmail -t -i < message. Installed by site.yml.

It holds no right: gerbang-mail at the other end of the socket decides, by who the kernel says is speaking. Options that
name another sender (-f, -r, -F) are read and mean nothing. Exit codes as in sysexits.h: 0 taken by the relay, 64 wrong
usage, 65 no recipient, 67 a recipient was refused, 69 no relay, 75 not now, 77 not granted. Standard library only.
"""

import contextlib
import json
import socket
import sys
from email import message_from_bytes, policy
from email.utils import getaddresses

GATE = "/run/gerbang-mail.sock"
SECONDS = 40
WITH_VALUE = ("-f", "-r", "-F", "-B", "-N", "-R", "-V", "-X", "-L", "-h")
MODES = ("-bm", "-bd", "-bs", "-bp", "-bi", "-bv", "-bt", "-q")


def parsed(words: list[str]) -> tuple[bool, list[str]]:
    """(take recipients from the header, recipients named); ends the program for what is no sending."""
    from_header, named, rest = False, [], iter(words)
    for word in rest:
        if word == "--":
            named += rest
        elif not word.startswith("-"):
            named.append(word)
        elif word == "-t":
            from_header = True
        elif word in WITH_VALUE:
            next(rest, "")
        elif word.startswith(MODES) and word != "-bm":
            end(64, f"{word} is not known here: this sendmail hands in messages and does nothing else")
    return from_header, named


def message(*, stops_at_dot: bool) -> bytes:
    """All of standard input; without -i a line of one dot ends it."""
    data = sys.stdin.buffer.read()
    if stops_at_dot:
        lines = data.splitlines(keepends=True)
        ends = [number for number, line in enumerate(lines) if line.strip() == b"."]
        data = b"".join(lines[: ends[0]]) if ends else data
    return data


def addressed(data: bytes) -> tuple[list[str], bytes]:
    """The recipients that To, Cc and Bcc name, and the message without Bcc (RFC 5322, section 3.6.3)."""
    read = message_from_bytes(data, policy=policy.compat32)
    lines = [str(value) for name in ("To", "Cc", "Bcc") for value in read.get_all(name, [])]
    head, gap, body = data.replace(b"\r\n", b"\n").partition(b"\n\n")
    kept, hidden = [], False
    for line in head.split(b"\n"):
        hidden = line.lower().startswith(b"bcc:") or (hidden and line[:1] in (b" ", b"\t"))
        kept += [] if hidden else [line]
    return [address for _, address in getaddresses(lines) if address], b"\n".join(kept) + gap + body


def hand_in(recipients: list[str], data: bytes) -> dict:
    """What the gate answers; ends the program where it cannot be reached."""
    head = json.dumps({"recipients": recipients, "bytes": len(data)}).encode() + b"\n"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as gate:
            gate.settimeout(SECONDS)
            gate.connect(GATE)
            with contextlib.suppress(BrokenPipeError):  # it has refused already; its reason waits to be read
                gate.sendall(head + data)
            answer = b""
            while not answer.endswith(b"\n") and (more := gate.recv(65_536)):
                answer += more
        return json.loads(answer)
    except PermissionError:
        end(77, "this user was not granted outgoing mail")
    except FileNotFoundError:
        end(69, "this host sends no mail")
    except (OSError, ValueError) as off:
        end(75, f"not handed in: {off}")


def end(code: int, why: str) -> None:
    """Say why on standard error and end."""
    print(f"sendmail: {why}", file=sys.stderr)
    sys.exit(code)


def main(words: list[str]) -> None:
    """Hand one message in."""
    from_header, recipients = parsed(words)
    data = message(stops_at_dot=not any(word in ("-i", "-oi") for word in words))
    if from_header:
        found, data = addressed(data)
        recipients = [*recipients, *found]
    if not recipients:
        end(65, "no recipient: name one, or say -t and let To:, Cc: or Bcc: name it")
    answer = hand_in(sorted(set(recipients)), data)
    said = f"{answer['code']} {answer['said']}"
    if answer["refused"]:
        end(67, f"refused for {', '.join(answer['refused'])}: {said}")
    if answer["code"] != 250:
        end(77 if answer["code"] == 550 and not answer["sender"] else 75 if answer["code"] // 100 == 4 else 69, said)


if __name__ == "__main__":
    main(sys.argv[1:])
