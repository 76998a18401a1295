#!/usr/bin/env python3
"""paths.py CASEMATE [--sets N] [--seed N]: who reaches cluster-admin by RBAC alone, by asking an authorizer that tries everything for each pair of
identities (tests/oracle/rbac.py), against `casemate rbac paths --to cluster-admin`. No Pods, no Secrets: accounts, users and groups.

Also: a binding that a path calls its cut (`ends`) is taken away, and the set is asked again: the way must be gone, and must not be
gone where it said that the binding is not enough.
"""
import argparse, json, pathlib, random, subprocess, sys, tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import rbac  # noqa: E402

RBAC = rbac.GROUP
WORKLOADS = [("apps", r) for r in ("deployments", "daemonsets", "statefulsets", "replicasets")] + [("batch", "jobs"), ("batch", "cronjobs"),
                                                                                                ("", "replicationcontrollers")]
RULES = [
    ([""], ["serviceaccounts/token"], ["create"]), ([""], ["serviceaccounts"], ["impersonate"]), ([""], ["users"], ["impersonate"]),
    ([""], ["groups"], ["impersonate"]), ([""], ["pods"], ["create"]), (["apps"], ["deployments"], ["create", "update"]), (["batch"], ["*"], ["patch"]),
    ([RBAC], ["clusterrolebindings"], ["create"]), ([RBAC], ["clusterroles"], ["bind"]), ([""], ["secrets"], ["create"]), ([""], ["secrets"], ["get"]),
    ([""], ["configmaps"], ["get", "list"]), (["*"], ["*"], ["get"]), ([""], ["*"], ["create"]), (["*"], ["pods/exec"], ["*"]),
]
NAMED = {"serviceaccounts/token": ["web", "default"], "serviceaccounts": ["web", "builder"], "users": ["jane", "ops"], "groups": ["devs", "system:nodes"],
         "clusterroles": ["cluster-admin"], "deployments": ["a"]}


