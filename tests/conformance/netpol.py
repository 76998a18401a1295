#!/usr/bin/env python3
"""`casemate net list -f json` against the expected connections of a corpus of clusters.

Each folder has input/ and, where the kinds are standard ones, connlist.txt: a line for every pair that may talk,
`source => destination : connections`. Every line must be there and none besides. Folders of bad input must be refused with
the right class of fault, and by name. exposure.txt and explain.txt: see exposure() and explain()."""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

DEFAULT = pathlib.Path(__file__).resolve().parents[3] / "shared/corpora/netpol-reachability"
OTHER_NETWORKS = ("UserDefinedNetwork", "ClusterUserDefinedNetwork", "NetworkAttachmentDefinition", "MultiNetworkPolicy")
ORDER = ("SCTP", "TCP", "UDP")


def standard(folder):
    text = "\n".join(p.read_text(errors="replace") for p in (folder / "input").rglob("*") if p.is_file())
    return not any(re.search(rf'kind"?:\s*"?{k}\b', text) for k in OTHER_NETWORKS)


def run(program, *args):
    done = subprocess.run([program, "net", *args], capture_output=True, text=True)
    try:
        return json.loads(done.stdout), done
    except ValueError:
        return None, done


def ports(connections):
    if sum(c["ports"] == ["1-65535"] for c in connections) == 3:
        return "All Connections"
    if not connections:
        return "No Connections"
    by = {c["protocol"]: ",".join(c["ports"]) for c in connections}
    return ",".join(f"{p} {by[p]}" for p in ORDER if p in by)


def lines_of(answer):
    return {f"{e['source']} => {e['destination']} : {ports(e['connections'])}" for e in answer["entries"] if e["connections"]}


def wanted_lines(folder, name):
    return {line.rstrip() for line in (folder / name).read_text().splitlines() if re.match(r"^\S+ => \S+ : ", line)}


def connections(program, folder):
    answer, done = run(program, "list", "-f", "json", str(folder / "input"))
    if answer is None:
        return [f"no answer: {done.stderr.strip()[:200]}"]
    got, wanted = lines_of(answer), wanted_lines(folder, "connlist.txt")
    return [f"missing {x}" for x in sorted(wanted - got)] + [f"extra {x}" for x in sorted(got - wanted)]


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("--corpus", type=pathlib.Path, default=DEFAULT)
    a.add_argument("--folder", help="only this one")
    a.add_argument("-v", "--verbose", action="store_true")
    o = a.parse_args()
    if not o.corpus.is_dir():
        print(f"skipped: {o.corpus} is not there")
        return 77
    bad = total = 0
    for folder in sorted(o.corpus.iterdir()):
        if o.folder and folder.name != o.folder or not (folder / "connlist.txt").is_file() or not standard(folder):
            continue
        total += 1
        wrong = connections(o.program, folder)
        bad += bool(wrong)
        if wrong:
            print(f"{folder.name}: {len(wrong)} lines")
            for w in wrong[: 100 if o.verbose else 4]:
                print(f"    {w}")
    print(f"connections: {total - bad} of {total} folders")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
