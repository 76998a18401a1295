#!/usr/bin/env python3
"""guide_traps.py CASEMATE [--policy PATH]: each of the guide's broken or outdated examples is diagnosed by name and place.

tests/guide-traps/*.yaml are written after what the guide's appendices print, and after what changed since. The head of each says
what must be found:

    # trap: what is wrong with it
    # expect: POLICY PATH [WORD]    a finding of the policy or rule at that path, its message with that word
    # error: LINE TEXT              the file cannot be read: an error in that line of the file that has that text
    # not: POLICY                   no finding of that policy
    # kubernetes-version: 1.24      judged as that version does; default: the newest
"""
import argparse, json, os, pathlib, re, subprocess, sys

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("casemate")
parser.add_argument("--policy", action="append", default=[], help="passed on to casemate scan")
parser.add_argument("-v", dest="verbose", action="store_true", help="also what agrees")
options = parser.parse_args()
folder = pathlib.Path(__file__).resolve().parent / "guide-traps"
HEAD = re.compile(r"# (trap|expect|error|not|kubernetes-version): (.+)")
KNOWN = {"trap", "expect", "error", "not", "kubernetes-version"}


def head(path):
    """The settings of a file, in order."""
    said = []
    for line in path.read_text().splitlines():
        if not line.startswith("#"):
            return said
        m = HEAD.fullmatch(line)
        if not m:
            sys.exit(f"{path.name}: '{line}' is not one of {', '.join(sorted(KNOWN))}")
        said.append(m.groups())
    return said


def scanned(path, said):
    """The report as data."""
    versions = [x for v in dict(said).get("kubernetes-version", "").split() for x in ("--kubernetes-version", v)]
    policies = [x for p in options.policy for x in ("--policy", p)]
    done = subprocess.run([os.path.abspath(options.casemate), "scan", "-f", "json", *versions, *policies, path],
                          capture_output=True, text=True, timeout=60)
    if not done.stdout.startswith("{"):
        sys.exit(f"{path.name}: casemate scan ended with {done.returncode}\n{done.stderr[-2000:]}")
    report = json.loads(done.stdout)
    return report


def known():
    """The names of the program's policies and rules, and of those in --policy, whatever version they are for."""
    names = set()
    for paths in ([], *([p] for p in options.policy)):
        done = subprocess.run([os.path.abspath(options.casemate), "policy", "list", "-f", "json", *paths],
                              capture_output=True, text=True, timeout=60, check=True)
        names |= {p["policy"] for p in json.loads(done.stdout)["policies"]}
    return names


def missing(key, value, report, names):
    """Why a setting does not hold, or ''."""
    found = report["findings"]
    if key == "expect":
        policy, path, *word = value.split()
        of = [f for f in found if f["policy"] == policy and f["status"] == "fail"]
        at = [f for f in of if f["path"] == path]
        if not of:
            return f"{policy} has no finding" + ("" if policy in names else ", and there is no such policy or rule")
        if not at:
            return f"{policy} has findings at {', '.join(f['path'] or 'the object' for f in of)}"
        return "" if all(any(w in f["message"] for f in at) for w in word) else f"{policy} says: {at[0]['message']}"
    if key == "error":
        line, text = value.split(" ", 1)
        errors = [e for e in report["errors"] if e["level"] == "error"]
        if any(e["line"] == int(line) and text in e["message"] for e in errors):
            return ""
        return "read: " + ("; ".join(f"{e['line']}: {e['message']}" for e in errors) or "without an error")
    if key == "not":
        if value not in names:
            return f"there is no policy {value}"
        return "; ".join(f"{value} has a finding at {f['path']}" for f in found if f["policy"] == value)
    return ""


def main():
    files = sorted(folder.glob("*.yaml"))
    names = known()
    checked = wrong = 0
    for path in files:
        said = head(path)
        if "trap" not in dict(said) or not {"expect", "error", "not"} & set(dict(said)):
            sys.exit(f"{path.name}: the head must say trap, and expect, error or not")
        report = scanned(path, said)
        errors = [e for e in report["errors"] if e["level"] == "error"]
        if "error" not in dict(said) and (errors or not report["summary"]["objects"]):
            wrong += 1
            print(f"{path.name}: cannot be read: {[e['message'] for e in errors]}")
        for key, value in said:
            if key in ("trap", "kubernetes-version"):
                continue
            checked += 1
            why = missing(key, value, report, names)
            wrong += why != ""
            if why or options.verbose:
                print(f"{path.name}: {key}: {value}: {why or 'yes'}")
    print(f"the guide's traps: {len(files)} files, {checked} expectations, {wrong} not met")
    return wrong > 0 or not files


sys.exit(main())
