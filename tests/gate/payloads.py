"""What does a hostile sender put into a field? And into which fields may it be put because it is only words there?

A line of text says a text is a text: what is legal here must be data everywhere it goes (law 11).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

#: a file that a payload would make if anybody obeyed it; relative, so that the working directory is enough to see it
CANARY = "canary-of-bad-input"

PAYLOADS: Mapping[str, Any] = {
    # of another type
    "true": True,
    "fraction": 1.5,
    "huge number": 10**30,
    "below zero": -1,
    "list": ["x"],
    "object": {"x": "y"},
    "empty": "",
    "yes as a text": "yes",
    "number as a text": "0o17",
    # what no one sees, and what ends a line
    "blank": " ",
    "trailing newline": "simpeg\n",
    "two lines": "simpeg\nroot:x:0:0",
    "carriage return": "simpeg\r",
    "NUL": "simpeg\x00",
    "escape sequence": "\x1b]8;;http://jahat.example\x07simpeg",
    "line separator": "simpeg\u2028",
    "right to left": "simpeg\u202egnp.exe",
    "soft hyphen": "sim\u00adpeg",
    "byte order mark": "\ufeffsimpeg",
    "zero width": "sim\u200bpeg",
    # digits and letters of others
    "Arabic digits": "\u0661\u0662",
    "fullwidth digits": "\uff11\uff12",
    "Cyrillic letter": "\u0441impeg",
    "fullwidth letters": "\uff53\uff49\uff4d\uff50\uff45\uff47",
    "ideographic stop": "simpeg\u3002kota",
    "ligature": "\ufb01le",
    "lone surrogate": "simpeg\ud800",
    "punycode": "xn--simpeg-5ya",
    # what a machine could obey
    "Jinja": "{{ lookup('pipe', 'touch " + CANARY + "') }}",
    "Jinja statement": "{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}",
    "shell": f"$(touch {CANARY})",
    "backticks": f"`touch {CANARY}`",
    "pipe": f"x; touch {CANARY} | sh",
    "SQL": "';--",
    "SQL or": "x' OR '1'='1",
    "path": "../../../etc/passwd",
    "absolute path": "/etc/passwd",
    "option": "-rf",
    "long option": f"--to-command=touch {CANARY}",
    "format": "{0.__class__.__init__.__globals__}%s%n",
    "markup": "<script>alert(1)</script>",
    "formula": f"=cmd|'/C touch {CANARY}'!A0",
    "typst": '#read("/etc/passwd")',
    "directive": "x } evil { y",
    "zone": "x. IN A 10.0.0.1 ; $INCLUDE /etc/passwd",
    "very long": "x" * 900,  # a whole document of it is still one that is read
    # legal as words where people write words
    "quoted words": f"Budi O'Neil -- (id) & touch {CANARY}",
    "words with a path": "Dinas x/../../../etc/passwd",
}


def _of_both(*names: str, kind: str = "hosting") -> frozenset[str]:
    """Fields that a service of that kind has when it is asked for and when it is changed."""
    return frozenset(f"{kind}.{verb}.{name}" for verb in ("create", "change") for name in names)


#: where people write words, and where they write an office's numbers; a line's field is 'hosting.create.sub_domain'
WORDS = frozenset(
    {
        "application_name",
        "letter.subject",
        "administrative.name",
        "administrative.position",
        "technical.name",
        "technical.position",
        *_of_both("display_name", "purpose", kind="data_cloud"),
    }
)
NUMBERS = frozenset({"letter.number", "technical.contract_number", *_of_both("security_test_report")})
NAMES = _of_both("sub_domain", "second_name")
ACCOUNTS = _of_both("account_id", kind="data_cloud")
#: payload -> the fields that take it as what it is: text. A new field that takes one fails until it stands here
LEGAL: Mapping[str, frozenset[str]] = {
    "true": _of_both("htaccess", "outgoing_mail"),
    "yes as a text": WORDS | NUMBERS | NAMES | ACCOUNTS,
    "number as a text": WORDS | NUMBERS | NAMES,
    "punycode": WORDS | NUMBERS,
    "quoted words": WORDS,
    "words with a path": WORDS | NUMBERS,
}


def hostile(value: Any, lines: list[dict[str, Any]], parts: Mapping[str, list[str]]) -> dict[str, Any]:
    """A document all of whose fields hold that value: parts {'letter': ['number', ...], '': ['opd', ...]}."""
    document: dict[str, Any] = {name: dict.fromkeys(fields, value) for name, fields in parts.items() if name}
    document |= {**dict.fromkeys(parts[""], value), "lines": [_filled(line, value) for line in lines]}
    # Each place its own value: YAML would write the same list twice as an alias.
    copied: dict[str, Any] = json.loads(json.dumps(document))
    return copied


def _filled(line: Mapping[str, Any], value: Any) -> dict[str, Any]:
    return {
        name: value if told is ... else _filled(told, value) if isinstance(told, Mapping) else told
        for name, told in line.items()
    }
