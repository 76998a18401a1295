#!/usr/bin/env python3
"""rbac.py CASEMATE [--sets N] [--questions N] [--seed N] [--keep DIRECTORY]: `casemate rbac ask` against an authorizer that tries
every binding, subject and rule, written from Kubernetes' documentation of RBAC, on random small sets of objects.

Each set has Roles, ClusterRoles (some aggregated), bindings with users, groups and service accounts, and what goes wrong in real
clusters: references to nothing, the same object twice, objects without a namespace, subjects without one. Every answer must be the
same, and an allowed one must name a binding and a rule that do allow it.
"""
import argparse, json, pathlib, random, subprocess, sys, tempfile

GROUP = "rbac.authorization.k8s.io"
NAMESPACES = ["default", "shop", "bank"]
VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "bind", "escalate", "impersonate", "use", "*"]
ODD_VERBS = ["GET", "List", "getx", "", "impersonate:user-info"]  # they are compared as they are
GROUPS = ["", "apps", GROUP, "example.com", "*"]
RESOURCES = ["pods", "pods/log", "pods/exec", "secrets", "deployments", "deployments/scale", "roles", "configmaps", "*", "*/scale", "*/log", "pods/*", "*/*"]
NAMES = ["a", "b", "c"]
URLS = ["/healthz", "/healthz/*", "/metrics", "/metrics*", "/api", "/apis/*", "*", "/**", "/healthz/etcd"]
PATHS = ["/healthz", "/healthz/", "/healthz/etcd", "/healthz//etcd", "/metrics", "/metrics/slis", "/api", "/apis/apps", "/", "/*", "healthz", "/Healthz"]
USERS = ["jane", "joe", "system:anonymous", "system:node:n1", "ops"]
ACCOUNTS = [("default", "builder"), ("shop", "web"), ("shop", "default"), ("bank", "web")]
OWN_GROUPS = ["devs", "ops", "system:masters"]
LABELS = [("tier", "front"), ("tier", "back"), (GROUP + "/aggregate-to-x", "true")]


# ---- the world, as the API server would have it

class World:
    """Objects by kind, namespace and name: the later of two counts. Namespaced ones without a namespace are in default."""

    def __init__(self, objects):
        self.objects = {}
        for o in objects:
            kind, meta = o["kind"], o["metadata"]
            ns = "" if kind.startswith("Cluster") else meta.get("namespace") or "default"
            self.objects[kind, ns, meta["name"]] = o

    def of(self, kind):
        return [(ns, name, o) for (k, ns, name), o in self.objects.items() if k == kind]

    def aggregated(self, name):
        """The rules of an aggregated ClusterRole: those of all it selects, however deep; its own manifest's are overwritten."""
        seen, todo, rules = {name}, [name], []
        while todo:
            o = self.objects["ClusterRole", "", todo.pop()]
            if not o.get("aggregationRule"):
                rules += o.get("rules") or []
                continue
            for selector in o["aggregationRule"].get("clusterRoleSelectors") or []:
                for _, other, candidate in self.of("ClusterRole"):
                    if other not in seen and selected(selector, candidate["metadata"].get("labels") or {}):
                        seen.add(other)
                        todo.append(other)
        return rules

    def rules(self, binding, ns):
        ref = binding["roleRef"]
        if ref["kind"] not in ("Role", "ClusterRole"):
            return []
        key = ("Role", ns, ref["name"]) if ref["kind"] == "Role" else ("ClusterRole", "", ref["name"])
        if key not in self.objects:
            return []
        o = self.objects[key]
        return self.aggregated(ref["name"]) if o.get("aggregationRule") else o.get("rules") or []

    def grants(self, q):
        """The bindings that allow the request."""
        kinds = ["ClusterRoleBinding"] + (["RoleBinding"] if not q.get("path") and q.get("namespace") else [])
        for kind in kinds:
            for ns, name, b in self.of(kind):
                if ns and ns != q["namespace"]:
                    continue
                if any(is_subject(s, ns, q) for s in b.get("subjects") or []) and any(allows(r, q) for r in self.rules(b, ns)):
                    yield f"{kind}/{ns}/{name}" if ns else f"{kind}/{name}"


def selected(selector, labels):
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    for e in selector.get("matchExpressions") or []:
        has, among = e["key"] in labels, labels.get(e["key"]) in (e.get("values") or [])
        if not {"In": has and among, "NotIn": not (has and among), "Exists": has, "DoesNotExist": not has}[e["operator"]]:
            return False
    return True


