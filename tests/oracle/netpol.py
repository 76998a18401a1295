#!/usr/bin/env python3
"""A brute-force evaluator of network policies against `casemate net list`, on random small clusters.

Written from the specification, with nothing of the program's algorithm: for every source and destination it walks the rules as the
API's documentation reads, and asks each of their ports about every protocol and sampled port (a bit of an integer for each
such question, so that a rule has its say about all of them at once). Addresses outside are sampled at and around every place where a
block begins or ends. The same list with --group, its groups written out, must say the same. Seeded: the same clusters every time."""
import argparse
import functools
import ipaddress
import json
import pathlib
import random
import subprocess
import sys
import tempfile

PROTOCOLS = ("TCP", "UDP", "SCTP")
KEYS, VALUES = ("app", "tier", "env"), ("a", "b", "c")
NAMES = ("web", "dns", "metrics")
BLOCKS4 = ("0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.1.0/24", "10.1.1.7/28", "192.168.0.0/16", "10.1.0.3/32", "128.0.0.0/1")
BLOCKS6 = ("::/0", "fd00::/8", "fd00:1::/32", "2001:db8::/32")


# ---- random clusters

class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.six = self.r.random() < 0.3

    def some(self, xs, low=0, high=2):
        return self.r.sample(xs, min(len(xs), self.r.randint(low, high)))

    def chance(self, p):
        return self.r.random() < p

    def labels(self):
        return {k: self.r.choice(VALUES) for k in self.some(KEYS, 0, 3)}

    def selector(self, empty=0.25):
        s = {}
        if self.chance(empty):
            return s
        if self.chance(0.7):
            s["matchLabels"] = {k: self.r.choice(VALUES) for k in self.some(KEYS, 1, 2)}
        if self.chance(0.4):
            s["matchExpressions"] = [self.expression() for _ in range(self.r.randint(1, 2))]
        return s

    def expression(self):
        op = self.r.choice(("In", "NotIn", "Exists", "DoesNotExist"))
        e = {"key": self.r.choice(KEYS), "operator": op}
        if op in ("In", "NotIn"):
            e["values"] = self.some(VALUES, 1, 3)
        return e

    def ns_selector(self):
        if self.chance(0.2):
            return {"matchLabels": {"kubernetes.io/metadata.name": f"n{self.r.randint(0, 3)}"}}
        return self.selector()

    def container(self, number):
        ports, used = [], set()
        for _ in range(self.r.randint(0, 3)):
            p = {"containerPort": self.r.choice((53, 80, 443, 8080, 9090))}
            if self.chance(0.6):
                name = self.r.choice(NAMES)
                if name in used:
                    continue
                used.add(name)
                p["name"] = name
            if self.chance(0.4):
                p["protocol"] = self.r.choice(PROTOCOLS)
            ports.append(p)
        c = {"name": f"c{number}", "image": "i"}
        if ports:
            c["ports"] = ports
        return c

    def pod(self, i, namespaces):
        spec = {"containers": [self.container(0)]}
        if self.chance(0.2):
            spec["initContainers"] = [dict(self.container(1), restartPolicy="Always")]
        if self.chance(0.1):
            spec["hostNetwork"] = True
        ips = [f"10.{self.r.randint(0, 2)}.{self.r.randint(0, 2)}.{i + 1}"]
        if self.six and self.chance(0.7):
            ips.append(f"fd00:{self.r.randint(0, 2):x}::{i + 1:x}")
        meta = {"name": f"p{i}", "namespace": self.r.choice(namespaces)}
        if self.chance(0.9):
            meta["labels"] = self.labels()
        return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec,
                "status": {"podIP": ips[0], "podIPs": [{"ip": x} for x in ips]}}

    def block(self):
        six = self.six and self.chance(0.4)
        b = {"cidr": self.r.choice(BLOCKS6 if six else BLOCKS4)}
        whole = ipaddress.ip_network(b["cidr"], strict=False)
        inner = [x for x in (BLOCKS6 if six else BLOCKS4)
                 if ipaddress.ip_network(x, strict=False).subnet_of(whole) and ipaddress.ip_network(x, strict=False) != whole]
        if inner and self.chance(0.5):
            b["except"] = self.some(inner, 1, 2)
        return {"ipBlock": b}

    def peer(self):
        kind = self.r.random()
        if kind < 0.25:
            return self.block()
        if kind < 0.5:
            return {"podSelector": self.selector()}
        if kind < 0.75:
            return {"namespaceSelector": self.ns_selector()}
        return {"namespaceSelector": self.ns_selector(), "podSelector": self.selector()}

    def port(self):
        p = {}
        if self.chance(0.7):
            p["protocol"] = self.r.choice(PROTOCOLS)
        if self.chance(0.85):
            if self.chance(0.3):
                p["port"] = self.r.choice(NAMES)
            else:
                p["port"] = self.r.choice((53, 80, 443, 8080, 9090, 1, 65535))
                if self.chance(0.3):
                    p["endPort"] = min(65535, p["port"] + self.r.choice((0, 1, 500, 40000)))
        return p

    def rule(self, peers):
        rule = {}
        if self.chance(0.75):
            rule[peers] = [self.peer() for _ in range(self.r.randint(0, 2))]
        if self.chance(0.6):
            rule["ports"] = [self.port() for _ in range(self.r.randint(0, 2))]
        return rule

    def network_policy(self, i, namespaces):
        spec = {"podSelector": self.selector(0.4)}
        if self.chance(0.7):
            spec["ingress"] = [self.rule("from") for _ in range(self.r.randint(0, 2))]
        if self.chance(0.6):
            spec["egress"] = [self.rule("to") for _ in range(self.r.randint(0, 2))]
        if self.chance(0.6):
            spec["policyTypes"] = self.some(("Ingress", "Egress"), 1, 2)
        return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
                "metadata": {"name": f"np{i}", "namespace": self.r.choice(namespaces)}, "spec": spec}

    def subject(self):
        if self.chance(0.5):
            return {"namespaces": self.ns_selector()}
        return {"pods": {"namespaceSelector": self.ns_selector(), "podSelector": self.selector()}}

    def tier_peer(self, out):
        kind = self.r.random()
        if out and kind < 0.25:
            return {"networks": self.some(BLOCKS4 + (BLOCKS6 if self.six else ()), 1, 2)}
        if out and kind < 0.35:
            return {"nodes": self.selector()}
        return self.subject()

    def tier_port(self, cluster):
        number = self.r.choice((53, 80, 443, 8080, 9090))
        protocol = self.r.choice(PROTOCOLS)
        span = {"start": number, "end": min(65535, number + self.r.choice((0, 1, 400)))}
        if self.chance(0.25):
            return {"destinationNamedPort": self.r.choice(NAMES)} if cluster else {"namedPort": self.r.choice(NAMES)}
        if cluster:
            kind = self.r.random()
            port = {} if kind < 0.2 else {"destinationPort": {"number": number} if kind < 0.6 else {"range": span}}
            return {protocol.lower(): port}
        if self.chance(0.5):
            return {"portNumber": {"protocol": protocol, "port": number}}
        return {"portRange": {"protocol": protocol, **span}}

    def tier_rule(self, cluster, baseline, out):
        actions = ["Accept" if cluster else "Allow", "Deny"] + ([] if baseline and not cluster else ["Pass"])
        rule = {"action": self.r.choice(actions), "to" if out else "from": [self.tier_peer(out) for _ in range(self.r.randint(1, 2))]}
        if self.chance(0.5):
            rule["protocols" if cluster else "ports"] = [self.tier_port(cluster) for _ in range(self.r.randint(1, 2))]
        return rule

    def tiered(self, name, priority):
        kind = self.r.choice(("AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"))
        cluster, spec = kind == "ClusterNetworkPolicy", {"subject": self.subject()}
        if kind == "BaselineAdminNetworkPolicy":
            name = "default"
        else:
            spec["priority"] = priority
        if cluster:
            spec["tier"] = self.r.choice(("Admin", "Baseline"))
        baseline = kind == "BaselineAdminNetworkPolicy" or spec.get("tier") == "Baseline"
        for field, out in (("ingress", False), ("egress", True)):
            if self.chance(0.6):
                spec[field] = [self.tier_rule(cluster, baseline, out) for _ in range(self.r.randint(1, 3))]
        return {"apiVersion": f"policy.networking.k8s.io/v1alpha{2 if cluster else 1}", "kind": kind, "metadata": {"name": name},
                "spec": spec}

    def cluster(self):
        namespaces = [f"n{i}" for i in range(self.r.randint(1, 4))]
        objects = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": n, "labels": self.labels()}}
                   for n in namespaces if self.chance(0.8)]
        for i in range(self.r.randint(0, 2)):
            objects.append({"apiVersion": "v1", "kind": "Node", "metadata": {"name": f"node{i}", "labels": self.labels()},
                            "status": {"addresses": [{"type": "InternalIP", "address": f"192.168.0.{i + 1}"}]}})
        objects += [self.pod(i, namespaces) for i in range(self.r.randint(2, 6))]
        objects += [self.network_policy(i, namespaces) for i in range(self.r.randint(0, 5))]
        if self.chance(0.6):
            priorities = self.r.sample(range(0, 1001), 3)
            tiered = [self.tiered(f"t{i}", p) for i, p in enumerate(priorities[: self.r.randint(1, 3)])]
            seen = set()
            for t in tiered:
                if t["metadata"]["name"] not in seen:
                    objects.append(t)
                seen.add(t["metadata"]["name"])
        self.r.shuffle(objects)
        return objects


