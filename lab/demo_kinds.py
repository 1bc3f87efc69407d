"""What does the demo ask for of each kind, and what does somebody outside see of it at the end?"""

import json
import re
import ssl
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from lab.commands import LabError
from lab.instance import CHECKOUT, Instance

HTTP_OK = 200


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One kind in the demo: its example, the field that names what is asked, what a second demo asks less of.

    `outside`: (instance, ended run, item, secrets by name) -> (what, detail): what an outsider sees. `opens`: what a
    person can open now, line by line.
    """

    example: str
    name: str
    less: Mapping[str, Any]
    outside: Callable[[Instance, dict[str, Any], dict[str, Any], Mapping[str, str]], tuple[str, str]]
    opens: Callable[[Instance, dict[str, Any]], tuple[str, ...]]


def lab_of(instance: Instance) -> Any:
    """Return what the lab tells of itself."""
    return json.loads((instance.shown / "lab.json").read_text(encoding="utf-8"))


# -- A web site -------------------------------------------------------------------------------------------------------


def _site(instance: Instance, run: dict[str, Any], item: dict[str, Any], _: Mapping[str, str]) -> tuple[str, str]:
    """Open the site as somebody who asks the office's name server."""
    lab, site = lab_of(instance), min(item["choices"]["names"], key=len)
    address = lab["hosts"][run["host"]]["address"]
    asked = ["curl", "-sS", "--max-time", "10", "--cacert", lab["acme_root"], "--resolve", f"{site}:443:{address}"]
    asked += ["-w", "\n%{http_code} %{ssl_verify_result}", f"https://{site}/"]
    page = subprocess.run(asked, capture_output=True, text=True, check=False)
    title = re.search(r"<title>(.*?)</title>", page.stdout, re.DOTALL)
    status = page.stdout.rsplit("\n", 1)[-1]
    return "Dari luar", f"https://{site}/ menjawab {status.split()[0]}: {title.group(1).strip() if title else '-'}"


def _site_opens(instance: Instance, item: dict[str, Any]) -> tuple[str, ...]:
    lab, site = lab_of(instance), min(item["choices"]["names"], key=len)
    address = lab["hosts"][item["choices"]["host"]]["address"]
    return (
        f"Situs     https://{site}/   nama dicari di {lab['nameserver_address']}, atau:",
        f"          curl --cacert {lab['acme_root']} --resolve {site}:443:{address} https://{site}/",
    )


# -- A cloud account --------------------------------------------------------------------------------------------------


def _cloud(instance: Instance, _: dict[str, Any], item: dict[str, Any], secrets: Mapping[str, str]) -> tuple[str, str]:
    """Sign in as the account's owner with the password that was claimed, and read its quota back."""
    cloud, account = lab_of(instance)["cloud"], item["choices"]["account"]
    url = httpx.URL(cloud["url"])
    with httpx.Client(verify=ssl.create_default_context(cafile=cloud["ca_file"]), trust_env=False) as client:
        answer = client.get(
            url.copy_with(host=cloud["address"], path="/ocs/v2.php/cloud/user", query=b"format=json"),
            auth=(account, secrets["account_password"]),
            headers={"OCS-APIRequest": "true", "Host": f"{url.host}:{url.port}"},
            extensions={"sni_hostname": url.host},
        )
    if answer.status_code != HTTP_OK:
        raise LabError(f"{cloud['url']}: {account} tidak dapat masuk ({answer.status_code})")
    told = answer.json()["ocs"]["data"]
    wanted, quota = item["choices"]["quota_bytes"], told["quota"]["quota"]
    if quota != wanted:
        raise LabError(f"{cloud['url']}: kuota {account} {quota} bita, disetujui {wanted}")
    named = told.get("display-name") or told.get("displayname") or account
    return (
        "Dari luar",
        f"{account} masuk di {cloud['url']} sebagai {named}; kuota terbaca {quota:,} bita, seperti disetujui",
    )


def _cloud_opens(instance: Instance, item: dict[str, Any]) -> tuple[str, ...]:
    cloud, account = lab_of(instance)["cloud"], item["choices"]["account"]
    return (f"Cloud     {cloud['url']}   akun {account}, alamat {cloud['address']}", f"          CA {cloud['ca_file']}")


KINDS = {
    # the lab's disk promises 19 GB: with 5 each, the fourth demo would find the host full
    "hosting": Shown(
        example="hosting.yml", name="sub_domain", less={"storage_gb": 1}, outside=_site, opens=_site_opens
    ),
    "data_cloud": Shown(
        example="data-cloud.yml", name="account_id", less={"quota_gb": 1}, outside=_cloud, opens=_cloud_opens
    ),
}


def example_of(kind: str) -> Shown:
    """Return what the demo knows of the kind; LabError names those there are."""
    if kind not in KINDS or not (CHECKOUT / "examples" / KINDS[kind].example).exists():
        raise LabError(f"KIND={kind}: pilih {', '.join(KINDS)}")
    return KINDS[kind]