def is_subject(s, ns, q):
    if not s.get("name"):
        return False
    if s["kind"] == "User":
        return s["name"] == q["user"]
    if s["kind"] == "Group":
        return s["name"] in q["groups"]
    if s["kind"] == "ServiceAccount":
        ns = s.get("namespace") or ns
        return bool(ns) and q["user"] == f"system:serviceaccount:{ns}:{s['name']}"
    return False


def allows(rule, q):
    verbs = rule.get("verbs") or []
    if "*" not in verbs and q["verb"] not in verbs:
        return False
    if q.get("path"):
        return any(u == q["path"] or (u.endswith("*") and q["path"].startswith(u.rstrip("*"))) for u in rule.get("nonResourceURLs") or [])
    groups, resources, names = (rule.get(k) or [] for k in ("apiGroups", "resources", "resourceNames"))
    sub = q.get("subresource")
    wanted = {"*", q["resource"]} if not sub else {"*", f"{q['resource']}/{sub}", f"*/{sub}"}
    return (("*" in groups or q["group"] in groups) and bool(wanted & set(resources)) and (not names or q.get("name", "") in names))


def implied(user):
    if user.startswith("system:serviceaccount:"):
        return ["system:serviceaccounts", "system:serviceaccounts:" + user.split(":")[2], "system:authenticated"]
    if user == "system:anonymous":
        return ["system:unauthenticated"]
    return (["system:nodes"] if user.startswith("system:node:") else []) + ["system:authenticated"]


def answer(world, q):
    """(allowed, the bindings that allow it)"""
    q = dict(q, groups=q["groups"] if q.get("groups") is not None else implied(q["user"]))
    if "system:masters" in q["groups"]:
        return True, None
    grants = set(world.grants(q))
    return bool(grants), grants


# ---- random objects and questions

