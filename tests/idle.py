#!/usr/bin/env python3
"""idle.py CASEMATE: what is not run because it could find nothing would have found nothing.

Every file of the policies' own tests is scanned alone, where each policy is run on each object, and all of them
together in one stream, behind so many objects of each kind that policies are left out (src/policy/idle.c). Both must find the
same in each object.
"""
import collections
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BEFORE = 70  # a kind's objects before policies are left out: PAYS_FROM, 64
KIND = re.compile(r"^[ -]*apiVersion: *(\S+)\n *kind: *(\S+)$", re.MULTILINE)
KEPT = ("policy", "status", "message", "path")


def findings(casemate, path):
    done = subprocess.run([casemate, "scan", "-f", "json", "--no-cluster-checks", "--threads", "1", str(path)], capture_output=True, text=True)
    report = json.loads(done.stdout)
    lists = report["findings"] + report["notAssessed"]
    return [(f["location"]["line"], tuple(f.get(k) for k in KEPT)) for f in lists], report


def main():
    casemate = sys.argv[1]
    files = sorted((ROOT / "policies").glob("*/*/*/*.yaml"))
    alone, texts = [], []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda f: findings(casemate, f), files))
    for f, (found, report) in zip(files, reports):
        if report["errors"]:
            continue
        alone.append(collections.Counter(x for _, x in found))
        texts.append("---\n" + re.sub(r"\A---.*\n", "", f.read_text()).rstrip("\n") + "\n")
    whole = "".join(texts)
    kinds = sorted(set(KIND.findall(whole)))
    before = "".join(f"---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: n{i}}}\n" for api, kind in kinds for i in range(BEFORE))
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as stream:
        stream.write(before + whole)
        stream.flush()
        found, report = findings(casemate, stream.name)
    starts, line = [], 1 + before.count("\n")
    for t in texts:
        starts.append(line)
        line += t.count("\n")
    together = [collections.Counter() for _ in texts]
    at = 0
    for n, x in sorted((n, x) for n, x in found if n >= starts[0]):
        while at + 1 < len(starts) and starts[at + 1] <= n:
            at += 1
        together[at][x] += 1
    bad = 0
    for text, one, all_of_them in zip(texts, alone, together):
        if one != all_of_them:
            bad += 1
            print(f"{text[:200]}\n  alone: {dict(one - all_of_them)}\n  together: {dict(all_of_them - one)}")
    print(f"{len(texts)} files, {len(kinds)} kinds, {sum(map(len, alone))} findings: {len(texts) - bad} passed, {bad} failed")
    sys.exit(1 if bad or len(texts) < 100 else 0)


main()