class Maker(rbac.Maker):
    rules, named = RULES, NAMED

    def rule(self, namespaced):
        groups, resources, verbs = self.r.choice(self.rules)
        rule = {"apiGroups": groups, "resources": resources, "verbs": verbs}
        if resources[0] in self.named and self.r.random() < 0.3:
            rule["resourceNames"] = self.r.sample(self.named[resources[0]], 1)
        return rule

    def objects(self):
        made = [{"apiVersion": RBAC + "/v1", "kind": "ClusterRole", "metadata": {"name": "cluster-admin"},
                 "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}]
        ns, name = self.r.choice(rbac.ACCOUNTS)
        who = self.r.choice([{"kind": "ServiceAccount", "namespace": ns, "name": name}, {"kind": "User", "name": self.r.choice(rbac.USERS)},
                             {"kind": "Group", "name": self.r.choice(["devs", "system:nodes", "system:serviceaccounts:bank"])}])
        made.append({"apiVersion": RBAC + "/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "admin"}, "subjects": [who],
                     "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"}})
        for o in super().objects():
            o.pop("aggregationRule", None)
            made.append(o)
        for ns, name in rbac.ACCOUNTS:
            made.append({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": ns}})
        return made


class Oracle:
    def __init__(self, objects, known=None):
        """known: an Oracle of the same set with more in it: whom a binding names is there without it, too."""
        self.world = rbac.World([o for o in objects if o["kind"] != "ServiceAccount"])
        self.users, self.groups = set(), set()
        for kind in ("RoleBinding", "ClusterRoleBinding"):
            for ns, _, b in self.world.of(kind):
                for s in b.get("subjects") or []:
                    if s["kind"] == "Group":
                        self.groups.add(s["name"])
                    else:
                        self.users.add(s["name"] if s["kind"] == "User" else f"system:serviceaccount:{s.get('namespace') or ns}:{s['name']}")
        self.users |= {f"system:serviceaccount:{ns}:{name}" for ns, name in rbac.ACCOUNTS}
        if known:
            self.users, self.groups = known.users, known.groups
        self.namespaces = sorted({u.split(":")[2] for u in self.users if u.startswith("system:serviceaccount:")} |
                                 {ns for kind in ("Role", "RoleBinding") for ns, _, _ in self.world.of(kind)})

    def may(self, who, verb, group, resource, ns="", name="", sub="", any_name=False):
        user, groups = who
        q = {"user": user, "groups": groups, "verb": verb, "group": group, "resource": resource, "namespace": ns, "name": name, "subresource": sub}
        names = [name] + (["web", "default", "jane", "ops", "devs", "system:nodes", "a", "builder", "cluster-admin"] if any_name else [])
        return any(rbac.answer(self.world, dict(q, name=n))[0] for n in names)

    def is_admin(self, who):
        for _, _, b in self.world.of("ClusterRoleBinding"):
            if any(rbac.is_subject(s, "", {"user": who[0], "groups": who[1]}) for s in b.get("subjects") or []):
                if any(all("*" in (r.get(k) or []) for k in ("verbs", "apiGroups", "resources")) and not r.get("resourceNames") for r in self.world.rules(b, "")):
                    return True
        if self.may(who, "impersonate", "", "groups", name="system:masters") and self.acts_beside(who): # bound or not, no role limits it
            return True
        return self.may(who, "create", RBAC, "clusterrolebindings") and self.may(who, "bind", RBAC, "clusterroles", name="cluster-admin")

    def takes(self, who, account):
        """May it become the account?"""
        _, _, ns, name = account.split(":")
        return (self.may(who, "create", "", "serviceaccounts", ns, name, "token") or self.may(who, "impersonate", "", "serviceaccounts", ns, name) or
                self.makes_pods(who, ns) or
                (self.may(who, "create", "", "secrets", ns) and (self.may(who, "get", "", "secrets", ns, any_name=True) or self.may(who, "list", "", "secrets", ns))))

    def makes_pods(self, who, ns):
        return (self.may(who, "create", "", "pods", ns) or any(self.may(who, "create", g, r, ns) for g, r in WORKLOADS) or
                any(self.may(who, v, g, r, ns, any_name=True) for g, r in WORKLOADS for v in ("update", "patch")))

    def acts_beside(self, who):
        """May it impersonate some user or account, as a group needs?"""
        return self.may(who, "impersonate", "", "users", any_name=True) or any(
            self.may(who, "impersonate", "", "serviceaccounts", ns, any_name=True) for ns in [""] + self.namespaces)

    def reach(self):
        """All identities that reach cluster-admin, as casemate names them."""
        who = {("user", u): (u, rbac.implied(u)) for u in self.users} | {("group", g): ("", [g]) for g in self.groups}
        done = {k for k, w in who.items() if k == ("group", "system:masters") or self.is_admin(w)}
        changed = True
        while changed:
            changed = False
            for k, w in who.items():
                if k not in done and any(self.step(w, x) for x in done):
                    done.add(k)
                    changed = True
        return done

    def step(self, w, target):
        kind, name = target
        if kind == "user" and name.startswith("system:serviceaccount:"):
            return self.takes(w, name)
        if kind == "user":
            return self.may(w, "impersonate", "", "users", name=name)
        if name in w[1]:
            return True
        return ((name == "system:nodes" and any(self.makes_pods(w, ns) for ns in self.namespaces)) or
                (self.may(w, "impersonate", "", "groups", name=name) and self.acts_beside(w)))


def ours(casemate, path):
    done = subprocess.run([casemate, "rbac", "paths", "--to", "cluster-admin", "-f", "json", str(path)], capture_output=True, text=True, timeout=60)
    if done.returncode > 1:
        raise RuntimeError(done.stderr)
    return [p for p in json.loads(done.stdout)["paths"] if p["certain"]]


def named(key):
    kind, name = key
    if kind == "group":
        return "Group:" + name
    if name.startswith("system:serviceaccount:"):
        return "ServiceAccount:" + "/".join(name.split(":")[2:])
    return "User:" + name


def without(objects, binding):
    kind, *rest = binding.split("/")
    return [o for o in objects if not (o["kind"] == kind and o["metadata"]["name"] == rest[-1] and
                                       (len(rest) == 1 or (o["metadata"].get("namespace") or "default") == rest[0]))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("casemate")
    parser.add_argument("--sets", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    o = parser.parse_args()
    n = cuts = differ = 0
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "set.json"
        for i in range(o.sets):
            r = random.Random(f"paths/{o.seed}/{i}")
            objects = Maker(r, valid=True).objects()
            path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
            found = ours(o.casemate, path)
            oracle = Oracle(objects)
            wanted = {named(k) for k in oracle.reach()} - {"Group:system:masters"}
            got = {p["from"] for p in found}
            n += len(wanted)
            if got != wanted:
                differ += 1
                if differ <= 5:
                    print(f"set {i}: missing {sorted(wanted - got)}, too many {sorted(got - wanted)}")
            for p in r.sample(found, min(1, len(found))):
                for s in p["steps"]:
                    for cut in s["cuts"]:
                        cuts += 1
                        left = {named(k) for k in Oracle(without(objects, cut["remove"]), oracle).reach()}
                        if (p["from"] not in left) is not cut["ends"]:
                            differ += 1
                            print(f"set {i}: from {p['from']} without {cut['remove']}: ends {cut['ends']}")
    print(f"{o.sets} sets, {n} identities that reach cluster-admin, {cuts} cuts: {differ} differences")
    return int(differ != 0 or n == 0)


if __name__ == "__main__":
    sys.exit(main())
