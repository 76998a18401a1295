#!/usr/bin/env python3
"""`casemate net exposure` held against the specification, on random small clusters. Seeded.

1. Each entry: the evaluator of netpol.py is asked about a Pod of which only the entry's selectors are known, where a selector
   takes it if it takes every label set that meets them (all of them are tried). Connections, what depends, and `protected`
   must be the same; and an entry that is left out must be that of any Pod.
2. Pods that come later: Pods with random labels, in new and in old namespaces, are added to the input. What `net list` then
   allows them must be what an entry says whose rules are the ones that take the Pod. Where all policies are NetworkPolicies and
   none lives in the Pod's namespace, it is in any case no more than all entries that speak of the Pod say together. (Elsewhere
   a Pod that several choices take at once may do what no entry has: one lets it pass to where another allows it.)
3. `offered`: Services, Ingresses and routes, followed by hand."""
import argparse
import ipaddress
import itertools
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import netpol
from netpol import KEYS, PROTOCOLS, VALUES, End, Oracle

NAME = "kubernetes.io/metadata.name"
FRESH = "zz"
# Where a Pod of which nothing is known may be: in clusters with IPv6 it has an address of each family.
PLACES4 = ("10.77.1.1", "10.1.77.1", "10.1.1.77", "10.1.1.5", "10.1.0.3", "192.168.77.1", "172.16.0.1")
PLACES6 = ("fd00:1::77", "2001:db8::77")


# ---- clusters

class Maker(netpol.Maker):
    def cluster(self):
        objects = super().cluster()
        namespaces = [o["metadata"]["name"] for o in objects if o["kind"] == "Namespace"]
        if self.chance(0.3):
            objects.append({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "empty", "labels": self.labels()}})
        pods = [o for o in objects if o["kind"] == "Pod"]
        for i in range(self.r.randint(0, 2)):
            objects += self.service(i, self.r.choice(pods), namespaces)
        return objects

    def service(self, i, pod, namespaces):
        ns, labels = pod["metadata"]["namespace"], pod["metadata"].get("labels", {})
        if not labels:
            return []
        ports = []
        for k in range(self.r.randint(1, 2)):
            p = {"name": f"s{k}", "port": 8000 + k}
            if self.chance(0.6):
                p["targetPort"] = self.r.choice((80, 9090, "web", "dns"))
            if self.chance(0.4):
                p["protocol"] = self.r.choice(PROTOCOLS)
            ports.append(p)
        service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": f"s{i}", "namespace": ns},
                   "spec": {"selector": dict(self.some(list(labels.items()), 1, 2)), "ports": ports,
                            "type": self.r.choice(("ClusterIP", "NodePort", "LoadBalancer"))}}
        port = self.r.choice(ports)
        lead = self.r.choice((
            {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "spec": {"rules": [{"http": {"paths": [
                {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": f"s{i}", "port": self.r.choice(
                    ({"number": port["port"]}, {"name": port["name"]}, {"number": self.r.choice((80, 9090))}))}}}]}}]}},
            {"apiVersion": "gateway.networking.k8s.io/v1", "kind": self.r.choice(("HTTPRoute", "TCPRoute")),
             "spec": {"rules": [{"backendRefs": [{"name": f"s{i}", "port": self.r.choice((port["port"], port["port"], 80))}]}]}},
            {"apiVersion": "route.openshift.io/v1", "kind": "Route", "spec": {"to": {"kind": "Service", "name": f"s{i}"},
                                                                            "port": {"targetPort": self.r.choice((port["name"], 80, 9090))}}},
            None))
        if not lead:
            return [service]
        return [service, dict(lead, metadata={"name": f"lead{i}", "namespace": ns})]


# ---- selectors as label sets: a selector takes a Pod of which only a selector is known if it takes all that meet it

class Known:
    """Label sets that are possible, in place of one."""

    def __init__(self, terms, extra):
        self.sets = [x for x in extra if meets(terms, x)]


