#!/usr/bin/env python3
"""policy_groups.py CASEMATE [--write]: docs/policy-groups.md has a row for each policy, in the table of its group.

--write makes the tables, between their two comments.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/policy-groups.md"
TABLE = re.compile(r"(<!-- policies: (\S+) -->\n).*?(<!-- end -->\n)", re.S)
SEVERITIES = ["critical", "high", "medium", "low"]


def table(group, facts):
    names = [p.parent.name for p in (ROOT / "policies" / group).glob("*/policy.yaml")]
    rows = [facts[n] for n in names]
    rows.sort(key=lambda r: (SEVERITIES.index(r["severity"]), r["policy"]))
    text = "| policy | severity | guide | what it finds |\n|---|---|---|---|\n"
    for r in rows:
        text += f"| {r['policy']} | {r['severity']} | {' '.join(r['recommendations'])} | {r['title']} |\n"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("casemate")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    listed = subprocess.run([args.casemate, "policy", "list", "-f", "json"], capture_output=True, text=True, check=True)
    facts = {p["policy"]: p for p in json.loads(listed.stdout)["policies"]}
    old = PAGE.read_text()
    groups = {group for _, group, _ in TABLE.findall(old)}
    folders = {p.name for p in (ROOT / "policies").iterdir()} - {"pod-security-standards"}  # has a table in policies.md
    for g in sorted(folders ^ groups):
        print(f"{PAGE.name}: group {g} has no {'table' if g in folders else 'policies'}")
    new = TABLE.sub(lambda m: m[1] + (table(m[2], facts) if m[2] in folders else "") + m[3], old)
    if args.write:
        PAGE.write_text(new)
    elif new != old:
        print(f"{PAGE.name} is not what the policies say: python3 tests/policy_groups.py CASEMATE --write")
    sys.exit(1 if folders ^ groups or (new != old and not args.write) else 0)


main()