# ---- the specification, read aloud

def selects(s, labels):
    for k, v in s.get("matchLabels", {}).items():
        if labels.get(k) != v:
            return False
    for e in s.get("matchExpressions", []):
        has, value = e["key"] in labels, labels.get(e["key"])
        holds = {"In": has and value in e.get("values", []), "NotIn": not has or value not in e.get("values", []),
                 "Exists": has, "DoesNotExist": not has}[e["operator"]]
        if not holds:
            return False
    return True


class End:
    """One end of a connection: a Pod, or an address outside."""

    def __init__(self, pod=None, address=None, namespaces=None):
        self.pod, self.addresses, self.labels, self.ns, self.ns_labels, self.host = pod, [address], None, None, None, False
        if pod:
            self.addresses = [ipaddress.ip_address(x["ip"]) for x in pod["status"]["podIPs"]]
            self.labels = pod["metadata"].get("labels", {})
            self.ns = pod["metadata"]["namespace"]
            self.ns_labels = namespaces[self.ns]
            self.host = pod["spec"].get("hostNetwork", False)
            self.name = f"{self.ns}/{pod['metadata']['name']}[Pod]"

    def named(self, name):
        for c in self.pod["spec"]["containers"] + self.pod["spec"].get("initContainers", []) if self.pod else []:
            for p in c.get("ports", []):
                if p.get("name") == name:
                    yield p.get("protocol", "TCP"), p["containerPort"]