def meets(terms, labels):
    for key, op, values in terms:
        has, value = key in labels, labels.get(key)
        if not {"In": has and value in values, "NotIn": not has or value not in values, "Exists": has, "DoesNotExist": not has}[op]:
            return False
    return True


one_selects = netpol.selects
cache = {}


def selects(s, labels):
    if not isinstance(labels, Known):
        return one_selects(s, labels)
    key = json.dumps(s, sort_keys=True), id(labels)
    if key not in cache:
        cache[key] = labels, all(one_selects(s, x) for x in labels.sets)
    return cache[key][1]


netpol.selects = selects


def sets_of(names):
    keys = [[None, *VALUES, FRESH] for _ in KEYS] + ([names] if names else [])
    return [{k: v for k, v in zip(KEYS + (NAME,), values) if v is not None} for values in itertools.product(*keys)]


POD_SETS = sets_of(None)
NS_SETS = sets_of(["n0", "n1", "n2", "n3", "empty", FRESH])


class Chosen(End):
    """A Pod of which only selectors are known."""

    def __init__(self, ns, ns_terms, pod_terms, addresses, namespaces):
        self.pod = {"spec": {"containers": []}}
        self.addresses, self.host, self.ns = [ipaddress.ip_address(a) for a in addresses], False, ns
        self.labels = Known(pod_terms, POD_SETS)
        self.ns_labels = namespaces.get(ns, {NAME: ns}) if ns else Known(ns_terms, NS_SETS)


def terms_of(text):
    found = []
    for m in re.finditer(r"(!?)([A-Za-z0-9_./-]+)(?:=([^,{}]*)| (in|notin) \(([^)]*)\))?(?:,|$)", text):
        no, key, value, op, values = m.groups()
        found.append((key, {"in": "In", "notin": "NotIn"}[op], values.split(",")) if op else (key, "In", [value]) if value is not None
                     else (key, "DoesNotExist" if no else "Exists", ()))
    return found


def choice_of(peer):
    """(ns or None, terms of the namespace, terms of the Pod)"""
    if peer == "entire-cluster":
        return None, [], []
    m = re.match(r"^(?:\[namespace with \{(.*)\}\]|(\[all namespaces\])|([^\[/]+))/(?:\[pod with \{(.*)\}\]|\[all pods\])$", peer)
    return m[3], terms_of(m[1] or ""), terms_of(m[4] or "")


# ---- 1: entries

def spans(connections):
    found = {p: [] for p in PROTOCOLS}
    for c in connections:
        for p in c["ports"]:
            first, _, last = p.partition("-")
            found[c["protocol"]].append((int(first), int(last or first)))
    return found


def has(found, protocol, port):
    return any(a <= port <= b for a, b in found[protocol])


def run(program, verb, path, *args):
    done = subprocess.run([program, "net", verb, "-f", "json", *args, str(path)], capture_output=True, text=True)
    if not done.stdout:
        raise SystemExit(f"net {verb}: status {done.returncode}: {done.stderr[:1500]}")
    return json.loads(done.stdout)


def blocks(objects):
    text = json.dumps([o for o in objects if "NetworkPolicy" in o["kind"]])
    return '"cidr"' in text or '"networks"' in text


def protected(oracle, pod, kind):
    field = kind.lower()
    for n in oracle.network:
        if n["metadata"]["namespace"] == pod.ns and selects(n["spec"]["podSelector"], pod.labels) and kind in oracle.types(n["spec"]):
            return True
    return any(n["spec"].get(field) and oracle.pods_match(n["spec"]["subject"], pod) for n in oracle.admin + oracle.baseline)


def bounds(low, high, make, pod, egress, protocol, port):
    """What a Pod of which only a choice is known may do, wherever its address is: in any case, and in some case."""
    ask = lambda o, q: o.connects(pod, q, protocol, port) if egress else o.connects(q, pod, protocol, port)
    answers = [ask(o, q) for o in ([low] if low.blocks_match_pods == high.blocks_match_pods else [low, high]) for q in make]
    return all(answers), any(answers)


