#!/usr/bin/env python3
"""policies_load.py CASEMATE: kube-apiserver takes every policies/**/policy.yaml, and its type checker has nothing to say.

kubectl creates the files as they stand, with strict field validation; the warnings are those that
kube-controller-manager writes to status.typeChecking.
"""

import time

from cluster import Cluster
from judge import POLICY, ROOT, finish, folders, program

CHECKED_SECONDS = 30
PATH = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"


def unchecked(policies):
    return [name for name, p in policies.items() if p.get("status", {}).get("observedGeneration") != p["metadata"]["generation"]]


def listed(cluster):
    return {p["metadata"]["name"]: p for p in cluster.admin.get(PATH).expect(200).body["items"]}


def loaded(cluster, files):
    """-> the policies in the server once all are type checked, and what kubectl said of errors."""
    arguments = [word for f in files for word in ("-f", str(f))]
    said = cluster.kubectl("create", "--validate=strict", *arguments).stderr
    end = time.monotonic() + CHECKED_SECONDS
    policies = listed(cluster)
    while unchecked(policies) and time.monotonic() < end:
        time.sleep(0.2)
        policies = listed(cluster)
    return policies, said


def main():
    casemate = program()
    files = [f.relative_to(ROOT) / "policy.yaml" for f in folders()]
    names = {f: [o["metadata"]["name"] for o in casemate.read(f) if o["kind"] == POLICY] for f in files}
    with Cluster(controllers=True) as cluster:
        policies, said = loaded(cluster, [ROOT / f for f in files])
    wrong = []
    for f in files:
        if not names[f] or any(name not in policies for name in names[f]):
            about = [line for line in said.splitlines() if str(f) in line]
            wrong.append((f, "is not loaded: " + "\n    ".join(about or said.splitlines()[:3] or ["no reason given"])))
    for name in unchecked(policies):
        wrong.append((name, f"is not type checked after {CHECKED_SECONDS} s"))
    for name, policy in policies.items():
        for w in policy.get("status", {}).get("typeChecking", {}).get("expressionWarnings", []):
            wrong.append((name, f"{w['fieldRef']}: {w['warning']}"))
    for where, what in wrong:
        print(f"{where}: {what}")
    print(f"policies: {len(files)} files, {len(policies)} policies loaded and type checked; {len(wrong)} complaints")
    return wrong


finish(main)
