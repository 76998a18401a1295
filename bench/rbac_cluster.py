#!/usr/bin/env python3
"""rbac_cluster.py [--pods N] [--bindings N] [--roles N] [--seed N] > cluster.json: a made-up cluster for `casemate rbac paths`: every tenth Pod
has something that escapes, most roles read, some lead further, few are cluster-admin's."""
import argparse, json, random, sys

RBAC = "rbac.authorization.k8s.io"
HARMLESS = [("", ["configmaps", "services", "endpoints"], ["get", "list", "watch"]), ("apps", ["deployments", "replicasets"], ["get", "list", "watch"]),
            ("", ["events"], ["create", "patch"]), ("", ["pods", "pods/log"], ["get", "list", "watch"]), ("coordination.k8s.io", ["leases"], ["get", "create", "update"])]
RISKY = [("", ["secrets"], ["get", "list"]), ("", ["pods"], ["create"]), ("apps", ["deployments"], ["create", "update", "patch"]), ("", ["pods/exec"], ["create"]),
         ("", ["serviceaccounts/token"], ["create"]), (RBAC, ["rolebindings"], ["create"]), (RBAC, ["roles", "clusterroles"], ["bind"]), ("", ["users", "groups"], ["impersonate"])]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("pods", 25000), ("bindings", 10000), ("roles", 5000), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    o = parser.parse_args()
    r = random.Random(o.seed)
    namespaces = [f"team-{i}" for i in range(max(1, o.pods // 125))] + ["kube-system"]
    accounts = [(ns, f"app-{i}") for ns in namespaces for i in range(25)]
    put = lambda x: sys.stdout.write(json.dumps(x, separators=(",", ":")) + "\n")  # noqa: E731
    for ns in namespaces:
        labels = {"pod-security.kubernetes.io/enforce": "baseline"} if r.random() < 0.5 else {}
        put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns, "labels": labels}})
    for ns, name in accounts:
        put({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": ns}})
    roles = []
    for i in range(o.roles):
        cluster = i % 5 == 0
        rules = [{"apiGroups": [g], "resources": res, "verbs": v} for g, res, v in r.sample(HARMLESS, 3) + (r.sample(RISKY, 1) if r.random() < 0.1 else [])]
        meta = {"name": f"role-{i}"}
        if not cluster:
            meta["namespace"] = r.choice(namespaces)
        if i == 0:
            rules = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
        roles.append((meta.get("namespace"), meta["name"]))
        put({"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole" if cluster else "Role", "metadata": meta, "rules": rules})
    for i in range(o.bindings):
        ns, role = r.choice(roles[1:]) if i >= 5 else roles[0]
        subjects = [{"kind": "ServiceAccount", "namespace": a[0], "name": a[1]} for a in r.sample(accounts, r.randint(1, 3))]
        wide = ns is None and (i < 5 or r.random() < 0.1)
        meta = {"name": f"binding-{i}"} if wide else {"name": f"binding-{i}", "namespace": ns or r.choice(namespaces)}
        put({"apiVersion": f"{RBAC}/v1", "kind": "ClusterRoleBinding" if wide else "RoleBinding", "metadata": meta, "subjects": subjects,
             "roleRef": {"apiGroup": RBAC, "kind": "Role" if ns else "ClusterRole", "name": role}})
    for i in range(o.pods):
        ns, account = r.choice(accounts)
        container = {"name": "app", "image": f"registry.example/app-{i % 400}:1", "ports": [{"containerPort": 8080}]}
        spec = {"serviceAccountName": account, "nodeName": f"node-{r.randrange(max(1, o.pods // 50))}", "containers": [container]}
        kind = r.random()
        if kind < 0.03:
            container["securityContext"] = {"privileged": True}
        elif kind < 0.07:
            spec["volumes"] = [{"name": "host", "hostPath": {"path": r.choice(["/", "/var/log", "/var/run/docker.sock", "/etc"])}}]
            container["volumeMounts"] = [{"name": "host", "mountPath": "/host", "readOnly": r.random() < 0.5}]
        elif kind < 0.1:
            spec["hostPID"] = True
        put({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"pod-{i}", "namespace": ns, "labels": {"app": f"app-{i % 400}"}}, "spec": spec})


main()