network = functools.cache(functools.partial(ipaddress.ip_network, strict=False))


def inside(cidr, end, excepts=()):
    def holds(a, c):
        n = network(c)
        return a.version == n.version and a in n
    return any(holds(a, cidr) and not any(holds(a, x) for x in excepts) for a in end.addresses)


class Oracle:
    def __init__(self, objects, blocks_match_pods):
        self.blocks_match_pods = blocks_match_pods
        of = lambda kind: [o for o in objects if o["kind"] == kind]
        self.namespaces = {}
        for o in objects:
            if "namespace" in o["metadata"]:
                self.namespaces[o["metadata"]["namespace"]] = {}
        for n in of("Namespace"):
            self.namespaces[n["metadata"]["name"]] = dict(n["metadata"].get("labels", {}))
        for n, labels in self.namespaces.items():
            labels["kubernetes.io/metadata.name"] = n
        self.pods = [End(p, namespaces=self.namespaces) for p in of("Pod")]
        self.nodes = of("Node")
        self.network = of("NetworkPolicy")
        cluster = of("ClusterNetworkPolicy")
        by_priority = lambda p: p["spec"]["priority"]
        self.admin = sorted(of("AdminNetworkPolicy") + [p for p in cluster if p["spec"]["tier"] == "Admin"], key=by_priority)
        self.baseline = sorted([p for p in cluster if p["spec"]["tier"] == "Baseline"], key=by_priority) + of("BaselineAdminNetworkPolicy")

    # networking.k8s.io/v1

    def types(self, spec):
        return spec.get("policyTypes") or (["Ingress"] + (["Egress"] if spec.get("egress") else []))

    def peer(self, p, ns, end):
        if "ipBlock" in p:
            if end.pod and not self.blocks_match_pods:
                return False
            return inside(p["ipBlock"]["cidr"], end, p["ipBlock"].get("except", ()))
        if not end.pod:
            return False
        if "namespaceSelector" in p:
            if not selects(p["namespaceSelector"], end.ns_labels):
                return False
        elif end.ns != ns:
            return False
        return selects(p.get("podSelector", {}), end.labels)

    def port(self, p, to, protocol, port):
        if p.get("protocol", "TCP") != protocol:
            return False
        if "port" not in p:
            return True
        if isinstance(p["port"], str):
            return (protocol, port) in to.named(p["port"])
        return p["port"] <= port <= p.get("endPort", p["port"])

    def network_allows(self, kind, own, other, to, protocol, port):
        """None: no policy isolates it in this direction."""
        isolated = False
        field, peers = ("ingress", "from") if kind == "Ingress" else ("egress", "to")
        for n in self.network:
            spec, ns = n["spec"], n["metadata"]["namespace"]
            if own.ns != ns or not selects(spec["podSelector"], own.labels) or kind not in self.types(spec):
                continue
            isolated = True
            for rule in spec.get(field, []):
                if (not rule.get(peers) or any(self.peer(p, ns, other) for p in rule[peers])) and \
                        (not rule.get("ports") or any(self.port(p, to, protocol, port) for p in rule["ports"])):
                    return True
        return False if isolated else None

    # policy.networking.k8s.io

    def pods_match(self, s, end):
        if not end.pod or end.host:
            return False
        if "namespaces" in s:
            return selects(s["namespaces"], end.ns_labels)
        return selects(s["pods"]["namespaceSelector"], end.ns_labels) and selects(s["pods"]["podSelector"], end.labels)

    def tier_peer(self, p, end):
        if "networks" in p:
            return any(inside(c, end) for c in p["networks"])
        if "nodes" in p:
            return not end.pod and any(
                selects(p["nodes"], n["metadata"]["labels"]) and ipaddress.ip_address(a["address"]) in end.addresses
                for n in self.nodes for a in n["status"]["addresses"])
        return self.pods_match(p, end)

    def tier_port(self, p, to, protocol, port):
        name = p.get("namedPort", p.get("destinationNamedPort"))
        if name:
            return (protocol, port) in to.named(name)
        if "portNumber" in p:
            return (protocol, port) == (p["portNumber"]["protocol"], p["portNumber"]["port"])
        if "portRange" in p:
            return protocol == p["portRange"]["protocol"] and p["portRange"]["start"] <= port <= p["portRange"]["end"]
        if protocol.lower() not in p:
            return False
        d = p[protocol.lower()].get("destinationPort")
        if not d:
            return True
        return port == d["number"] if "number" in d else d["range"]["start"] <= port <= d["range"]["end"]

    def tier(self, policies, kind, own, other, to, protocol, port):
        """True, False, or None: passed on, or nothing said."""
        field, peers = ("ingress", "from") if kind == "Ingress" else ("egress", "to")
        for n in policies:
            if not self.pods_match(n["spec"]["subject"], own):
                continue
            for rule in n["spec"].get(field, []):
                ports = rule.get("ports", rule.get("protocols"))
                if any(self.tier_peer(p, other) for p in rule[peers]) and \
                        (not ports or any(self.tier_port(p, to, protocol, port) for p in ports)):
                    return {"Allow": True, "Accept": True, "Deny": False, "Pass": None}[rule["action"]]
        return None

    def allows(self, kind, own, other, to, protocol, port):
        if not own.pod:
            return True
        for answer in (self.tier(self.admin, kind, own, other, to, protocol, port),
                       self.network_allows(kind, own, other, to, protocol, port),
                       self.tier(self.baseline, kind, own, other, to, protocol, port)):
            if answer is not None:
                return answer
        return True

    def connects(self, a, b, protocol, port):
        return self.allows("Egress", a, b, b, protocol, port) and self.allows("Ingress", b, a, b, protocol, port)


