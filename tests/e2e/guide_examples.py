#!/usr/bin/env python3
"""guide_examples.py CASEMATE: kube-apiserver takes every example of the guide, with strict field validation.

Objects are created (dry run) in namespaces whose Pods are warned at the restricted level; the files for the server itself
are what this one is started with.
"""

import json
import pathlib
import tempfile

from cluster import Cluster
from judge import ROOT, finish, program

# A server's own files: those that it is started with here. The others are read by another program, or need one (a KMS).
FILES = {"AdmissionConfiguration": "--admission-control-config-file", "AuthenticationConfiguration": "--authentication-config"}
NOT_SERVED = {*FILES, "Policy", "EncryptionConfiguration", "KubeletConfiguration", "Config", "PeerAuthentication"}
# RuntimeClasses that examples name: they stand in other examples, or come with the node's system.
CLASSES = ("kata", "gvisor", "runhcs-wcow-hypervisor")
# Parts of the node, or readers of its files: they cannot be restricted.
NOT_RESTRICTED = {"LOG-17.yaml", "etcd.yaml", "kube-apiserver.yaml", "kube-scheduler.yaml"}


def created(cluster, name, o):
    """-> what is wrong with it, or nothing."""
    answer = cluster.kubectl("create", "--dry-run=server", "--validate=strict", "-f", "-", stdin=json.dumps(o))
    said = answer.stderr.strip()
    if answer.returncode and "AlreadyExists" not in said:
        return said
    return said if said and "Warning" in said and name not in NOT_RESTRICTED else ""


def main():
    casemate = program()
    objects = [(f.name, o) for f in sorted((ROOT / "guide" / "examples").glob("*.yaml")) for o in casemate.read(f)]
    policy = next(o for _, o in objects if o["kind"] == "Policy")
    wrong, tried = [], 0
    with tempfile.TemporaryDirectory(prefix="casemate-e2e-") as folder:
        flags = []
        for _, o in objects:
            if o["kind"] in FILES:
                at = pathlib.Path(folder, o["kind"] + ".json")
                at.write_text(json.dumps(o))
                flags.append(f"{FILES[o['kind']]}={at}")
        with Cluster(flags=flags, audit_policy=policy) as cluster:
            spaces = {o["metadata"]["namespace"] for _, o in objects if o.get("metadata", {}).get("namespace")}
            for space in sorted(spaces - {"kube-system", "istio-system"}):
                cluster.namespace(space, {"pod-security.kubernetes.io/warn": "restricted"})
            for c in CLASSES:
                cluster.admin.create({"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": c}, "handler": c})
            for name, o in objects:
                if o["kind"] in NOT_SERVED:
                    continue
                tried += 1
                why = created(cluster, name, o)
                if why:
                    wrong.append(f"{name}: {o['kind']}: {why}")
    for line in wrong:
        print(line)
    print(f"guide: {tried} objects and {len(FILES) + 1} files of {len({n for n, _ in objects})} examples; {len(wrong)} refused or warned of")
    return wrong


finish(main)
