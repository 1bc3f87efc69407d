"""How do the pictures of this folder come about? From a recording of `make demo`, and from the gate it left running.

    script -qfec "stty cols 112; make demo" demo.recording
    var/cache/venv/bin/python docs/walk/draw.py terminal demo.recording NAME FIRST LAST    lines, counted from 1
    var/cache/venv/bin/python docs/walk/draw.py page URL ROLE NAME [WIDTH [HEIGHT]]        a page as that role sees it

Passwords are blotted out: a picture stays longer than a lab.
"""

# ruff: noqa: INP001 - a program beside its pictures is no package

import io
import json
import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

HERE = Path(__file__).resolve().parent
PASSWORDS = HERE.parents[1] / "var" / "passwords.json"
COLUMNS = 112
CHROMIUM = "/usr/bin/chromium"
#: as root, and without the calls a browser makes by itself
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PAGE = """<!doctype html><meta charset="utf-8"><style>body {{ margin: 0; background: #1b1d1e; }}
pre {{ margin: 0; padding: 14px 18px; width: max-content; color: #d9d9d9;
  font: 13px/1.35 "DejaVu Sans Mono", monospace; }}
{stylesheet}</style><pre>{code}</pre>"""


def terminal(browser: Browser, recording: Path, name: str, first: int, last: int) -> None:
    """Draw lines `first` to `last` of a recording as they stood in the terminal."""
    text = recording.read_text(encoding="utf-8", errors="replace").replace("\r", "")
    lines = [line for line in text.splitlines() if not line.startswith("Script ")][first - 1 : last]
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(blotted("\n".join(lines))), soft_wrap=False)
    markup = console.export_html(theme=MONOKAI, code_format=PAGE, inline_styles=True)
    page = browser.new_page(viewport={"width": 1000, "height": 200})
    page.set_content(markup)
    page.locator("pre").screenshot(path=HERE / f"{name}.png")


def gate_page(browser: Browser, url: str, role: str, name: str, width: int = 1000, height: int = 0) -> None:
    """Draw a page of the gate as `role` sees it: the whole of it, or its first `height` pixels."""
    passwords = json.loads(PASSWORDS.read_text(encoding="utf-8"))
    page = browser.new_page(viewport={"width": width, "height": height or 900})
    root = re.match(r"https?://[^/]+", url)
    page.goto(f"{root.group(0) if root else url}/masuk")
    page.fill("input[name=username]", role)
    page.fill("input[name=password]", passwords[role])
    page.click("main button")
    page.goto(url)
    page.wait_for_load_state("load")
    page.screenshot(path=HERE / f"{name}.png", full_page=not height)


def blotted(text: str) -> str:
    """Blot out every password that the demo printed."""
    return re.sub(r"(?m)^( +(?:Gerbang .*\n +)?\w+ +)([\w-]{16})(?=   )", lambda found: found[1] + "•" * 16, text)


def main(words: list[str]) -> int:
    """Draw one picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        if words[0] == "terminal":
            terminal(browser, Path(words[1]), words[2], int(words[3]), int(words[4]))
        else:
            gate_page(browser, words[1], words[2], words[3], *(int(size) for size in words[4:]))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
