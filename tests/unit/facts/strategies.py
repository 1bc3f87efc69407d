"""Which values may a site have? For properties that must hold of all of them."""

from __future__ import annotations

from hypothesis import strategies as st

from provisioner.facts.account import Cron
from provisioner.facts.apache import MOD_BW, MOD_RATELIMIT, Vhost
from provisioner.facts.php_fpm import Pool
from provisioner.names import mark

ITEMS = st.from_regex(r"g[a-km-np-z2-9]{9}", fullmatch=True)
LABELS = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{1,20}[a-z0-9])", fullmatch=True)
NAMES = st.lists(LABELS.map(lambda label: f"{label}.kota.lab"), min_size=1, max_size=3, unique=True).map(tuple)
VERSIONS = st.sampled_from(["8.2", "8.4", "7.4"])


@st.composite
def vhosts(draw: st.DrawFn) -> Vhost:
    """Any vhost of ours."""
    item, frozen = draw(ITEMS), draw(st.booleans())
    return Vhost(
        item_id=item,
        mark=mark(item),
        names=draw(NAMES),
        php=not frozen and draw(st.booleans()),
        htaccess=not frozen and draw(st.booleans()),
        upload_bytes=draw(st.integers(min_value=1024, max_value=2**30)),
        bandwidth_bytes_per_second=draw(st.integers(min_value=1024, max_value=10**9)),
        bandwidth_driver=draw(st.sampled_from([MOD_BW, MOD_RATELIMIT])),
        frozen=frozen,
    )


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    """Any pool of ours."""
    item = draw(ITEMS)
    return Pool(
        item_id=item,
        mark=mark(item),
        php_version=draw(VERSIONS),
        upload_mb=draw(st.integers(min_value=1, max_value=1024)),
        max_children=draw(st.integers(min_value=1, max_value=200)),
        mail=draw(st.booleans()),
    )


@st.composite
def crons(draw: st.DrawFn) -> Cron:
    """Any crontab of ours."""
    item = draw(ITEMS)
    return Cron(
        item_id=item,
        mark=mark(item),
        rhythm=draw(st.sampled_from(["hourly", "daily", "every_15_minutes"])),
        php_version=draw(VERSIONS),
    )
