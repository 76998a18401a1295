#!/usr/bin/env python3
"""The network functions of ClusterChecks (net.reaches, net.from, net.into, netpol.isolated) against the brute force of netpol.py.

Each question is a ClusterCheck of its own: failed is yes, passed is no, not assessed is unknown; lists come by messageExpression. What the
network plugin decides is asked of every reading: where they differ, the answer is to be unknown. Seeded."""
import argparse
import ipaddress
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import netpol

INTERNET = "11.22.33.44"
OUTSIDE = ("internet", "10.1.1.9", "192.168.0.1", "192.168.0.2", "169.254.169.254", "200.1.2.3", "fd00:1::5")
# Where a Pod of which nothing is known may have its address.
POD_SPACE = [ipaddress.ip_network(x) for x in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15",
                                               "240.0.0.0/4", "2000::/3", "fc00::/7")]


class Wide(netpol.Maker):
    """More namespaces than a word has bits."""

    def ns_selector(self):
        if self.chance(0.4):
            return {"matchLabels": {"kubernetes.io/metadata.name": f"n{self.r.randint(0, 149)}"}}
        return self.selector()

    def cluster(self):
        namespaces = [f"n{i}" for i in range(150)]
        objects = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": n, "labels": self.labels()}} for n in namespaces]
        objects += [self.pod(i, namespaces) for i in range(170)]
        objects += [self.network_policy(i, namespaces) for i in range(60)]
        objects += [self.tiered("t", 5)]
        self.r.shuffle(objects)
        return objects


def stranger(objects):
    """A Pod without labels in a namespace that nothing names: one for each address of each family that it might have."""
    spaces = netpol.addresses_of(objects, True) + [ipaddress.ip_address(x) for x in ("172.16.0.1", "100.64.0.1", "240.0.0.1", "2001:db9::1", "fc00::1")]
    namespaces = {"(any other namespace)": {"kubernetes.io/metadata.name": "(any other namespace)"}}
    pod = lambda *own: {"metadata": {"name": "stranger", "namespace": "(any other namespace)"}, "spec": {"containers": []},
                        "status": {"podIPs": [{"ip": str(a)} for a in own]}}
    four, six = ([a for a in spaces if a.version == v and any(a in x for x in POD_SPACE if x.version == v)] for v in (4, 6))
    return [netpol.End(pod(four[i % len(four)], six[i % len(six)]), namespaces=namespaces) for i in range(max(len(four), len(six)))]


class Brute:
    def __init__(self, objects):
        self.objects = objects
        self.readings = [netpol.Oracle(objects, yes) for yes in (False, True)]
        self.pods = {(p.ns, p.pod["metadata"]["name"]): p for p in self.readings[0].pods}
        self.whole = {o["metadata"]["name"] for o in objects if o["kind"] == "Namespace"}
        self.strangers, self.ports = stranger(objects), netpol.ports_of(objects)
        self.networks = '"networks"' in json.dumps(objects)

    def ends(self, x):
        if x == "stranger":
            return self.strangers
        if isinstance(x, tuple):
            return [self.pods[x]]
        return [netpol.End(address=ipaddress.ip_address(INTERNET if x == "internet" else x))]

    def reaches(self, a, b, port):
        """True, False, None: the readings differ."""
        said = set()
        for reading in self.readings:
            for x in self.ends(a):
                for y in self.ends(b):
                    said.add(reading.connects(x, y, "TCP", port) if port else
                             any(reading.connects(x, y, p, n) for p in netpol.PROTOCOLS for n in self.ports))
                    if len(said) == 2:
                        return None
        return said.pop()

    def is_known(self, x):
        return not isinstance(x, tuple) or x[0] in self.whole

    def is_loose(self, *ends):
        """Rules may each be read otherwise: an unknown answer is right too."""
        return any(isinstance(x, tuple) and self.pods[x].host for x in ends) or (self.networks and "stranger" in ends)

    def isolated(self, x, kind):
        pod = self.pods[x]
        answer = self.readings[0].network_allows(kind, pod, pod, pod, "TCP", 1) is not None
        return answer if answer or x[0] in self.whole else None


def text(end, own="object"):
    return f"cluster.find('Pod', '{end[0]}', '{end[1]}')" if isinstance(end, tuple) else own if end is None else f"'{end}'"


