"""The lab's command: python3 -m lab up | down | status | reset | fault | mail | packages."""

import argparse
import sys

from lab import cloud, faults, mail, verbs
from lab.acme import NAME as ACME
from lab.commands import LabError
from lab.hosts import DEFAULT_UP, HOSTS
from lab.images import ensure_image
from lab.instance import Instance, this_instance


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(prog="python3 -m lab", description="A data centre on one machine.")
    verb = root.add_subparsers(dest="verb", required=True)
    up = verb.add_parser("up", help=f"bring hosts up (default: {' '.join(DEFAULT_UP)})")
    up.add_argument("names", nargs="*", choices=[*HOSTS, ACME, mail.NAME, cloud.NAME, []], metavar="HOST")
    down = verb.add_parser("down", help="take everything away, only var/cache stays; or the named hosts alone")
    down.add_argument("names", nargs="*", choices=[*HOSTS, []], metavar="HOST")
    verb.add_parser("status", help="say what of this lab is on the machine")
    verb.add_parser("packages", help="print the Debian packages that the lab needs")
    build = verb.add_parser("build", help="build the image of the default hosts, start nothing")
    build.add_argument("--debian", type=int, default=12)
    reset = verb.add_parser("reset", help="set a host back to its prepared state")
    reset.add_argument("host", choices=HOSTS)
    fault = verb.add_parser("fault", help="switch a fault on or off")
    fault.add_argument("name", choices=faults.FAULTS)
    fault.add_argument("switch", choices=("on", "off"))
    fault.add_argument("host", choices=[*HOSTS, mail.NAME, cloud.NAME])
    fault.add_argument("--service", help="for stopped_service (default: the host's first duty)")
    fault.add_argument("--calls", type=int, help=f"{cloud.NAME}: how many calls it meets (default: all)")
    fault.add_argument("--method", default="", help=f"{cloud.NAME}: only calls of this method, as in POST")
    fault.add_argument("--path", default="", help=f"{cloud.NAME}: only calls whose path this expression finds")
    verb.add_parser("mail", help="print the messages that the lab's mail server received, the newest last")
    return root


def main(words: list[str]) -> int:
    """Do one verb; 0 when done, 1 with the reason on stderr otherwise."""
    asked = parser().parse_args(words)
    instance = this_instance()
    try:
        match asked.verb:
            case "up":
                verbs.up(instance, asked.names or DEFAULT_UP)
            case "down":
                take_down(instance, asked.names)
            case "status":
                print("\n".join(verbs.status(instance)))
            case "mail":
                print("\n\n".join(mail.shown(message) for message in mail.messages(instance)))
            case "packages":
                print(" ".join(sorted(verbs.DEBIAN_PACKAGES.values())))
            case "build":
                ensure_image(instance, "full", asked.debian)
            case "reset":
                verbs.reset(instance, asked.host)
            case "fault":
                limits = {"calls": asked.calls, "method": asked.method, "path": asked.path}
                faults.switch(
                    instance, asked.name, asked.host, on=asked.switch == "on", service=asked.service, **limits
                )
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0


def take_down(instance: Instance, names: list[str]) -> None:
    """Take the named hosts away, or everything where none is named."""
    for name in names:
        verbs.take_away(instance, name)
    if not names:
        verbs.down(instance)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
