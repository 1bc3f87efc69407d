"""Which data does a sent document hold? JSON or YAML, with nothing in it that two readers could read differently."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from typing import Any

import yaml

from provisioner.errors import BadInput, Fault
from provisioner.requests.fields import seen

LARGEST_BYTES = 1024 * 1024
# A reader of YAML in Python takes seconds over a mebibyte; fifty lines are 30 KiB.
LARGEST_YAML_BYTES = 128 * 1024
DEEPEST = 20
JSON_TYPES = ("application/json",)
YAML_TYPES = ("application/yaml", "application/x-yaml", "text/yaml")


def read_document(raw: bytes, media_type: str) -> dict[str, Any]:
    """Read a request's document: strict UTF-8, at most 1 MiB of JSON or 128 KiB of YAML, an object on top.

    `media_type` 'application/json' or 'application/yaml' (parameters are ignored). Duplicate keys, YAML anchors,
    aliases, tags and several documents in one are refused. Raises BadInput.
    """
    media_type = media_type.partition(";")[0].strip().lower()
    largest = LARGEST_YAML_BYTES if media_type in YAML_TYPES else LARGEST_BYTES
    if len(raw) > largest:
        raise _bad("", f"{len(raw)} bita", "dokumen terlalu besar", f"paling banyak {largest // 1024} KiB")
    try:
        text = raw.decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        raise _bad(
            f"bita {error.start}", seen(raw[error.start : error.start + 8]), "bukan UTF-8", "simpan sebagai UTF-8"
        ) from None
    data = _data(text, media_type)
    if not isinstance(data, dict):
        raise _bad("", seen(data), "bukan sebuah objek", "mulai dengan opd, letter, administrative, ...")
    return data


def _data(text: str, media_type: str) -> Any:
    if media_type in JSON_TYPES:
        return _json(text)
    if media_type in YAML_TYPES:
        return _yaml(text)
    raise _bad("", seen(media_type), "jenis dokumen tidak dikenal", "kirim application/json atau application/yaml")


def _json(text: str) -> Any:
    try:
        data = json.loads(text, object_pairs_hook=_pairs, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise _bad(
            f"baris {error.lineno}", "", f"JSON rusak: {error.msg}", "perbaiki tanda baca di baris itu"
        ) from None
    except RecursionError:
        raise _bad("", "", "terlalu dalam bersarang", f"paling dalam {DEEPEST} tingkat") from None
    except ValueError:  # Python reads no number of more than 4300 digits
        raise _bad("", "", "bilangan terlalu panjang", "tulis bilangan yang wajar") from None
    _refuse_depth(data)
    return data


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _bad(seen(key), seen(value), "nama isian ditulis dua kali", "hapus salah satu")
        found[key] = value
    return found


def _constant(word: str) -> Any:
    raise _bad("", word, "bukan bilangan", "tulis bilangan bulat")


def _refuse_depth(data: Any, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise _bad("", "", "terlalu dalam bersarang", f"paling dalam {DEEPEST} tingkat")
    children = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    for child in children:
        _refuse_depth(child, depth + 1)


class _PlainLoader(yaml.SafeLoader):
    """YAML without what makes it a language: no anchors, aliases, tags; keys are texts and stand once.

    Dates stay texts, as in JSON, so that both doors hand the same values to the one parser.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _at(event.start_mark, "jangkar atau alias YAML", "tulis nilainya dua kali")
        if getattr(event, "tag", None):
            raise _at(event.start_mark, "tanda jenis YAML (!)", "hapus tanda itu")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's own form
        keys: set[str] = set()
        for key_node, _ in node.value:
            key = key_node.value
            if key_node.tag != "tag:yaml.org,2002:str":
                raise _at(key_node.start_mark, "nama isian bukan teks", "tulis nama isian dengan huruf")
            if key in keys:
                raise _at(key_node.start_mark, f"nama isian {seen(key)} ditulis dua kali", "hapus salah satu")
            keys.add(key)
        return super().construct_mapping(node, deep)


# What JSON knows, written as JSON writes it: no yes/no, no octal, no 1:30 for 90, no dates.
_PLAIN_VALUES = {
    "null": (r"null|~|", ["n", "~", ""]),
    "bool": (r"true|false", ["t", "f"]),
    "int": (r"-?(?:0|[1-9][0-9]*)", [*"-0123456789"]),
    "float": (r"-?(?:0|[1-9][0-9]*)\.[0-9]+", [*"-0123456789"]),
}
_PlainLoader.yaml_implicit_resolvers = {}
for _name, (_pattern, _first) in _PLAIN_VALUES.items():
    _tag, _whole = f"tag:yaml.org,2002:{_name}", re.compile(f"(?:{_pattern})$", re.ASCII)
    _PlainLoader.add_implicit_resolver(_tag, _whole, _first)


def _yaml(text: str) -> Any:
    try:
        data = yaml.load(text, _PlainLoader)  # noqa: S506 - a SafeLoader, made narrower
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _bad(f"baris {line}", "", f"YAML rusak: {error.problem}", "perbaiki baris itu") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _bad("", "", f"YAML rusak: {type(error).__name__}", "periksa huruf dan susunan dokumen") from None
    _refuse_depth(data)
    return data


def _at(mark: yaml.Mark, what: str, mend: str) -> BadInput:
    return _bad(f"baris {mark.line + 1}", "", what, mend)


def _bad(where: str, value: str, what: str, mend: str) -> BadInput:
    return BadInput((Fault(where=where or "dokumen", seen=value, what=what, mend=mend),))
