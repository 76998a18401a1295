#!/usr/bin/env python3
"""cuts.py CASEMATE [--sets N] [--seed N]: who reaches cluster-admin and root on a node through rights, Pods, nodes and their disks, and the fewest
things that must go so that nobody does, by trying all of up to three, against `casemate rbac paths`.

A way from one place to the next rests on things: bindings, fields of a Pod. Here they are collected by asking which bindings allow a request
(tests/oracle/rbac.py), so that a set of things can be taken away and the rest searched again. Every certain path's `cut` must end all ways, and
no smaller set may; `ends` of each single thing must say what taking it away does.
"""
import argparse, itertools, json, pathlib, random, subprocess, sys, tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import paths  # noqa: E402
import rbac  # noqa: E402

RBAC = rbac.GROUP
SINKS = ("cluster-admin", "node")
MOST = 3
RULES = [([""], ["pods"], ["create"]), ([""], ["pods/exec"], ["create"]), ([""], ["pods/ephemeralcontainers"], ["patch"]), ([""], ["nodes/proxy"], ["get"]),
         ([""], ["serviceaccounts/token"], ["create"]), ([""], ["serviceaccounts"], ["impersonate"]), ([RBAC], ["rolebindings"], ["create"]),
         ([RBAC], ["clusterroles"], ["bind"]), ([RBAC], ["clusterrolebindings", "rolebindings"], ["create"]), ([""], ["secrets"], ["list"]),
         ([""], ["secrets"], ["create"]), ([""], ["configmaps"], ["get"]), (["apps"], ["deployments"], ["create"])]
NAMED = {"serviceaccounts/token": ["web", "default", "builder"], "serviceaccounts": ["web"], "pods/exec": ["p0", "p1"], "clusterroles": ["cluster-admin"]}
# Fields of a Pod and what of them gives root on its node: all of one set. "" is the Pod's own.
ROOT = {"privileged": ["privileged in container c"], "etc": ["hostPath /etc in container c"],
        "ptrace": ["hostPID", "capability SYS_PTRACE in container c", "capability SYS_ADMIN in container c"],
        "mitm": None}
VOLUMES = "hostPath /var/lib/kubelet/pods in container c"
TOKEN = "the token of its account"


class Maker(paths.Maker):
    rules, named = RULES, NAMED

    def pod(self, i):
        r = self.r
        ns, account = r.choice(rbac.ACCOUNTS)
        security, spec, mounts, volumes = {}, {"serviceAccountName": account}, [], [("own", f"/srv/{i}")]
        has = r.sample(["privileged", "etc", "ptrace", "traverse"], r.choice([0, 0, 1, 1, 2]))
        if "privileged" in has:
            security["privileged"] = True
        if "ptrace" in has: # as no user that could do the same by SYS_ADMIN alone
            spec["hostPID"] = True
            security.update(capabilities={"add": ["SYS_PTRACE", "SYS_ADMIN"]}, appArmorProfile={"type": "Unconfined"}, runAsUser=1000)
        volumes += [("etc", "/etc")] if "etc" in has else []
        volumes += [("pods", "/var/lib/kubelet/pods")] if "traverse" in has else []
        if "privileged" in has and "ptrace" in has: # privileged says more: hostPID is nsenter's then
            del security["capabilities"]
        mounts = [{"name": n, "mountPath": "/" + n, **({"readOnly": True} if n == "pods" else {})} for n, _ in volumes]
        if "etc" in has and "ptrace" in has: # not root may not write there: reading is enough, and certain
            mounts[1]["readOnly"] = True
        spec["containers"] = [{"name": "c", "image": "i", "securityContext": security, "volumeMounts": mounts}]
        spec["volumes"] = [{"name": n, "hostPath": {"path": p}} for n, p in volumes]
        if r.random() < 0.3:
            spec["automountServiceAccountToken"] = False
        if r.random() < 0.15:
            return {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": f"p{i}", "namespace": ns},
                    "spec": {"selector": {"matchLabels": {"p": str(i)}}, "template": {"metadata": {"labels": {"p": str(i)}}, "spec": spec}}}
        spec["nodeName"] = r.choice(["n1", "n2"])
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"p{i}", "namespace": ns}, "spec": spec}

    def objects(self):
        r, made = self.r, super().objects()
        made += [self.pod(i) for i in range(r.randint(1, 4))]
        made += [{"apiVersion": "v1", "kind": "Node", "metadata": {"name": n, "labels": {"node-role.kubernetes.io/control-plane": ""} if r.random() < 0.3 else {}}} for n in ("n1", "n2")]
        for ns in rbac.NAMESPACES:
            level = {"pod-security.kubernetes.io/enforce": r.choice(["baseline", "restricted", "privileged"])} if r.random() < 0.5 else {}
            made.append({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns, "labels": level}})
        for ns, name in r.sample(rbac.ACCOUNTS, r.randint(0, 1)):
            made.append({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
                         "metadata": {"name": "t", "namespace": ns, "annotations": {"kubernetes.io/service-account.name": name}}})
        return made


