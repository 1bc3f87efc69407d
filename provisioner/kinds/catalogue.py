"""Which kinds of service are there?"""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.kinds.data_cloud import KIND as DATA_CLOUD
from provisioner.kinds.hosting import KIND as HOSTING
from provisioner.kinds.port import Kind

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (HOSTING, DATA_CLOUD)}