class Survey(Oracle):
    """The same of many questions at once, (protocol, port) each: a bit of an integer for each, so that a rule has its say about all of
    them together. Which questions the ports of a rule are about is asked one by one."""

    def __init__(self, objects, blocks_match_pods, questions):
        super().__init__(objects, blocks_match_pods)
        self.questions, self.every, self.known = questions, (1 << len(questions)) - 1, {}

    def asked(self, ports, holds, to):
        """The questions that these ports of a rule are about; no ports: all of them."""
        if not ports:
            return self.every
        key = id(ports), to.pod and id(to)  # addresses have no ports with names
        if key not in self.known:
            self.known[key] = sum(1 << i for i, q in enumerate(self.questions) if any(holds(p, to, *q) for p in ports))
        return self.known[key]

    def network_answers(self, kind, own, other, to):
        """None: no policy isolates it in this direction."""
        isolated, allowed = False, 0
        field, peers = ("ingress", "from") if kind == "Ingress" else ("egress", "to")
        for n in self.network:
            spec, ns = n["spec"], n["metadata"]["namespace"]
            if own.ns != ns or not selects(spec["podSelector"], own.labels) or kind not in self.types(spec):
                continue
            isolated = True
            for rule in spec.get(field, []):
                if not rule.get(peers) or any(self.peer(p, ns, other) for p in rule[peers]):
                    allowed |= self.asked(rule.get("ports"), self.port, to)
        return allowed if isolated else None

    def tier_answers(self, policies, kind, own, other, to):
        """What it allows, and what it denies; the rest is passed on, or nothing is said of it."""
        field, peers = ("ingress", "from") if kind == "Ingress" else ("egress", "to")
        said = {"Allow": 0, "Deny": 0, "Pass": 0}
        for n in policies:
            if not self.pods_match(n["spec"]["subject"], own):
                continue
            for rule in n["spec"].get(field, []):
                if any(self.tier_peer(p, other) for p in rule[peers]):
                    about = self.asked(rule.get("ports", rule.get("protocols")), self.tier_port, to)
                    for earlier in said.values():
                        about &= ~earlier  # the first rule that matches decides
                    said[rule["action"].replace("Accept", "Allow")] |= about
        return said["Allow"], said["Deny"]

    def answers(self, kind, own, other, to):
        if not own.pod:
            return self.every
        allowed, denied = self.tier_answers(self.admin, kind, own, other, to)
        left = self.every & ~allowed & ~denied
        network = self.network_answers(kind, own, other, to)
        if network is not None:
            return allowed | left & network
        later, denied = self.tier_answers(self.baseline, kind, own, other, to)
        return allowed | left & ~denied

    def connections(self, a, b):
        """The questions that are answered with yes."""
        return self.answers("Egress", a, b, b) & self.answers("Ingress", b, a, b)