class Graph:
    """Ways as (from, to, the things it rests on)."""

    def __init__(self, objects):
        self.objects, self.ways = objects, []
        self.asked = paths.Oracle([o for o in objects if "rbac" in o["apiVersion"] or o["kind"] == "ServiceAccount"])
        self.world = self.asked.world
        self.pods = [o for o in objects if o["kind"] in ("Pod", "DaemonSet")]
        self.nodes = {o["metadata"]["name"]: bool(o["metadata"]["labels"]) for o in objects if o["kind"] == "Node"}
        self.restricted = {o["metadata"]["name"] for o in objects if o["kind"] == "Namespace" and
                           o["metadata"]["labels"].get("pod-security.kubernetes.io/enforce") in ("baseline", "restricted")}
        self.namespaces = sorted(set(rbac.NAMESPACES) | set(self.asked.namespaces) | {"kube-system"})  # every cluster has it, and without labels
        self.tokens = [(o["metadata"]["namespace"], o["metadata"]["annotations"]["kubernetes.io/service-account.name"]) for o in objects if o["kind"] == "Secret"]
        self.accounts = sorted({tuple(u.split(":")[2:4]) for u in self.asked.users if u.startswith("system:serviceaccount:")} |
                               {(o["metadata"]["namespace"], self.spec(o)["serviceAccountName"]) for o in self.pods})
        for u in sorted(self.asked.users | {f"system:serviceaccount:{ns}:{n}" for ns, n in self.accounts}):
            self.identity(paths.named(("user", u)), u, rbac.implied(u))
        for g in sorted(self.asked.groups - {"system:masters"}):
            self.identity("Group:" + g, "", [g])
        for o in self.pods:
            self.pod(o)
        for n in [*self.nodes, ""]:
            self.host(n)
        for ns in self.namespaces:
            self.way(("all of", ns), ("makes pods", ns))
        self.way("cluster-admin", "any node")

    def way(self, start, end, *things):
        self.ways.append((start, end, frozenset(things)))

    @staticmethod
    def spec(o):
        return o["spec"]["template"]["spec"] if o["kind"] == "DaemonSet" else o["spec"]

    @staticmethod
    def name(o):
        return f"{o['kind']}:{o['metadata']['namespace']}/{o['metadata']['name']}"

    def by(self, who, verb, group, resource, ns="", name="", sub=""):
        """The bindings that allow the request."""
        q = {"user": who[0], "groups": who[1], "verb": verb, "group": group, "resource": resource, "namespace": ns, "name": name, "subresource": sub}
        return set(self.world.grants(q))

    def identity(self, at, user, groups):
        who = (user, groups)
        for _, name, b in self.world.of("ClusterRoleBinding"):
            if any(rbac.is_subject(s, "", {"user": user, "groups": groups}) for s in b.get("subjects") or []) and b["roleRef"]["name"] == "cluster-admin":
                self.way(at, "cluster-admin", f"ClusterRoleBinding/{name}")
        for x, y in itertools.product(self.by(who, "create", RBAC, "clusterrolebindings"), self.by(who, "bind", RBAC, "clusterroles", name="cluster-admin")):
            if y.startswith("Cluster"):
                self.way(at, "cluster-admin", x, y)
        for b in self.by(who, "get", "", "nodes", sub="proxy"):
            for o in self.pods:
                self.way(at, self.name(o), b)
        for ns in self.namespaces:
            self.in_namespace(at, who, ns)

    def in_namespace(self, at, who, ns):
        for ns2, name, b in self.world.of("RoleBinding"):
            if ns2 == ns and b["roleRef"] == dict(b["roleRef"], kind="ClusterRole", name="cluster-admin") and any(
                    rbac.is_subject(s, ns, {"user": who[0], "groups": who[1]}) for s in b.get("subjects") or []):
                self.way(at, ("all of", ns), f"RoleBinding/{ns}/{name}")
        for x, y in itertools.product(self.by(who, "create", RBAC, "rolebindings", ns), self.by(who, "bind", RBAC, "clusterroles", ns, "cluster-admin")):
            self.way(at, ("all of", ns), x, y)
        for b in self.by(who, "create", "", "pods", ns) | self.by(who, "create", "apps", "deployments", ns):
            self.way(at, ("makes pods", ns), b)
        for x, y in itertools.product(self.by(who, "create", "", "secrets", ns), self.by(who, "list", "", "secrets", ns)):
            self.way(at, ("accounts of", ns), x, y)
        for b in self.by(who, "list", "", "secrets", ns):
            for ns2, account in self.tokens:
                if ns2 == ns:
                    self.way(at, f"ServiceAccount:{ns}/{account}", b)
        for ns2, account in self.accounts:
            if ns2 == ns:
                for b in self.by(who, "create", "", "serviceaccounts", ns, account, "token") | self.by(who, "impersonate", "", "serviceaccounts", ns, account):
                    self.way(at, f"ServiceAccount:{ns}/{account}", b)
                self.way(("accounts of", ns), f"ServiceAccount:{ns}/{account}")
        for o in self.pods:
            if o["metadata"]["namespace"] == ns:
                for b in self.by(who, "create", "", "pods", ns, o["metadata"]["name"], "exec") | self.by(who, "patch", "", "pods", ns, o["metadata"]["name"], "ephemeralcontainers"):
                    self.way(at, self.name(o), b)
        self.way(("makes pods", ns), ("accounts of", ns))
        if ns not in self.restricted:
            self.way(("makes pods", ns), "any node")

    def pod(self, o):
        at, spec, c = self.name(o), self.spec(o), self.spec(o)["containers"][0]
        host, security = ("host", spec.get("nodeName", "")), c["securityContext"]
        of = lambda field: f"{field} of {at}"
        if spec.get("automountServiceAccountToken", True):
            self.way(at, f"ServiceAccount:{o['metadata']['namespace']}/{spec['serviceAccountName']}", of(TOKEN))
        if security.get("privileged"):
            self.way(at, host, of("privileged in container c"))
        elif spec.get("hostPID") and "capabilities" in security:
            self.way(at, host, *map(of, ROOT["ptrace"]))
        for v in spec["volumes"]:
            if v["name"] == "etc":
                self.way(at, host, of(ROOT["etc"][0]))
            if v["name"] == "pods":
                self.way(at, ("volumes", spec.get("nodeName", "")), of(VOLUMES))

    def host(self, n):
        for start, all_of in ((("host", n), False), ("any node", True)):
            self.way(start, "node")
            self.way(start, "Group:system:nodes")
            if self.nodes.get(n):
                self.way(start, "cluster-admin")
            self.way(start, ("volumes", n))
        for o in self.pods:
            if o["kind"] == "DaemonSet" or (n and self.spec(o).get("nodeName") == n):
                self.way(("volumes", n), self.name(o))
            self.way("any node", self.name(o))

    def reaches(self, sink, without=frozenset()):
        found, ways = {sink}, [(s, e) for s, e, things in self.ways if not things & without]
        while True:
            more = {s for s, e in ways if e in found and s not in found}
            if not more:
                return found
            found |= more

    def smallest(self, start, sink):
        """The size of the smallest set of things that ends all ways, or 0 where it is more than MOST."""
        of = sorted({t for _, _, things in self.ways for t in things})
        # only things on a way from here count
        seen = {start}
        while True:
            more = {e for s, e, _ in self.ways if s in seen and e not in seen}
            if not more:
                break
            seen |= more
        back = self.reaches(sink)
        of = sorted({t for s, e, things in self.ways if s in seen and e in back for t in things})
        for n in range(1, MOST + 1):
            if any(start not in self.reaches(sink, frozenset(c)) for c in itertools.combinations(of, n)):
                return n
        return 0


