"""Which kinds of service are there?"""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.kinds.hosting import KIND as HOSTING
from provisioner.kinds.port import Kind

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (HOSTING,)}
