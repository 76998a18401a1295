"""casemate's side of the comparison: what it reads, and what it makes of objects and policies.

An object is judged on a line of its own, so that a finding's line says whose it is.
"""

import collections
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPORA = ROOT.parent / "shared" / "corpora"
POLICY = "ValidatingAdmissionPolicy"
# One policy's verdict says nothing about another's here: what a stronger one drops of a weaker one stays.
BESIDE = ("casemate.dev/pss", "casemate.dev/pss-overrides", "casemate.dev/overrides")

STOPS = (signal.SIGINT, signal.SIGTERM)
BROKEN = re.compile(r"^\S*?([^/\s]+)\.json:\d+:\d+: error: ", re.M)

Finding = collections.namedtuple("Finding", "policy status message reason path")


class Casemate:
    def __init__(self, program):
        self.program = os.path.abspath(program)

    def run(self, *arguments, good=(0,), stdin=None):
        done = subprocess.run([self.program, *map(str, arguments)], input=stdin, capture_output=True, text=True, check=False, cwd=ROOT)
        if done.returncode not in good:
            sys.exit(f"casemate {' '.join(map(str, arguments))[:300]}: status {done.returncode}\n{done.stderr[:3000]}")
        return done

    def read(self, *paths):
        """The objects in files, as dicts; what cannot be read is left out."""
        return [json.loads(line) for line in self.run("read", *paths, good=(0, 2)).stdout.splitlines() if line.startswith("{")]

    def scan(self, objects, policies, *options):
        """-> for each object its findings by policies alone. policies: a list of objects; the program's own are silenced."""
        names = {p["metadata"]["name"] for p in policies if p["kind"] == POLICY}
        with tempfile.TemporaryDirectory(prefix="casemate-e2e-") as folder:
            beside = pathlib.Path(folder, "policies")
            beside.mkdir()
            (beside / "all.json").write_text(lines([*policies, *map(silent, {f.name for f in folders()} - names)]))
            judged = pathlib.Path(folder, "objects.json")
            judged.write_text(lines(objects))
            found = json.loads(self.run("scan", "-f", "json", "--pss", "privileged", "--policy", beside, *options, judged, good=(0, 1)).stdout)
        if found["summary"]["objects"] != len(objects) or [e for e in found["errors"] if e["level"] == "error"]:
            sys.exit(f"casemate judged {found['summary']['objects']} of {len(objects)} objects: {found['errors'][:3]}")
        results = [[] for _ in objects]
        for f in found["findings"]:
            if f["policy"] in names:
                results[f["location"]["line"] - 1].append(
                    Finding(f["policy"], f["status"], f["message"], f.get("reason", "Invalid"), f["path"]))
        return results


    def needs(self, policies):
        """{policy's name: the minor version it needs}; what casemate refuses is left out."""
        with tempfile.TemporaryDirectory(prefix="casemate-e2e-") as folder:
            for p in policies:
                pathlib.Path(folder, p["metadata"]["name"] + ".json").write_text(json.dumps(p))
            said = self.run("policy", "list", "-f", "json", folder, good=(0, 2)).stderr
            for name in {m[1] for m in BROKEN.finditer(said)}:
                pathlib.Path(folder, name + ".json").unlink()
            listed = json.loads(self.run("policy", "list", "-f", "json", folder).stdout)["policies"]
        return {p["policy"]: int(p["needs"].split(".")[1]) for p in listed}


def lines(objects):
    return "".join(json.dumps(o, ensure_ascii=False) + "\n" for o in objects)


def folders():
    """Every folder with a policy."""
    return sorted(f.parent for f in (ROOT / "policies").rglob("policy.yaml"))


def silent(name):
    """A policy that takes the place of the program's own of that name, and says nothing."""
    rule = {"apiGroups": ["nothing.casemate.dev"], "apiVersions": ["v1"], "resources": ["nothing"], "operations": ["CREATE"]}
    return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": POLICY, "metadata": {"name": name},
            "spec": {"matchConstraints": {"resourceRules": [rule]}, "validations": [{"expression": "true"}]}}


def alone(policy):
    """The policy without what relates it to others."""
    notes = {k: v for k, v in policy["metadata"].get("annotations", {}).items() if k not in BESIDE}
    return {**policy, "metadata": {**policy["metadata"], "annotations": notes}}


def minor(policy):
    """The Kubernetes minor version that the policy's text says inside the server, or None."""
    for v in policy["spec"].get("variables", []):
        if v["name"] == "kubernetesMinor" and re.fullmatch(r"\d+", v["expression"].strip()):
            return int(v["expression"])
    return None


def program():
    """The test's one argument."""
    if len(sys.argv) < 2:
        sys.exit(f"usage: {os.path.basename(sys.argv[0])} CASEMATE")
    return Casemate(sys.argv[1])


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def leave(number, _):
    """Ends the with blocks, and with them what was started; a second signal does not end that."""
    for s in STOPS:
        signal.signal(s, signal.SIG_IGN)
    sys.exit(128 + number)


def finish(main):
    """Runs a test: status 0 where main() gives no differences, 1 where it does, 77 where there is nothing to test with."""
    import binaries
    for s in STOPS:
        signal.signal(s, leave)
    try:
        sys.exit(1 if main() else 0)
    except binaries.Unavailable as why:
        skip(why)