def ours(casemate, path, sink):
    done = subprocess.run([casemate, "rbac", "paths", "--to", sink, "-f", "json", str(path)], capture_output=True, text=True, timeout=60)
    if done.returncode > 1:
        raise RuntimeError(done.stderr)
    return [p for p in json.loads(done.stdout)["paths"] if p["certain"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("casemate")
    parser.add_argument("--sets", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    o = parser.parse_args()
    n = cuts = singles = several = enough = differ = 0

    def fault(text):
        nonlocal differ
        differ += 1
        if differ <= 8:
            print(text)

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "set.json"
        for i in range(o.sets):
            r = random.Random(f"cuts/{o.seed}/{i}")
            objects = Maker(r, valid=True).objects()
            path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
            graph = Graph(objects)
            for sink in SINKS:
                found = ours(o.casemate, path, sink)
                wanted = {w for w in graph.reaches(sink) if isinstance(w, str) and ":" in w and w != "Group:system:masters" and
                          (w != "Group:system:nodes" or "system:nodes" in graph.asked.groups)}
                got = {p["from"] for p in found}
                n += len(wanted)
                if got != wanted:
                    fault(f"set {i} to {sink}: missing {sorted(wanted - got)}, too many {sorted(got - wanted)}")
                    continue
                for p in r.sample(found, min(3, len(found))):
                    where = f"set {i}: from {p['from']} to {sink}"
                    for cut in (c for s in p["steps"] for c in s["cuts"]):
                        singles += 1
                        if (p["from"] not in graph.reaches(sink, frozenset([cut["remove"]]))) is not cut["ends"]:
                            fault(f"{where}: without {cut['remove']}: ends {cut['ends']}")
                    size = graph.smallest(p["from"], sink)
                    cuts, several = cuts + 1, several + (size > 1)
                    if len(p["cut"]) != size:
                        fault(f"{where}: cut {p['cut']}, {size} are enough")
                    elif p["cut"] and p["from"] in graph.reaches(sink, frozenset(p["cut"])):
                        fault(f"{where}: {p['cut']} does not end it")
                    some = p.get("enough", [])
                    enough += bool(some)
                    if some and (p["cut"] or p["from"] in graph.reaches(sink, frozenset(some))):
                        fault(f"{where}: {some} is not enough")
                    if any(p["from"] not in graph.reaches(sink, frozenset(some) - {x}) for x in some):
                        fault(f"{where}: of {some} something is needless")
    print(f"{o.sets} sets, {n} ends reached, {cuts} smallest cuts ({several} of more than one thing), {singles} single ones, {enough} sets of more than three that are enough: {differ} differences")
    return int(differ != 0 or n == 0 or several == 0)


if __name__ == "__main__":
    sys.exit(main())