def check_entries(objects, profile, answer):
    low, high = Oracle(objects, profile == "ipblock-yes"), Oracle(objects, profile != "ipblock-no")
    by_name = {p.name: p for p in low.pods}
    exact, ports, asked = not blocks(objects), netpol.ports_of(objects), 0
    six = any(a.version == 6 for p in low.pods for a in p.addresses)
    places = [PLACES4[:1]] if exact else list(itertools.product(PLACES4, PLACES6)) if six else [(x,) for x in PLACES4]
    choices = {}

    def ends(peer):
        if peer not in choices:
            choices[peer] = [Chosen(*choice_of(peer), a, low.namespaces) for a in places]
        return choices[peer]
    peers = {p["peer"] for e in answer["entries"] for p in e["peers"] if "[External]" not in p["peer"]} | {"entire-cluster"}
    for e in answer["entries"]:
        pod, egress = by_name[e["workload"]], e["direction"] == "egress"
        if e["protected"] != protected(low, pod, e["direction"].capitalize()):
            return f"{e['workload']} {e['direction']}: protected {e['protected']}", asked
        said = {p["peer"]: p for p in e["peers"]}
        for peer in peers:
            p = said.get(peer) or said.get("entire-cluster") or {"connections": []}
            sure, perhaps = spans(p["connections"]), spans(p.get("perhaps", []))
            for protocol in PROTOCOLS:
                for port in ports:
                    asked += 1
                    got = has(sure, protocol, port)
                    maybe = got or has(perhaps, protocol, port)
                    wanted, could = bounds(low, high, ends(peer), pod, egress, protocol, port)
                    if (got, maybe) != (wanted, could) if exact else got > wanted or could > maybe:
                        return (f"{e['workload']} {e['direction']} {peer} {protocol} {port} ({profile}): {got, maybe}, "
                                f"by the specification {wanted, could}"), asked
    return None, asked


# ---- 2: Pods that come later

def selectors(objects, low):
    """Every choice of Pods that a policy makes, as (own namespace or None, namespaceSelector, podSelector)."""
    found = []

    def add(ns, p):
        if "namespaces" in p:
            found.append((None, p["namespaces"], {}))
        elif "pods" in p:
            found.append((None, p["pods"]["namespaceSelector"], p["pods"]["podSelector"]))
        elif "namespaceSelector" in p or "podSelector" in p:
            found.append((None if "namespaceSelector" in p else ns, p.get("namespaceSelector", {}), p.get("podSelector", {})))
    for n in low.network + low.admin + low.baseline:
        ns, spec = n["metadata"].get("namespace"), n["spec"]
        add(ns, spec["subject"] if "subject" in spec else {"podSelector": spec["podSelector"]})
        for rule in spec.get("ingress", []) + spec.get("egress", []):
            for p in rule.get("from", []) + rule.get("to", []):
                add(ns, p)
    return found


def taken(choices, end):
    return frozenset(i for i, (ns, a, b) in enumerate(choices) if (ns is None or ns == end.ns) and selects(a, end.ns_labels) and selects(b, end.labels))


def newcomer(r, i, objects):
    labels = lambda: {k: r.choice(VALUES + (FRESH,)) for k in KEYS if r.random() < 0.5}
    old = sorted({o["metadata"]["namespace"] for o in objects if "namespace" in o["metadata"]})
    ns, made = r.choice(old) if r.random() < 0.5 else f"new{i}", []
    if ns.startswith("new"):
        made.append({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns, "labels": labels()}})
    spec = {"containers": [{"name": "c", "image": "i"}]}
    if r.random() < 0.5:
        spec["containers"][0]["ports"] = [{"name": r.choice(netpol.NAMES), "containerPort": r.choice((53, 80, 8080)), "protocol": r.choice(PROTOCOLS)}]
    made.append({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"new{i}", "namespace": ns, "labels": labels()}, "spec": spec,
                 "status": {"podIP": f"10.77.0.{i + 1}", "podIPs": [{"ip": f"10.77.0.{i + 1}"}]}})
    return made


