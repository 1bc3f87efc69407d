"""Which words may be written into a configuration file? What is not on the list is refused, not escaped (law 11)."""

from __future__ import annotations

import re

from provisioner.names import ITEM_ID, read_mark

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})+", re.ASCII)
_MARK = re.compile(r"gerbang item=g[a-km-np-z2-9]{9}", re.ASCII)
_SECRET_MARK = re.compile(rf"{_MARK.pattern} secret=v[0-9]{{1,6}}", re.ASCII)
_PHP_VERSION = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}", re.ASCII)


def item_word(item_id: str) -> str:
    """Return an item id that may be part of a path; ValueError otherwise."""
    return _checked(item_id, ITEM_ID, "item id")


def name_word(name: str) -> str:
    """Return a DNS name of lower-case LDH labels without final dot; ValueError otherwise."""
    return _checked(name, _NAME, "DNS name")


def version_word(version: str) -> str:
    """Return a PHP version '8.2'; ValueError otherwise."""
    return _checked(version, _PHP_VERSION, "PHP version")


def mark_words(mark: str, item_id: str) -> str:
    """Return our mark on a file of that item, which holds no secret; ValueError otherwise."""
    return _checked(_own(mark, item_id), _MARK, "mark")


def secret_mark_words(mark: str, item_id: str) -> str:
    """Return our mark on what bears a secret of that item, with the secret's version; ValueError otherwise."""
    return _checked(_own(mark, item_id), _SECRET_MARK, "mark with a secret's version")


def number_word(number: int, lowest: int, highest: int) -> str:
    """Write a whole number between two bounds; ValueError otherwise, True is not 1."""
    if type(number) is not int or not lowest <= number <= highest:
        raise ValueError(f"{number!a} is not a whole number from {lowest} to {highest}")
    return str(number)


def _own(mark: str, item_id: str) -> str:
    if read_mark(mark) != item_id:
        raise ValueError(f"mark {mark!a} is not of {item_id}")
    return mark


def _checked(text: str, pattern: re.Pattern[str], what: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"{text!a} is not a {what}")
    return text
