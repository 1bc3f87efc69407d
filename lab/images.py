"""What is a host's disk made of before anybody prepares it? Debian images, built once by mmdebstrap."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.commands import LabError, run
from lab.instance import Instance

SUITES = {12: "bookworm", 13: "trixie"}
BARE = ("systemd", "systemd-sysv", "dbus", "libpam-systemd", "openssh-server", "python3", "iproute2")
PHP_EXTENSIONS = ("mysql", "pgsql", "gd", "mbstring", "xml", "zip", "curl", "intl", "bcmath")
PHP_VERSIONS = {12: "8.2", 13: "8.4"}
# A subset of what site.yml installs: here it is only a head start, one test goes without it.
FULL = (
    *BARE,
    *("ca-certificates", "python3-apt", "sudo", "procps", "cron", "logrotate", "openssl", "ssl-cert", "nftables"),
    *("apache2", "mariadb-server", "postgresql", "bind9", "bind9-dnsutils", "btrfs-progs", "quota", "certbot"),
)
# A reverse proxy in front of the cloud: both that can be one, the role enables the one that serves.
PROXY = (*BARE, "ca-certificates", "python3-apt", "sudo", "procps", "openssl", "apache2", "nginx")
# Debian 13 has no mod_bw; apache's role then takes mod_ratelimit.
ONLY_ON = {12: ("libapache2-mod-bw",), 13: ()}
# What a host's duties need is enabled by its roles; the rest sleeps. Without a network, apt's timers only fail.
ASLEEP = (
    *("apache2.service", "mariadb.service", "postgresql.service", "named.service", "php*-fpm.service"),
    "apt-daily*.timer",
)
# By what a link points to: an alias left over (bind9 for named) would make systemd say that the unit is enabled.
SLEEPING = {"proxy": ("apache2.service", "nginx.service", "apt-daily*.timer")}
SHRINK = (
    "path-exclude=/usr/share/doc/*",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
    "force-unsafe-io",
)


def sleep_hook(recipe: str) -> str:
    """A program for mmdebstrap that takes away what would start those units by itself."""
    return f"""for unit in {" ".join(f"'{unit}'" for unit in SLEEPING.get(recipe, ASLEEP))}; do
  find "$1/etc/systemd/system" -type l -lname "*/$unit" -delete
done"""


def packages(recipe: str, debian: int) -> tuple[str, ...]:
    """The packages of one recipe ("bare", "full" or "proxy") for Debian 12 or 13."""
    if recipe == "bare":
        return BARE
    if recipe == "proxy":
        return (*PROXY, *ONLY_ON[debian])
    php = PHP_VERSIONS[debian]
    extensions = (f"php{php}-{name}" for name in ("fpm", "cli", "opcache", *PHP_EXTENSIONS))
    return (*FULL, *ONLY_ON[debian], *extensions)


def recipe_hash(recipe: str, debian: int) -> str:
    """Twelve hex digits that change when the image would."""
    text = json.dumps([packages(recipe, debian), SUITES[debian], SHRINK, sleep_hook(recipe)])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def image_path(instance: Instance, recipe: str, debian: int) -> Path:
    return instance.cache / "images" / f"debian{debian}-{recipe}-{recipe_hash(recipe, debian)}"


@contextmanager
def one_builder(place: Path) -> Iterator[None]:
    """Let one process at a time build into `place`; the others wait and find it made."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with (place.parent / f".{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure_image(instance: Instance, recipe: str, debian: int) -> Path:
    """Return the unpacked image, building it first if this checkout has none (about 70 s)."""
    image = image_path(instance, recipe, debian)
    with one_builder(image):
        if not image.is_dir():
            build_image(instance, recipe, debian, image)
    # Resolved, so that a cache shared by two checkouts through a link is known by one name in the list of mounts.
    return image.resolve()


def build_image(instance: Instance, recipe: str, debian: int, image: Path) -> None:
    """Unpack Debian into a folder beside the wanted one and rename it when whole."""
    unfinished = image.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    work = instance.cache / "images" / f".work-{image.name}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    work.chmod(0o755)
    sources = write_sources(work, debian)
    argv: list[str | Path] = ["mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory", "--quiet"]
    argv += [f"--include={','.join(packages(recipe, debian))}"]
    argv += [f"--aptopt={configuration}" for configuration in apt_configuration()]
    argv += [f"--dpkgopt={option}" for option in SHRINK]
    argv += [f"--customize-hook={sleep_hook(recipe)}"]
    try:
        run([*argv, SUITES[debian], unfinished, *sources], environment={**os.environ, "TMPDIR": str(work)})
    except LabError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise LabError(
            f"the Debian {debian} image '{recipe}' could not be built. Does `apt-get update` work here?\n{error}"
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    unfinished.rename(image)
    remove_outdated(image, f"debian{debian}-{recipe}-")


def remove_outdated(image: Path, prefix: str) -> None:
    """Remove earlier images of the same recipe, but none that a running host stands on."""
    mounts = Path("/proc/self/mounts").read_text()
    for old in image.parent.glob(f"{prefix}*"):
        if old != image and str(old.resolve()) not in mounts:
            shutil.rmtree(old)


def write_sources(work: Path, debian: int) -> list[Path]:
    """Copy this machine's package sources with the suite replaced; no address is written down in the project."""
    copies = []
    for source in [*sorted(Path("/etc/apt/sources.list.d").glob("*.sources")), Path("/etc/apt/sources.list")]:
        if not source.is_file():
            continue
        text = source.read_text()
        for suite in SUITES.values():
            text = text.replace(suite, SUITES[debian])
        if SUITES[debian] not in text:
            continue
        copy = work / source.name
        copy.write_text(text)
        copies.append(copy)
    if not copies:
        raise LabError(
            f"no file in /etc/apt names Debian {SUITES[debian]}: the lab builds its hosts from the same place"
        )
    return copies


def apt_configuration() -> list[Path]:
    """This machine's apt settings about fetching (proxy, dates, certificates); mmdebstrap does not read /etc/apt."""
    settings = [path for path in sorted(Path("/etc/apt/apt.conf.d").glob("*")) if path.is_file()]
    # Hooks (packagekit, appstream) call programs that an image in the making does not have.
    return [path for path in settings if "Acquire::" in path.read_text() and "-Invoke" not in path.read_text()]