def check_newcomers(program, objects, answer, path, seed):
    r, added = random.Random(f"new {seed}"), []
    for i in range(6):
        added += newcomer(r, i, objects)
    path.write_text("\n".join(json.dumps(o) for o in objects + added))
    listed = netpol.Answer(run(program, "list", path, "--pods", "--cni", "ipblock-no")["entries"])
    now, before = Oracle(objects + added, False), Oracle(objects, False)
    choices, ports, asked, exact = selectors(objects, before), netpol.ports_of(objects + added), 0, 0
    olds = {p.name: p for p in before.pods}
    peers = {p["peer"] for e in answer["entries"] for p in e["peers"] if "[External]" not in p["peer"]} | {"entire-cluster"}
    ends = {p: Chosen(*choice_of(p), ["10.77.0.1"], before.namespaces) for p in peers}
    takes = {p: taken(choices, ends[p]) for p in peers}
    for q in (p for p in now.pods if p.name.split("/")[1].startswith("new")):
        own = taken(choices, q)
        mine = [p for p in peers for ns, a, b in [choice_of(p)] if (ns is None or ns == q.ns) and meets(a, q.ns_labels) and meets(b, q.labels)]
        owns = any(n["metadata"]["namespace"] == q.ns for n in before.network)
        for e in answer["entries"]:
            w, egress = olds[e["workload"]], e["direction"] == "egress"
            said = {p["peer"]: p for p in e["peers"]}
            found = listed.get(w, q, "connections") if egress else listed.get(q, w, "connections")
            lines = {p: spans((said.get(p) or said.get("entire-cluster") or {"connections": []})["connections"]) for p in mine}
            named = {(n["protocol"], n["name"]) for p in mine for n in said.get(p, {}).get("named", [])}
            numbers = {(pr, n) for protocol, name in named for pr, n in q.named(name) if protocol in ("any", pr)}
            alike = [p for p in mine if takes[p] == own and (choice_of(p)[0] == q.ns or not owns)]
            for protocol in PROTOCOLS:
                for port in ports:
                    asked += 1
                    got = has(found, protocol, port)
                    covered = any(has(lines[p], protocol, port) for p in mine) or (protocol, port) in numbers
                    if got and not covered and not (owns or before.admin or before.baseline):
                        return f"{q.name} and {e['workload']} {e['direction']} {protocol} {port}: allowed, no entry says it of {mine}", asked, exact
                    for p in alike:
                        exact += 1
                        if not q.pod["spec"]["containers"][0].get("ports") and got != has(lines[p], protocol, port):
                            return f"{q.name} and {e['workload']} {e['direction']} {protocol} {port}: {got}, not as {p} says", asked, exact
    return None, asked, exact


# ---- 3: what is offered to the outside

def target_of(port, pod):
    target = port.get("targetPort", port["port"])
    numbers = [target] if isinstance(target, int) else [n for p, n in pod.named(target) if p == port.get("protocol", "TCP")]
    return numbers[0] if numbers else None


def led_to(lead):
    """The Service's name, which of its ports, and which port of the Pods alone (or None). Service ports are 8000 and up, those of Pods below
    or 9090: a number of Pods in an Ingress is taken as ingress-nginx takes it, in a Gateway's route it leads nowhere."""
    spec = lead["spec"]
    if lead["kind"] in ("Ingress", "Route"):
        s = {"name": spec["to"]["name"], "port": spec["port"]["targetPort"]} if lead["kind"] == "Route" else \
            spec["rules"][0]["http"]["paths"][0]["backend"]["service"]
        port = s["port"] if lead["kind"] == "Route" else s["port"].get("number", s["port"].get("name"))
        if port in (80, 9090):
            return s["name"], lambda p: True, port
        return s["name"], lambda p: port in (p["port"], p["name"]), None
    ref = spec["rules"][0]["backendRefs"][0]
    return ref["name"], lambda p: p["port"] == ref["port"], None


