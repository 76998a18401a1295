#!/usr/bin/env python3
"""Writes clusters of one crowded namespace, for `casemate net`: a seeded generator for tests and measurements.

    net_cluster.py SHAPE [--pods N] [--policies N] [--seed N] > cluster.json

labels  Pods without an owner; policies choose by labels
owned   the same Pods, of 50 Deployments (ReplicaSets between)
blocks  ipBlocks that cut through the Pods' addresses: nearly every Pod is told apart from every other
dual    the same with IPv6 too, exceptions, and ports by name
unique  every Pod has a label of its own, which matchExpressions ask for
"""
import argparse
import json
import random
import sys

SHAPES = ("labels", "owned", "blocks", "dual", "unique")


class Cluster:
    def __init__(self, shape, pods, policies, seed):
        self.shape, self.pods, self.policies = shape, pods, policies
        self.r = random.Random(f"{shape}/{seed}")

    def pod(self, i):
        r, owned = self.r, self.shape == "owned"
        app = i % 50
        labels = {"app": f"a{app}"}
        if not owned:
            labels.update(tier=f"t{r.randrange(3)}", env=f"e{r.randrange(3)}")
        if self.shape == "unique":
            labels["id"] = f"id-{i}"
        meta = {"name": f"pod-{i}", "namespace": "crowd", "labels": labels}
        if owned:
            meta["ownerReferences"] = [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"app-{app}-5d5d5d5d5d", "controller": True,
                                        "uid": f"u{app}"}]
        port = {"containerPort": 8000 + app % 5}
        if self.shape == "dual":
            port["name"] = ("web", "metrics")[app % 2]
        ips = [f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}"]
        if self.shape == "dual":
            ips.append(f"fd00::{i:x}")
        return {"apiVersion": "v1", "kind": "Pod", "metadata": meta,
                "spec": {"containers": [{"name": "c", "image": f"registry.example/a{app}:v1", "ports": [port]}]},
                "status": {"podIP": ips[0], "podIPs": [{"ip": x} for x in ips]}}

    def block(self):
        r = self.r
        at, bits = r.randrange(self.pods), r.randrange(4, 15)
        at = at >> bits << bits
        if self.shape == "dual" and r.random() < 0.5:
            b = {"cidr": f"fd00::{at:x}/{128 - bits}"}
            inner = f"fd00::{at:x}/{129 - bits + r.randrange(3)}"
        else:
            b = {"cidr": f"10.{at >> 16}.{at >> 8 & 255}.{at & 255}/{32 - bits}"}
            inner = f"10.{at >> 16}.{at >> 8 & 255}.{at & 255}/{33 - bits + r.randrange(3)}"
        if r.random() < 0.4:
            b["except"] = [inner]
        return {"ipBlock": b}

    def peer(self):
        r = self.r
        if self.shape in ("blocks", "dual") and r.random() < 0.7:
            return self.block()
        if self.shape == "unique" and r.random() < 0.7:
            return {"podSelector": {"matchExpressions": [self.expression()]}}
        if r.random() < 0.1:
            return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "other"}}}
        return {"podSelector": {"matchLabels": {"app": f"a{r.randrange(50)}"}}}

    def expression(self):
        r, kind = self.r, self.r.random()
        if kind < 0.1:
            return {"key": "id", "operator": "Exists"}
        return {"key": "id", "operator": "In" if kind < 0.8 else "NotIn",
                "values": sorted({f"id-{r.randrange(self.pods)}" for _ in range(200)})}

    def rules(self, peers):
        out = []
        for _ in range(self.r.randrange(1, 4)):
            rule = {peers: [self.peer() for _ in range(2)]}
            if self.r.random() < 0.7:
                named = self.shape == "dual" and self.r.random() < 0.5
                rule["ports"] = [{"port": self.r.choice(("web", "metrics")) if named else 8000 + self.r.randrange(5)}]
            out.append(rule)
        return out

    def policy(self, i):
        chosen = {"app": f"a{self.r.randrange(50)}"}
        if self.shape != "owned" and self.r.random() < 0.5:
            chosen["tier"] = f"t{self.r.randrange(3)}"
        return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": f"np-{i}", "namespace": "crowd"},
                "spec": {"podSelector": {"matchLabels": chosen}, "policyTypes": ["Ingress", "Egress"],
                         "ingress": self.rules("from"), "egress": self.rules("to")}}

    def objects(self):
        for ns in ("crowd", "other"):
            yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}}
        yield {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "guest", "namespace": "other", "labels": {"app": "a1"}},
               "spec": {"containers": [{"name": "c", "image": "i"}]}, "status": {"podIP": "10.200.0.1"}}
        if self.shape == "owned":
            for app in range(50):
                template = {"metadata": {"labels": {"app": f"a{app}"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
                spec = {"replicas": self.pods // 50, "selector": {"matchLabels": {"app": f"a{app}"}}, "template": template}
                yield {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": f"app-{app}", "namespace": "crowd"}, "spec": spec}
                yield {"apiVersion": "apps/v1", "kind": "ReplicaSet", "spec": spec,
                       "metadata": {"name": f"app-{app}-5d5d5d5d5d", "namespace": "crowd",
                                    "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": f"app-{app}", "controller": True,
                                                         "uid": "d"}]}}
        for i in range(self.pods):
            yield self.pod(i)
        for i in range(self.policies):
            yield self.policy(i)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("shape", choices=SHAPES)
    a.add_argument("--pods", type=int, default=50_000)
    a.add_argument("--policies", type=int, default=300)
    a.add_argument("--seed", type=int, default=1)
    o = a.parse_args()
    for x in Cluster(o.shape, o.pods, o.policies, o.seed).objects():
        sys.stdout.write(json.dumps(x, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
