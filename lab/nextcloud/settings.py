"""What does the server tell of itself? Capabilities, apps, app settings, figures, status.php."""

import re
from typing import Any

from lab.nextcloud import policy
from lab.nextcloud.answers import Answer, OcsError, json_bytes
from lab.nextcloud.routes import Call, Routes
from lab.nextcloud.state import State

VERSION = {"major": 32, "minor": 0, "micro": 1, "string": "32.0.1", "edition": "", "extendedSupport": False}
FREE_BYTES = 72_080_044_032
CONFIG = "/apps/provisioning_api/api/v1/config/apps"
KEPT_BY_SERVER = ("installed_version", "enabled", "types")
POLICY = {
    "enforceHaveIBeenPwned": False,
    "enforceNonCommonPassword": True,
    "enforceNumericCharacters": False,
    "enforceSpecialCharacters": False,
    "enforceUpperLowerCase": False,
}
routes = Routes()


def status_php(state: State) -> Answer:
    said = {
        "installed": True,
        "maintenance": state.is_maintained,
        "needsDbUpgrade": False,
        "version": "32.0.1.2",
        "versionstring": "32.0.1",
        "edition": "",
        "productname": "Nextcloud",
        "extendedSupport": False,
    }
    return Answer(headers={"Content-Type": "application/json"}, body=json_bytes(said))


@routes.add("GET", "/cloud/capabilities", "all")
def capabilities(call: Call) -> dict[str, Any]:
    """What the server can; nobody learns less than somebody, and the delay of his own address."""
    delay = call.guard.delay_ms(call.request.address)
    known: dict[str, Any] = {"bruteforce": {"delay": delay, "allow-listed": False}, "theming": theming(call)}
    if call.caller is not None:
        known = {**core(call), **known, **files(), **policies(call.state), **more()}
    return {"version": VERSION, "capabilities": known}


def theming(call: Call) -> dict[str, Any]:
    base = f"https://{call.request.headers.get('host', '')}"
    logo = f"{base}/core/img/logo/logo.svg?v=0"
    names = {"name": "Nextcloud", "productName": "Nextcloud", "url": "https://nextcloud.com"}
    colours = {"color": "#00679e", "color-text": "#ffffff"}
    colours |= {f"color-element{suffix}": "#00679e" for suffix in ("", "-bright", "-dark")}
    background = {
        "background": f"{base}/apps/theming/img/background/jo-myoung-hee-fluid.webp",
        "background-text": "#ffffff",
        "background-plain": False,
        "background-default": True,
    }
    pictures = {"logo": logo, **background, "logoheader": logo, "favicon": logo}
    return {**names, "slogan": "a safe home for all your data", **colours, **pictures}


def core(call: Call) -> dict[str, Any]:
    user = {"language": call.me.language, "locale": call.me.locale, "timezone": call.me.timezone or "UTC"}
    return {
        "core": {
            "pollinterval": 60,
            "webdav-root": "remote.php/webdav",
            "reference-api": True,
            "mod-rewrite-working": True,
            "user": user,
        }
    }


def files() -> dict[str, Any]:
    return {
        "files": {
            "forbidden_filenames": [".htaccess"],
            "forbidden_filename_characters": ["\\", "/"],
            "forbidden_filename_extensions": [".filepart", ".part"],
            "bigfilechunking": True,
            "undelete": True,
            "delete_from_trash": True,
            "versioning": True,
        },
        "dav": {"chunking": "1.0", "public_shares_chunking": False, "bulkupload": "1.0"},
    }


def policies(state: State) -> dict[str, Any]:
    account: dict[str, Any] = {"minLength": int(state.setting("password_policy", "minLength", "10"))}
    for key, default in POLICY.items():
        account[key] = state.setting("password_policy", key, "1" if default else "0") == "1"
    general = {key: value for key, value in account.items() if key != "enforceHaveIBeenPwned"}
    return {"password_policy": {"policies": {"account": account}, **general}}


def more() -> dict[str, Any]:
    api = {"version": "1.22.0", "AccountPropertyScopesVersion": 2}
    scopes = {"AccountPropertyScopesFederatedEnabled": True, "AccountPropertyScopesPublishedEnabled": False}
    return {"provisioning_api": {**api, **scopes}}


@routes.add("GET", "/cloud/apps", "admin")
def apps(call: Call) -> dict[str, list[str]]:
    return {"apps": [] if call.text("filter", "enabled") == "disabled" else list(call.state.apps)}


@routes.add("POST", "/cloud/apps/{user}", "admin")
def enable_app(call: Call, app: str) -> list[Any]:
    if app not in (*call.state.apps, "files_accesscontrol"):
        raise OcsError(998, "The request app was not found")
    if app not in call.state.apps:
        call.state.apps.append(app)
    call.state.save()
    return []


@routes.add("DELETE", "/cloud/apps/{user}", "admin")
def disable_app(call: Call, app: str) -> list[Any]:
    call.state.apps = [one for one in call.state.apps if one != app]
    call.state.save()
    return []


@routes.add("GET", f"{CONFIG}/{{user}}", "admin")
def keys(call: Call, app: str) -> dict[str, list[str]]:
    return {"data": sorted({"enabled", "installed_version", "types", *call.state.config.get(app, {})})}


@routes.add("GET", f"{CONFIG}/{{user}}/{{user}}", "admin")
def value(call: Call, app: str, key: str) -> dict[str, str]:
    return {"data": call.state.setting(app, key, call.text("defaultValue", ""))}


@routes.add("POST", f"{CONFIG}/{{user}}/{{user}}", "admin")
def set_value(call: Call, app: str, key: str) -> Any:
    refuse_kept(key)
    call.state.config.setdefault(app, {})[key] = call.text("value")
    call.state.save()
    return []


@routes.add("DELETE", f"{CONFIG}/{{user}}/{{user}}", "admin")
def unset_value(call: Call, app: str, key: str) -> Any:
    refuse_kept(key)
    call.state.config.get(app, {}).pop(key, None)
    call.state.save()
    return []


def refuse_kept(key: str) -> None:
    if key in KEPT_BY_SERVER:
        raise OcsError(403, data={"data": {"message": "The given key can not be set"}})


@routes.add("POST", "/apps/password_policy/api/v1/validate", "all")
def validate(call: Call) -> dict[str, Any]:
    """Say whether the policy takes a password, and every reason why not."""
    faults = policy.policy_faults(call.state, call.text("password"), call.language)
    return {"passed": False, "reason": " ".join(faults)} if faults else {"passed": True}


@routes.add("GET", "/apps/serverinfo/api/v1/info", "admin")
def figures(call: Call) -> dict[str, Any]:
    """The server's figures; `freespace` is what its disk has left."""
    accounts = call.state.accounts.values()
    used = sum(account.used_bytes for account in accounts)
    nodes = sum(len(account.files) for account in accounts)
    system = {"version": "32.0.1.2", "freespace": FREE_BYTES - used, "cpunum": 2}
    storage = {
        "num_users": len(call.state.accounts),
        "num_disabled_users": sum(not account.enabled for account in accounts),
        "num_files": nodes,
    }
    day = call.now() - 86400
    active = {"last24hours": sum(account.last_login > day for account in accounts)}
    return {"nextcloud": {"system": system, "storage": storage}, "activeUsers": active}


def is_version_path(path: str) -> re.Match[str] | None:
    """Tell the OCS paths and split them: version, rest."""
    return re.fullmatch(r"/ocs/v([12])\.php(/.*)", path)
