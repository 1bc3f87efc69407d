"""Is what counts against an account's quota told from what lies in its home and counts against another's?"""

from __future__ import annotations

from typing import Any, cast

import pytest

from provisioner.errors import Unreachable
from provisioner.https_line import Reply
from provisioner.ocs import Nextcloud
from provisioner.providers.nextcloud.files import Files, Space


def entry(name: str, props: str) -> str:
    return (
        f"<d:response><d:href>/remote.php/dav/files/sari/{name}</d:href><d:propstat><d:prop>{props}</d:prop>"
        "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
    )


HOME = entry("", "<d:quota-available-bytes>700</d:quota-available-bytes><oc:size>9999</oc:size>")


def space(*entries: str) -> Space:
    """What is read of such a listing of the home."""

    class Server:
        where = "cloud.kota.lab"

        def exchange(self, *_said: Any) -> Reply:
            body = f"<d:multistatus>{''.join(entries)}</d:multistatus>"
            return Reply(status=207, headers={}, body=body.encode())

    return Files(cast("Nextcloud", Server()), "sari", "gerbang-probe-run_a").space()


def test_what_is_used_is_added_up_of_all_that_lies_in_the_home() -> None:
    local = entry("a.pdf", "<oc:size>5</oc:size><nc:mount-type></nc:mount-type>")
    assert space(HOME, local, entry("B/", "<oc:size>30</oc:size><nc:mount-type/>")) == Space(free=700, used=35)
    assert space(HOME, entry("tanpa-jenis", "<oc:size>2</oc:size>")) == Space(free=700, used=2)
    assert space(HOME) == Space(free=700, used=0)


@pytest.mark.parametrize("mount", ["shared", "group", "external"])
def test_what_others_share_with_the_account_is_not_counted_to_it(mount: str) -> None:
    theirs = entry("Bersama/", f"<oc:size>400</oc:size><nc:mount-type>{mount}</nc:mount-type>")
    assert space(HOME, theirs, entry("a.pdf", "<oc:size>5</oc:size>")) == Space(free=700, used=5)


def test_no_quota_is_told_from_no_room() -> None:
    assert space(HOME.replace("700", "-3")) == Space(free=None, used=0)
    assert space(HOME.replace("700", "-1")) == Space(free=0, used=0)


@pytest.mark.parametrize("off", ["<oc:size>-1</oc:size>", "<oc:size/>", ""])
def test_a_file_whose_size_is_not_told_is_no_file_of_no_size(off: str) -> None:
    with pytest.raises(Unreachable, match="how large"):
        space(HOME, entry("a.pdf", off))


def test_a_home_that_does_not_say_what_fits_is_not_read() -> None:
    with pytest.raises(Unreachable, match="what fits"):
        space(HOME.replace("d:quota-available-bytes", "d:other"))
