"""Which files does a browser load, and where do they come from?

They are taken out of two wheels locked by hash in requirements/frontend.txt; nothing of them is committed or run here.
"""

import subprocess
import tempfile
import zipfile
from pathlib import Path

#: wheel's name prefix -> {path inside the wheel: name under var/cache/static}
FILES = {
    "bootstrap_flask": {
        "flask_bootstrap/static/bootstrap5/css/bootstrap.min.css": "bootstrap.min.css",
        "flask_bootstrap/static/bootstrap5/js/bootstrap.min.js": "bootstrap.min.js",
    },
    "django_htmx": {
        "django_htmx/static/django_htmx/htmx-2.min.js": "htmx.min.js",
        "django_htmx/static/django_htmx/ext/hx-sse-2.min.js": "htmx-sse.min.js",
    },
}


def fetch(pip: Path, lock: Path, static: Path) -> None:
    """Fill `static` (var/cache/static) with the files above; pip refuses a wheel whose hash is not in `lock`."""
    static.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gerbang-frontend-") as folder:
        command = [
            str(pip),
            "download",
            "-qq",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--require-hashes",
            "-r",
            str(lock),
        ]
        subprocess.run([*command, "-d", folder], check=True, stdin=subprocess.DEVNULL)
        for wheel in Path(folder).glob("*.whl"):
            unpack(wheel, static)
    wanted = {name for names in FILES.values() for name in names.values()}
    if missing := sorted(wanted - {path.name for path in static.iterdir()}):
        raise SystemExit(f"setup/frontend.py: {', '.join(missing)} not found in the wheels of {lock}; correct FILES.")


def unpack(wheel: Path, static: Path) -> None:
    """Copy this wheel's files out under their short names, as bytes."""
    names = next((names for prefix, names in FILES.items() if wheel.name.lower().startswith(prefix)), {})
    with zipfile.ZipFile(wheel) as archive:
        for inside, name in names.items():
            (static / name).write_bytes(archive.read(inside))