# ---- comparison

def ports_of(objects):
    edges = {1, 65535}

    def walk(x):
        if isinstance(x, dict):
            for k, v in x.items():
                if k in ("port", "endPort", "start", "end", "number", "containerPort") and isinstance(v, int):
                    edges.update((v - 1, v, v + 1))
                walk(v)
        elif isinstance(x, list):
            for v in x:
                walk(v)
    walk(objects)
    return sorted(p for p in edges if 1 <= p <= 65535)


def addresses_of(objects, six):
    found = {ipaddress.ip_address("0.0.0.0"), ipaddress.ip_address("255.255.255.255"), ipaddress.ip_address("192.168.0.1"),
             ipaddress.ip_address("192.168.0.2"), ipaddress.ip_address("192.168.0.3")}
    for b in BLOCKS4 + BLOCKS6:
        n = ipaddress.ip_network(b, strict=False)
        for x in (int(n[0]) - 1, int(n[0]), int(n[-1]), int(n[-1]) + 1):
            if 0 <= x < 2 ** (32 if n.version == 4 else 128):
                found.add(ipaddress.ip_address(x) if n.version == 4 else ipaddress.IPv6Address(x))
    return sorted((a for a in found if a.version == 4 or six), key=lambda a: (a.version, a))


class Answer:
    """What the program said, ready to be asked."""

    def __init__(self, entries):
        self.by = {}
        self.ranges = [{}, {}]
        for e in entries:
            self.by[e["source"], e["destination"]] = e
            for side, name in enumerate((e["source"], e["destination"])):
                if name.endswith("[External]"):
                    first, last = name[: -len("[External]")].split("-")
                    self.ranges[side][name] = ipaddress.ip_address(first), ipaddress.ip_address(last)

    def name(self, end, side):
        if end.pod:
            return end.name
        a = end.addresses[0]
        for name, (first, last) in self.ranges[side].items():
            if a.version == first.version and first <= a <= last:
                return name
        return None

    def get(self, a, b, field):
        e = self.by.get((self.name(a, 0), self.name(b, 1)))
        found = {p: [] for p in PROTOCOLS}
        for c in e.get(field, []) if e else []:
            for p in c["ports"]:
                first, _, last = p.partition("-")
                found[c["protocol"]].append((int(first), int(last or first)))
        return found

    def bits(self, a, b, field, questions):
        found = self.get(a, b, field)
        return sum(1 << i for i, (protocol, port) in enumerate(questions) if any(x <= port <= y for x, y in found[protocol]))


