"""How is an amount of a data cloud written for people?"""

from __future__ import annotations

from provisioner.kinds.data_cloud.wish import BYTES_PER_SECOND_OF_A_MBIT, GIB, MIB


def amount(size: int) -> str:
    """Write bytes as people here do: amount(5368709120) -> '5 GB', amount(536870912) -> '512 MB'."""
    for unit, name in ((GIB, "GB"), (MIB, "MB")):
        if size >= unit:
            return f"{f'{size / unit:.1f}'.removesuffix('.0').replace('.', ',')} {name}"
    return f"{size} bita"


def exact(size: int) -> str:
    """Write every byte: exact(9985798963) -> '9.985.798.963 bita'."""
    return f"{size:,} bita".replace(",", ".")


def kept(asked: int, size: int) -> str:
    """Say what the server keeps of a storage: '5 GB, tepat 5.368.709.120 bita', or to what it rounds it."""
    if asked == size:
        return f"{amount(size)}, tepat {exact(size)}"
    return f"{amount(asked)}; server membulatkannya menjadi {exact(size)}"


def speed(bytes_per_second: int) -> str:
    """Write a rate: speed(1250000) -> '10 Mbit/s'."""
    number = f"{bytes_per_second / BYTES_PER_SECOND_OF_A_MBIT:.1f}".removesuffix(".0").replace(".", ",")
    return f"{number} Mbit/s"
