#!/usr/bin/env python3
"""Clusters of a corpus, changed at random, against the brute-force evaluator: an object dropped, rules swapped, an action or a priority
changed, a block widened, a label renamed, policyTypes changed, a port named, a Namespace gone, a Pod added. Nothing of them is kept.

Seeded. The changed cluster's `net list` must be the evaluator's, `net exposure` must say of the same Pods that they are protected,
and nothing may crash. Workloads are made Pods first, which is what the evaluator knows."""
import argparse
import copy
import json
import pathlib
import random
import re
import sys
import tempfile

import exposure
import netpol

DEFAULT = pathlib.Path(__file__).resolve().parents[3] / "shared/corpora/netpol-reachability"
POLICIES = ("NetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy")


def walk(x):
    yield x
    for v in x.values() if isinstance(x, dict) else x if isinstance(x, list) else ():
        yield from walk(v)


def objects_of(folder, yaml):
    """What the evaluator knows of the folder; None where it is too much for it, or bad input."""
    found, number = [], 0
    for path in sorted((folder / "input").rglob("*")):
        if path.suffix not in (".yaml", ".yml", ".json"):
            continue
        try:
            documents = [d for d in yaml.safe_load_all(path.read_text()) if isinstance(d, dict)]
        except (yaml.YAMLError, UnicodeDecodeError):
            return None
        for d in documents:
            for o in d.get("items") or [d]:
                meta = o.get("metadata") or {}
                if o.get("kind") in POLICIES or o.get("kind") == "Namespace":
                    found.append(o)
                    if o["kind"] == "NetworkPolicy":
                        meta.setdefault("namespace", "default")
                template = (o.get("spec") or {}).get("template") if o.get("kind") in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job") else None
                spec = o.get("spec") if o.get("kind") == "Pod" else template.get("spec") if template else None
                if not spec:
                    continue
                number += 1
                address = f"10.66.{number // 250}.{number % 250 + 1}"
                found.append({"apiVersion": "v1", "kind": "Pod", "metadata": {
                    "name": f"p{number}", "namespace": meta.get("namespace", "default"),
                    "labels": ((meta if o["kind"] == "Pod" else template.get("metadata") or {}).get("labels")) or {}},
                    "spec": {"containers": [{"name": c.get("name", "c"), "image": "i", "ports": c.get("ports") or []} for c in spec.get("containers") or []]},
                    "status": {"podIP": address, "podIPs": [{"ip": address}]}})
    pods = sum(o["kind"] == "Pod" for o in found)
    return found if 1 < pods <= 12 and any(o["kind"] in POLICIES for o in found) else None


def plain(objects):
    """In the form the evaluator reads: no nulls, policies with what it looks up."""
    def clean(x):
        if isinstance(x, dict):
            return {k: clean(v) for k, v in x.items() if v is not None}
        return [clean(v) for v in x if v is not None] if isinstance(x, list) else x
    objects = clean(objects)
    for o in objects:
        spec = o.get("spec", {})
        if o["kind"] == "NetworkPolicy":
            spec.setdefault("podSelector", {})
        for p in walk(spec):
            if isinstance(p, dict) and isinstance(p.get("pods"), dict):
                p["pods"].setdefault("podSelector", {})
                p["pods"].setdefault("namespaceSelector", {})
            for port in (p.get("portNumber"), p.get("portRange")) if isinstance(p, dict) else ():
                if port:
                    port.setdefault("protocol", "TCP")
    return objects