def said_of(answer):
    """Pairs, with groups written out: what is said of them. A member of a group is not its own destination."""
    groups, said = answer.get("groups", {}), {}
    for e in answer["entries"]:
        for a in groups.get(e["source"], [e["source"]]):
            for b in groups.get(e["destination"], [e["destination"]]):
                if a != b:
                    said[a, b] = e["connections"], e.get("perhaps"), e.get("some_pods")
    return said


def compare(program, objects, seed, folder):
    """The first difference, or None; and how many questions were asked."""
    path = folder / "cluster.json"
    path.write_text("\n".join(json.dumps(o) for o in objects))
    profile = random.Random(seed).choice(("spec", "ipblock-yes", "ipblock-no"))
    lists = []
    for more in ([], ["--group"]):
        done = subprocess.run([program, "net", "list", "--pods", "-f", "json", "--cni", profile, *more, str(path)], capture_output=True, text=True)
        if done.returncode != 0:
            return f"status {done.returncode}: {done.stderr[:300]}", 0
        lists.append(json.loads(done.stdout))
    answer, (plain, grouped) = Answer(lists[0]["entries"]), map(said_of, lists)
    for pair in sorted(plain.keys() | grouped.keys()):
        if plain.get(pair) != grouped.get(pair):
            return f"{pair} ({profile}): {plain.get(pair)}, with --group {grouped.get(pair)}", 0
    questions = [(protocol, port) for protocol in PROTOCOLS for port in ports_of(objects)]
    low, high = Survey(objects, profile == "ipblock-yes", questions), Survey(objects, profile != "ipblock-no", questions)
    six = any(a.version == 6 for p in low.pods for a in p.addresses)
    outside, asked = [End(address=a) for a in addresses_of(objects, six)], 0
    pairs = [(a, b) for a in low.pods for b in low.pods if a is not b] + \
            [(a, b) for a in low.pods for b in outside] + [(a, b) for a in outside for b in low.pods]
    for a, b in pairs:
        asked += len(questions)
        got = answer.bits(a, b, "connections", questions)
        maybe = got | answer.bits(a, b, "perhaps", questions)
        wanted, could = low.connections(a, b), high.connections(a, b)
        # Where blocks stand in rules that deny, the two readings are not ordered: the bounds hold both.
        wanted, could = wanted & could, wanted | could
        wrong = (got ^ wanted) | (maybe ^ could)
        if wrong:
            i = (wrong & -wrong).bit_length() - 1
            bit = lambda x: bool(x >> i & 1)
            name = lambda x: x.name if x.pod else str(x.addresses[0])
            return f"{name(a)} => {name(b)} {questions[i]} ({profile}): {bit(got), bit(maybe)}, by the specification {bit(wanted), bit(could)}", asked
    return None, asked


def drawn(o, make):
    """Clusters one after the other: (number, objects); with --only that one, printed. make(number): its Maker."""
    for i in [o.only] if o.only is not None else range(o.count):
        objects = make(i).cluster()
        if o.only is not None:
            print("\n---\n".join(json.dumps(x) for x in objects))
        yield i, objects


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("--count", type=int, default=2000)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--only", type=int, help="this cluster only, and print it")
    o = a.parse_args()
    bad = asked = 0
    with tempfile.TemporaryDirectory() as folder:
        for i, objects in drawn(o, lambda i: Maker(f"{o.seed}/{i}")):
            wrong, n = compare(o.program, objects, i, pathlib.Path(folder))
            asked += n
            if wrong:
                bad += 1
                print(f"cluster {i}: {wrong}")
                if bad == 10:
                    break
    print(f"{o.count if o.only is None else 1} clusters, {asked} questions, {bad} clusters differ")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
