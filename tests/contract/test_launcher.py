"""Does the pinned Ansible still run when its launcher spares it the list of moved plugins?"""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = ROOT / "playbooks/launcher.py"
PLAYBOOK = """
- name: say
  hosts: all
  gather_facts: false
  tasks:
    - name: say
      ansible.builtin.debug:
        msg: it runs
"""
READ_BOTH_WAYS = f"""
import json, sys
from importlib.resources import files
sys.path.insert(0, {str(LAUNCHER.parent)!r})
import launcher
from ansible.utils.collection_loader import _collection_finder as finder
text = files("ansible").joinpath("config/ansible_builtin_runtime.yml").read_bytes()
whole = finder._meta_yml_to_dict(text, ("ansible.builtin", "runtime.yml"))
launcher.skip_moved_plugins()
launcher.skip_moved_plugins()
less = finder._meta_yml_to_dict(text, ("ansible.builtin", "runtime.yml"))
others = b"a: 1\\nplugin_routing:\\n  b: 2\\nimport_redirection:\\n  c: 3"
other = finder._meta_yml_to_dict(others, ("x.y", "runtime.yml"))
print(json.dumps([sorted(set(whole) - set(less)), less == {{k: v for k, v in whole.items() if k in less}}, other]))
"""


def test_of_ansibles_own_routes_only_the_moved_plugins_are_left_out_and_of_others_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", READ_BOTH_WAYS], capture_output=True, text=True, check=True)
    whole = {"a": "1", "plugin_routing": {"b": "2"}, "import_redirection": {"c": "3"}}
    assert json.loads(done.stdout) == [["plugin_routing"], True, whole]


def test_a_playbook_runs_and_ansible_complains_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "say.yml").write_text(PLAYBOOK)
    words = ["-I", str(LAUNCHER), str(tmp_path / "keeper.pid"), "-i", "here,", "-c", "local", str(tmp_path / "say.yml")]
    caller, held = os.pipe()  # the launcher ends all when its caller is gone
    done = subprocess.run(
        [sys.executable, *words],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
        | {"ANSIBLE_CONFIG": str(ROOT / "playbooks/ansible.cfg"), "ANSIBLE_LOCAL_TEMP": str(tmp_path / "temp")},
        stdin=caller,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(caller)
    os.close(held)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "it runs" in done.stdout