def questions(brute, r):
    """(over, expression, [answer by object]): answers are functions, None where unknown, and whether unknown will do as well."""
    pods = sorted(brute.pods)
    some = lambda: r.choice(pods + ["stranger"] + list(OUTSIDE))
    port = lambda: r.choice((0, 53, 80, 443, 8080, 9090)) if len(pods) < 10 else r.choice((53, 80))
    for i in range(8):
        far, n, out = some(), port(), r.random() < 0.5
        known = lambda x, far=far: brute.is_known(x) and brute.is_known(far)
        ends = lambda x, far=far, out=out: (x, far) if out else (far, x)
        ask = lambda x, n=n, ends=ends, known=known: brute.reaches(*ends(x), n) if known(x) else None
        loose = lambda x, known=known, far=far: known(x) and brute.is_loose(x, far)
        a, b = (None, far) if out else (far, None)
        yield "workloads", f"net.reaches({text(a)}, {text(b)}{', %d' % n if n else ''})", ask, loose
    for kind in ("Ingress", "Egress"):
        yield ("workloads", f"netpol.isolated(object, '{kind}')", lambda x, kind=kind: brute.isolated(x, kind),
               lambda x: brute.is_loose(x))
    for i in range(4):
        far, n, out = some(), port(), r.random() < 0.5

        def all_of(ns, far=far, n=n, out=out):
            own = [x for x in brute.pods if x[0] == ns]
            if own and not (ns in brute.whole and brute.is_known(far)):
                return None
            said = {x: brute.reaches(*((x, far) if out else (far, x)), n) for x in own if not brute.pods[x].host}
            yes = [f"Pod {x[0]}/{x[1]}" for x in said if said[x]]
            return yes if yes or None not in said.values() else None
        tail = f"{', %d' % n if n else ''}).join(',')"
        yield ("namespaces", f"net.from(object.metadata.name, {text(far)}{tail}" if out else f"net.into({text(far)}, object.metadata.name{tail}",
               all_of, lambda ns, far=far: brute.is_loose(far))


def check(i, over, expression):
    validation = {"expression": f"!({expression})", "message": "yes"} if over == "workloads" else \
        {"expression": "false", "message": "unknown", "messageExpression": f"'=' + {expression}"}
    return {"apiVersion": "casemate.dev/v1alpha1", "kind": "ClusterCheck",
            "metadata": {"name": f"q{i}", "annotations": {"casemate.dev/severity": "low"}}, "spec": {"over": [over], "validations": [validation]}}


def compare(program, objects, seed, folder):
    """The first difference, or None; how many questions were asked, and how many of the answers were unknown."""
    brute, r = Brute(objects), random.Random(f"ask {seed}")
    asked = list(questions(brute, r))
    (folder / "cluster.json").write_text("\n".join(json.dumps(o) for o in objects))
    (folder / "checks.json").write_text("\n".join(json.dumps(check(i, q[0], q[1])) for i, q in enumerate(asked)))
    done = subprocess.run([program, "scan", "-f", "json", "--policy", str(folder / "checks.json"), str(folder / "cluster.json")],
                          capture_output=True, text=True)
    if done.returncode > 1:
        return f"status {done.returncode}: {done.stderr[:300]}", 0, 0
    said = {}
    for f in json.loads(done.stdout)["findings"]:
        if f["policy"][0] == "q" and f["policy"][1:].isdigit():
            said[int(f["policy"][1:]), f["object"]["namespace"], f["object"]["name"]] = f
    n = unknown = 0
    for i, (over, expression, ask, loose) in enumerate(asked):
        for x in sorted(brute.pods) if over == "workloads" else sorted({p[0] for p in brute.pods} | brute.whole):
            f = said.get((i, *x) if over == "workloads" else (i, "", x))
            if over == "workloads":
                got = False if not f else True if f["status"] == "fail" else None
            else:
                text_of = f["message"] if f and f["status"] == "fail" else ""
                got = None if not text_of.startswith("=") else [w for w in text_of[1:].split(",") if w]
            wanted = ask(x)
            n, unknown = n + 1, unknown + (got is None)
            if isinstance(wanted, list) and isinstance(got, list):
                wanted, got = sorted(wanted), sorted(got)
            if got != wanted and not (got is None and loose(x)):
                return f"{x}: {expression}: {got}, by the specification {wanted}", n, unknown
    return None, n, unknown


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("--count", type=int, default=300)
    a.add_argument("--wide", type=int, default=4, help="of them with 150 namespaces")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--only", type=int, help="this cluster only, and print it")
    o = a.parse_args()
    bad = asked = unknown = 0
    with tempfile.TemporaryDirectory() as folder:
        for i, objects in netpol.drawn(o, lambda i: (Wide if i < o.wide else netpol.Maker)(f"checks {o.seed}/{i}")):
            wrong, n, m = compare(o.program, objects, f"{o.seed}/{i}", pathlib.Path(folder))
            asked, unknown = asked + n, unknown + m
            if wrong:
                bad += 1
                print(f"cluster {i}: {wrong}")
                if bad == 10:
                    break
    if asked and unknown * 2 > asked:
        print("most answers are unknown: nothing is compared")
        bad += 1
    print(f"{o.count if o.only is None else 1} clusters, {asked} answers, {unknown} unknown, {bad} clusters differ")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