def check_offered(objects, profile, answer):
    low, high = Oracle(objects, profile == "ipblock-yes"), Oracle(objects, profile != "ipblock-no")
    six = any(a.version == 6 for p in low.pods for a in p.addresses)
    outside = [[End(address=a)] for a in netpol.addresses_of(objects, six)]
    places = [PLACES4[:1]] if not blocks(objects) else list(itertools.product(PLACES4, PLACES6)) if six else [(x,) for x in PLACES4]
    unknown = [[Chosen(None, [], [], a, low.namespaces) for a in places]]
    wanted = set()
    services = {(o["metadata"]["namespace"], o["metadata"]["name"]): o for o in objects if o["kind"] == "Service"}
    leads = [(o, *led_to(o), unknown) for o in objects if o["kind"] in ("Ingress", "HTTPRoute", "TCPRoute", "Route")]
    leads += [(o, o["metadata"]["name"], lambda p: True, None, outside) for o in services.values() if o["spec"]["type"] != "ClusterIP"]
    for o, name, wants, only, sources in leads:
        service = services[o["metadata"]["namespace"], name]
        for port in filter(wants, service["spec"]["ports"]):
            for pod in low.pods:
                number, protocol = target_of(port, pod), port.get("protocol", "TCP")
                if number and only in (None, number) and pod.ns == service["metadata"]["namespace"] and service["spec"]["selector"].items() <= pod.labels.items():
                    found = [bounds(low, high, q, pod, False, protocol, number) for q in sources]
                    said = "allowed" if all(a for a, _ in found) else "in part" if any(a for a, _ in found) else \
                        "depends" if any(b for _, b in found) else "denied"
                    wanted.add((o["kind"], o["metadata"]["name"], name, pod.name, protocol, number, said))
    got = {(x["kind"], x["name"], x["service"], x["destination"], x["protocol"], x["port"], x["answer"]) for x in answer["offered"]}
    if blocks(objects) and sources_differ(got, wanted):
        return None, len(wanted)
    return (f"offered: {sorted(got ^ wanted)}" if got != wanted else None), len(wanted)


def sources_differ(got, wanted):
    """Where blocks stand in several rules, "depends" may be all we know of what the specification settles."""
    return {x[:-1] for x in got} == {x[:-1] for x in wanted} and all(x[-1] == "depends" for x in got - wanted)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("--count", type=int, default=200)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--only", type=int, help="this cluster only, and print it")
    o = a.parse_args()
    bad = asked = exact = offered = 0
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "cluster.json"
        for i, objects in netpol.drawn(o, lambda i: Maker(f"{o.seed}/{i}")):
            cache.clear()
            path.write_text("\n".join(json.dumps(x) for x in objects))
            profile = random.Random(i).choice(("spec", "ipblock-yes", "ipblock-no"))
            answer = run(o.program, "exposure", path, "--cni", profile)
            wrong, n = check_entries(objects, profile, answer)
            if not wrong:
                wrong, m = check_offered(objects, profile, answer)
                offered += m
            asked += n
            if not wrong and not blocks(objects):
                wrong, n, m = check_newcomers(o.program, objects, run(o.program, "exposure", path, "--cni", "ipblock-no"), path, i)
                asked, exact = asked + n, exact + m
            if wrong:
                bad += 1
                print(f"cluster {i}: {wrong}")
                if bad == 10:
                    break
    print(f"{o.count if o.only is None else 1} clusters, {asked} questions, {exact} of them answered by one entry, {offered} ports offered, {bad} clusters differ")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