def mutate(r, objects):
    policies = [o for o in objects if o["kind"] in POLICIES]
    o = r.choice(policies)
    rules = [x for d in ("ingress", "egress") for x in o["spec"].get(d, [])]
    kind = r.randrange(11)
    if kind == 0 and len(objects) > 3:
        objects.remove(r.choice([x for x in objects if x["kind"] != "Pod"]))
    elif kind == 1:
        r.shuffle(o["spec"].get(r.choice(("ingress", "egress")), []))
    elif kind == 2 and rules and "action" in rules[0]:
        r.choice(rules)["action"] = r.choice(("Allow", "Deny", "Pass") if o["kind"] == "AdminNetworkPolicy" else ("Allow", "Deny"))
    elif kind == 3 and "priority" in o["spec"]:
        taken = {x["spec"].get("priority") for x in policies}
        o["spec"]["priority"] = r.choice([p for p in range(0, 1001, 7) if p not in taken])
    elif kind == 4:
        for b in walk(o["spec"]):
            if isinstance(b, dict) and "cidr" in b:
                b["cidr"] = r.choice(("0.0.0.0/0", "10.0.0.0/8", "10.66.0.0/24"))
                b.pop("except", None)
    elif kind == 5:
        pod = r.choice([x for x in objects if x["kind"] == "Pod"])
        if pod["metadata"]["labels"]:
            pod["metadata"]["labels"][r.choice(list(pod["metadata"]["labels"]))] = r.choice(("a", "b", "web"))
    elif kind == 6 and o["kind"] == "NetworkPolicy":
        o["spec"]["policyTypes"] = r.choice((["Ingress"], ["Egress"], ["Ingress", "Egress"]))
    elif kind == 7 and o["kind"] == "NetworkPolicy" and rules:
        r.choice(rules)["ports"] = [{"port": r.choice(("http", "web", "grpc", 80)), "protocol": r.choice(netpol.PROTOCOLS)}]
    elif kind == 8:
        gone = [x for x in objects if x["kind"] == "Namespace"]
        if gone:
            objects.remove(r.choice(gone))
    elif kind == 9:
        pod = copy.deepcopy(r.choice([x for x in objects if x["kind"] == "Pod"]))
        pod["metadata"]["name"] += "x"
        address = f"10.67.0.{len(objects) % 250 + 1}"
        pod["status"] = {"podIP": address, "podIPs": [{"ip": address}]}
        pod["metadata"]["labels"] = {k: v for s in walk(o["spec"]) if isinstance(s, dict) for k, v in s.get("matchLabels", {}).items() if r.random() < 0.7}
        objects.append(pod)
    else:
        for e in walk(o["spec"]):
            if isinstance(e, dict) and "operator" in e and r.random() < 0.5:
                e["operator"] = r.choice(("Exists", "DoesNotExist")) if not e.get("values") else r.choice(("In", "NotIn"))
    return objects


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("--corpus", type=pathlib.Path, default=DEFAULT)
    a.add_argument("--count", type=int, default=2, help="mutants of each folder")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--folder", help="only this one")
    a.add_argument("--verbose", action="store_true", help="print the clusters that differ")
    o = a.parse_args()
    try:
        import yaml
    except ImportError:
        print("skipped: PyYAML is not there")
        return 77
    if not o.corpus.is_dir():
        print(f"skipped: {o.corpus} is not there")
        return 77
    bad = asked = folders = 0
    with tempfile.TemporaryDirectory() as scratch:
        for folder in sorted(o.corpus.iterdir()):
            original = None if o.folder and folder.name != o.folder or not (folder / "input").is_dir() else objects_of(folder, yaml)
            if not original:
                continue
            folders += 1
            for i in range(o.count):
                r = random.Random(f"{o.seed}/{folder.name}/{i}")
                objects = plain(copy.deepcopy(original))
                for _ in range(r.randint(1, 3)):
                    if any(x["kind"] in POLICIES for x in objects):
                        objects = mutate(r, objects)
                wrong, n = netpol.compare(o.program, objects, i, pathlib.Path(scratch))
                if wrong and wrong.startswith("status 2"):
                    continue  # the change made it bad input
                asked += n
                path = pathlib.Path(scratch) / "cluster.json"
                exposed = exposure.run(o.program, "exposure", path, "--cni", "ipblock-no")
                if not wrong:
                    wrong = protection_differs(objects, exposed)
                if wrong:
                    bad += 1
                    print(f"{folder.name} {i}: {wrong}")
                    if o.verbose:
                        print("\n---\n".join(json.dumps(x) for x in objects))
    print(f"{folders} folders, {asked} questions, {bad} clusters differ")
    return bad != 0


def protection_differs(objects, exposed):
    oracle = netpol.Oracle(objects, False)
    pods = {p.name: p for p in oracle.pods}
    for e in exposed["entries"]:
        if e["protected"] != exposure.protected(oracle, pods[e["workload"]], e["direction"].capitalize()):
            return f"{e['workload']} {e['direction']}: protected {e['protected']}"
    return None


if __name__ == "__main__":
    sys.exit(main())
