"""How does a duty talk with a database's own client? One process for the whole duty: each start costs some 30 ms."""

from __future__ import annotations

import os
import select

from program import ENVIRONMENT, SHOWN_CHARACTERS, Failure, drop_to, read_whole

END = "gerbang-end"
ANSWER_SECONDS = 60
IN, OUT, ERROR = 0, 1, 2


class Client:
    """A client that reads statements from stdin and stops at the first error. It ends with the duty."""

    def __init__(self, argv: list[str], user: str = "") -> None:
        self._name = argv[0]
        read_statements, self._statements = os.pipe()
        self._rows, write_rows = os.pipe()
        self._errors = os.memfd_create("errors")
        if os.fork() == 0:
            become(argv, user, (read_statements, write_rows, self._errors))
        os.close(read_statements)
        os.close(write_rows)

    def ask(self, statements: str) -> list[list[str]]:
        """Send statements, wait until they are done, return the rows that they answered. Failure at an error."""
        try:
            os.write(self._statements, f"{statements}\nSELECT '{END}';\n".encode())
        except BrokenPipeError:
            self._fail()
        printed = b""
        while not printed.endswith(f"{END}\n".encode()):
            block = self._read()
            if not block:
                self._fail()
            printed += block
        return [line.split("\t") for line in printed.decode().splitlines()[:-1] if line]

    def _read(self) -> bytes:
        poll = select.poll()
        poll.register(self._rows, select.POLLIN)
        if not poll.poll(ANSWER_SECONDS * 1000):
            raise Failure(f"{self._name} did not answer within {ANSWER_SECONDS} s.")
        return os.read(self._rows, 65536)

    def _fail(self) -> None:
        os.close(self._statements)
        os.wait()
        raise Failure(f"{self._name}: {read_whole(self._errors).strip()[-SHOWN_CHARACTERS:]}")


def become(argv: list[str], user: str, ends: tuple[int, int, int]) -> None:
    """In the child: take the three ends and the user, turn into the client. Never returns."""
    try:
        for number, end in zip((IN, OUT, ERROR), ends, strict=True):
            os.dup2(end, number)
        if user:
            drop_to(user)
        os.execvpe(argv[0], argv, ENVIRONMENT)  # noqa: S606 - a fixed program, no shell
    except BaseException as error:  # noqa: BLE001 - a forked child must end here, whatever happened
        os.write(ERROR, f"{argv[0]}: {error}".encode())
    finally:
        os._exit(127)