class Maker:
    """valid: only what the API server takes."""

    def __init__(self, r, valid=False):
        self.r, self.valid = r, valid

    def some(self, pool, most=3, least=1):
        return self.r.sample(pool, self.r.randint(least, min(most, len(pool))))

    def odd(self, chance=0.06):
        return not self.valid and self.r.random() < chance

    def rule(self, namespaced):
        r = self.r
        if not namespaced and r.random() < 0.25:
            return {"verbs": self.some(["get", "post", "put", "*"]), "nonResourceURLs": self.some(URLS)}
        rule = {"apiGroups": self.some(GROUPS, 2), "resources": self.some(RESOURCES), "verbs": self.some(VERBS, 4)}
        if r.random() < 0.3:
            rule["resourceNames"] = self.some(NAMES, 2)
        if self.odd():
            rule.pop(r.choice(["apiGroups", "resources", "verbs"]))
        if self.odd(0.03):
            rule["nonResourceURLs"] = self.some(URLS)
        return rule

    def role(self, kind, name):
        o = {"apiVersion": GROUP + "/v1", "kind": kind, "metadata": {"name": name}}
        if kind == "Role":
            self.place(o)
        elif self.r.random() < 0.6:
            o["metadata"]["labels"] = dict(self.some(LABELS, 2))
        o["rules"] = [self.rule(kind == "Role") for _ in range(self.r.randint(0, 3))]
        if kind == "ClusterRole" and self.r.random() < 0.3:
            o["aggregationRule"] = {"clusterRoleSelectors": [self.selector() for _ in range(self.r.randint(1, 2))]}
            if self.valid:
                del o["rules"]
        return o

    def selector(self):
        key, value = self.r.choice(LABELS)
        kind = self.r.random()
        if kind < 0.6:
            return {"matchLabels": {key: value}}
        if kind < 0.65:
            return {}
        op = self.r.choice(["In", "NotIn", "Exists", "DoesNotExist"])
        return {"matchExpressions": [dict({"key": key, "operator": op}, **({"values": [value]} if "In" in op else {}))]}

    def place(self, o):
        ns = self.r.choice(NAMESPACES)
        if not (ns == "default" and self.r.random() < 0.5):
            o["metadata"]["namespace"] = ns

    def subject(self, namespaced):
        r = self.r
        kind = r.random()
        if self.odd():
            return r.choice([{"kind": "Robot", "name": "jane"}, {"kind": "User"}, {"kind": "ServiceAccount", "name": "web"}])
        if kind < 0.35:
            name = r.choice(USERS + ["system:serviceaccount:%s:%s" % r.choice(ACCOUNTS)])
            return {"kind": "User", "name": name, "apiGroup": GROUP}
        if kind < 0.6:
            implicit = ["system:authenticated", "system:unauthenticated", "system:serviceaccounts", "system:serviceaccounts:shop", "system:nodes"]
            return {"kind": "Group", "name": r.choice(OWN_GROUPS + implicit), "apiGroup": GROUP}
        ns, name = r.choice(ACCOUNTS)
        s = {"kind": "ServiceAccount", "name": name}
        if not namespaced or r.random() < 0.7:
            s["namespace"] = ns
        return s

    def binding(self, kind, name, roles):
        o = {"apiVersion": GROUP + "/v1", "kind": kind, "metadata": {"name": name}}
        namespaced = kind == "RoleBinding"
        if namespaced:
            self.place(o)
        role_kind = "Role" if namespaced and self.r.random() < 0.5 else "ClusterRole"
        names = [x["metadata"]["name"] for x in roles if x["kind"] == role_kind]
        name = self.r.choice(names) if names and self.r.random() < 0.9 else "nowhere"
        if self.odd(0.03):
            role_kind = "Robot"
        o["roleRef"] = {"apiGroup": GROUP, "kind": role_kind, "name": name}
        o["subjects"] = [self.subject(namespaced) for _ in range(self.r.randint(0 if not self.valid else 1, 3))]
        return o

    def objects(self):
        r = self.r
        roles = [self.role(r.choice(["Role", "ClusterRole"]), f"r{r.randint(0, 5)}" if not self.valid else f"r{i}") for i in range(r.randint(1, 7))]
        found = roles + [self.binding(r.choice(["RoleBinding", "ClusterRoleBinding"]), f"b{r.randint(0, 9)}" if not self.valid else f"b{i}", roles)
                         for i in range(r.randint(1, 7))]
        if not self.valid:
            r.shuffle(found)
        return found

    def aimed(self, objects):
        """A question that a binding may well allow, with perhaps one thing changed: near the border is where mistakes are."""
        r, q = self.r, self.question()
        bindings = [o for o in objects if o["kind"].endswith("Binding") and o.get("subjects")]
        if not bindings or q.get("groups") == ["system:masters"]:
            return q
        b = r.choice(bindings)
        s, ns = r.choice(b["subjects"]), b["metadata"].get("namespace") or "default"
        rules = [x for o in objects if o["kind"] == b["roleRef"]["kind"] and o["metadata"]["name"] == b["roleRef"]["name"] for x in o.get("rules") or []]
        rules = rules or [x for o in objects for x in o.get("rules") or []]
        if not rules:
            return q
        rule, pick = r.choice(rules), lambda x, other: other if x == "*" else x
        if s.get("kind") == "Group":
            q["groups"] = [s["name"]]
        else:
            q["user"] = s.get("name", "") if s.get("kind") == "User" else f"system:serviceaccount:{s.get('namespace') or ns}:{s.get('name')}"
            q["groups"] = implied(q["user"])
        new = {"user": q["user"], "groups": q["groups"], "verb": pick(r.choice(rule.get("verbs") or ["get"]), r.choice(VERBS))}
        if rule.get("nonResourceURLs") and not rule.get("resources"):
            return dict(new, path=r.choice(PATHS + [u for u in rule["nonResourceURLs"]]))
        resource, _, sub = pick(r.choice(rule.get("resources") or ["pods"]), r.choice(["pods", "pods/log", "deployments/scale"])).partition("/")
        new.update(group=pick(r.choice(rule.get("apiGroups") or [""]), r.choice(GROUPS)), resource=pick(resource, "pods"), namespace=ns)
        if sub:
            new["subresource"] = sub
        if rule.get("resourceNames"):
            new["name"] = r.choice(rule["resourceNames"])
        if r.random() < 0.4:
            field = r.choice([k for k in q if k != "path"])
            new[field] = q[field]
        if r.random() < 0.05 and new.get("subresource"): # one word: it is a resource of that name, not a subresource
            new["resource"] += "/" + new.pop("subresource")
        return new

    def question(self):
        r = self.r
        user = r.choice(USERS + ["system:serviceaccount:%s:%s" % r.choice(ACCOUNTS)] * 2)
        q = {"user": user, "verb": r.choice(VERBS)}
        kind = r.random()
        if kind < 0.6:
            q["groups"] = implied(user) + r.sample(OWN_GROUPS[:2], r.randint(0, 2))
        elif kind < 0.8:
            q["groups"] = r.sample(OWN_GROUPS[:2] + ["system:authenticated"], r.randint(0, 2))
        elif kind < 0.82:
            q["groups"] = ["system:masters"]
        if r.random() < 0.2:
            return dict(q, path=r.choice(PATHS), verb=r.choice(["get", "post", "put", "patch", "*"]))
        resource, _, sub = r.choice([x for x in RESOURCES if not x.startswith("*/")] + ["services/status"]).partition("/")
        q.update(group=r.choice(GROUPS), resource=resource)
        if sub and r.random() < 0.8:
            q["subresource"] = sub
        if r.random() < 0.05:
            q["verb"] = r.choice(ODD_VERBS)
        if r.random() < 0.5:
            q["name"] = r.choice(NAMES)
        if r.random() < 0.75:
            q["namespace"] = r.choice(NAMESPACES)
        return q


