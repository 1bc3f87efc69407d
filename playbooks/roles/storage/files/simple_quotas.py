# ruff: noqa: INP001, T201 - sent to the host, answers by printing
"""Does the kernel count this btrfs by simple quotas? Switches them on if they are not; standard library only.

`simple_quotas.py /srv/www switch` prints "on" (they were), "switched" (they are now) or "refused: why"; with `look` it
changes nothing and prints "off" where it would switch. Simple quotas, because with plain ones a site's
user may make a subvolume that no limit reaches. Sources: linux/btrfs.h (BTRFS_IOC_QUOTA_CTL with
BTRFS_QUOTA_CTL_ENABLE_SIMPLE_QUOTA = 4, kernel 6.7; BTRFS_IOC_GET_FEATURES, incompat bit 16).
"""

import fcntl
import os
import struct
import sys

QUOTA_CTL = 0xC0109428
GET_FEATURES = 0x80189439
ENABLE_SIMPLE = 4
SIMPLE_QUOTA_BIT = 1 << 16


def main(place: str, verb: str) -> None:
    """Look, switch if need be, and say which."""
    folder = os.open(place, os.O_RDONLY)
    _compat, _compat_ro, incompat = struct.unpack("QQQ", fcntl.ioctl(folder, GET_FEATURES, bytes(24)))
    if incompat & SIMPLE_QUOTA_BIT:
        print("on")
        return
    if verb == "look":
        print("off")
        return
    try:
        fcntl.ioctl(folder, QUOTA_CTL, struct.pack("QQ", ENABLE_SIMPLE, 0))
    except OSError as error:
        print(f"refused: {error.strerror}")
        return
    print("switched")


main(*sys.argv[1:])