# ---- the comparison

def ask(casemate, folder, questions, *options):
    """The program's answers, in order."""
    text = "".join(json.dumps(q) + "\n" for q in questions)
    done = subprocess.run([casemate, "rbac", "ask", "--lines", *options, str(folder)], input=text, capture_output=True, text=True, timeout=60)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode or len(answers) != len(questions):
        raise RuntimeError(f"status {done.returncode}, {len(answers)} answers to {len(questions)} questions: {done.stderr[-500:]}")
    return answers


BAD = ["nonsense", "[1]", "3", '{"user": 3}', '{"user": "jane", "verb": "get"}', '{"user": "jane", "groups": "devs", "verb": "get", "resource": "pods"}',
       '{"user": "jane", "verb": "get", "resource": "pods", "path": "/x"}', '{"user": "jane", "verb": "get", "resource": "pods"} more', '{"user": "jane", "bind": 3}',
       '{"user": "jane", "verb": "get", "resource": "pods"', '{"groups": [1], "verb": "get", "resource": "pods"}', "\x00", "{}"]


def check_lines(casemate, path):
    """As a script uses it: bad lines among others, without a newline at the end, with \\r\\n, an id of its own, fields that are null."""
    good = [{"id": i, "user": "jane", "groups": ["system:masters"] if i % 2 else [], "verb": "get", "resource": "pods", "subresource": None, "path": "", "namespace": None}
            for i in range(len(BAD))]
    text = "".join(f"{json.dumps(g)}\r\n{b}\n\n" for g, b in zip(good, BAD)) + json.dumps(dict(good[1], id="last"))
    done = subprocess.run([casemate, "rbac", "ask", "--lines", str(path)], input=text, capture_output=True, text=True, timeout=60)
    got = [json.loads(line) for line in done.stdout.splitlines()]
    wanted = [w for i in range(len(BAD)) for w in ((i, bool(i % 2)), "error")] + [("last", True)]
    told = [(a["id"], a["allowed"]) if "allowed" in a else "error" if "error" in a else a for a in got]
    if done.returncode or told != wanted:
        print(f"lines: status {done.returncode}, {told}")
        return 1
    return 0


def wrong(got, allowed, grants):
    if got.get("allowed") is not allowed:
        return True
    return bool(allowed and grants is not None and got.get("binding") not in grants)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("casemate")
    parser.add_argument("--sets", type=int, default=2000)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path, help="write sets that differ there")
    o = parser.parse_args()
    asked = allowed_n = differ = 0
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "set.json"
        for i in range(o.sets):
            maker = Maker(random.Random(f"{o.seed}/{i}"))
            objects = maker.objects()
            questions = [maker.aimed(objects) if k % 2 else maker.question() for k in range(o.questions)]
            path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
            world = World(objects)
            bad = 0
            for q, got in zip(questions, ask(o.casemate, folder, questions)):
                allowed, grants = answer(world, q)
                asked, allowed_n = asked + 1, allowed_n + allowed
                if wrong(got, allowed, grants):
                    bad += 1
                    if differ + bad <= 5:
                        print(f"set {i}: {json.dumps(q)}: {json.dumps(got)}, wanted {allowed} {sorted(grants or [])}")
            differ += bad
            if bad and o.keep:
                o.keep.mkdir(exist_ok=True)
                (o.keep / f"{i}.json").write_text(path.read_text())
        differ += check_lines(o.casemate, folder)
    print(f"{o.sets} sets, {asked} questions, {allowed_n} allowed: {differ} differences")
    return int(differ != 0 or asked == 0 or allowed_n == 0)


if __name__ == "__main__":
    sys.exit(main())
