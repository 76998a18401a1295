#!/usr/bin/env python3
"""rbac.py CASEMATE [SETS]: a hundred random sets of RBAC objects in the real API server; its SubjectAccessReviews against
`casemate rbac ask` on what the server then holds (its own default roles and bindings too): no difference.

The sets are those of tests/oracle/rbac.py, restricted to what the server takes. Its authorizer reads from caches: objects
made last in every kind tell when it has seen a set.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import cluster as clusters
from cluster import Cluster
from judge import ROOT, finish, program

sys.path.insert(0, str(ROOT / "tests" / "oracle"))
import rbac as oracle  # noqa: E402

SETS, QUESTIONS, BINDS, SEEN_SECONDS = 100, 80, 10, 60
RBAC = f"/apis/{oracle.GROUP}/v1"
PLURALS = {"Role": "roles", "ClusterRole": "clusterroles", "RoleBinding": "rolebindings", "ClusterRoleBinding": "clusterrolebindings"}
REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"


def review(cluster, q):
    """The server's answer to a question of `rbac ask`."""
    spec = {"user": q["user"], "groups": q["groups"]}
    if q.get("path"):
        spec["nonResourceAttributes"] = {"path": q["path"], "verb": q["verb"]}
    else:
        names = ("verb", "group", "resource", "subresource", "name", "namespace")
        spec["resourceAttributes"] = {k: q[k] for k in names if k in q}
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
    return cluster.admin.request("POST", REVIEWS, body).expect(201).body["status"].get("allowed", False)


def sentinels(i):
    """A Role and a ClusterRole, bound, that allow their users one thing each: (objects, questions)."""
    user, meta, rule = f"sentinel-{i}", {"name": f"sentinel-{i}"}, {"apiGroups": ["sentinel"], "resources": ["seen"], "verbs": ["get"]}
    subject = [{"kind": "User", "apiGroup": oracle.GROUP, "name": user}]
    made = []
    for kind, ns in (("ClusterRole", None), ("Role", "default")):
        at = dict(meta, namespace=ns) if ns else meta
        ref = {"apiGroup": oracle.GROUP, "kind": kind, "name": meta["name"]}
        made.append({"apiVersion": oracle.GROUP + "/v1", "kind": kind, "metadata": at, "rules": [dict(rule, resources=[kind.lower()])]})
        made.append({"apiVersion": oracle.GROUP + "/v1", "kind": kind + "Binding", "metadata": at, "subjects": subject, "roleRef": ref})
    questions = [{"user": user, "groups": [], "verb": "get", "group": "sentinel", "resource": kind, **({"namespace": ns} if ns else {})}
                 for kind, ns in (("clusterrole", None), ("role", "default"))]
    return made, questions


def place(o):
    ns = None if o["kind"].startswith("Cluster") else o["metadata"].get("namespace") or "default"
    return f"{RBAC}/namespaces/{ns}/{PLURALS[o['kind']]}" if ns else f"{RBAC}/{PLURALS[o['kind']]}"


def aggregated(cluster, objects):
    """Waits until the controller has written the rules of the set's aggregated roles."""
    world, end = oracle.World(objects), time.monotonic() + SEEN_SECONDS
    key = lambda rules: sorted({json.dumps(r, sort_keys=True) for r in rules or []})  # noqa: E731
    for _, name, o in world.of("ClusterRole"):
        if not o.get("aggregationRule"):
            continue
        while True:
            held = {h["metadata"]["name"]: h for h in cluster.admin.get(f"{RBAC}/clusterroles").expect(200).body["items"]}
            wanted = oracle.World([dict(h, kind="ClusterRole") for h in held.values()]).aggregated(name)
            if key(held[name].get("rules")) == key(wanted):
                break
            if time.monotonic() > end:
                raise RuntimeError(f"ClusterRole {name} is not aggregated after {SEEN_SECONDS} s")
            time.sleep(0.05)


def named(objects, i):
    """Every set has names of its own: the aggregation controller applies, and so may make a role again that was just deleted."""
    for o in objects:
        for at in (o["metadata"], o.get("roleRef")):
            if at:
                at["name"] = f"s{i}-{at['name']}"
    return objects


def load(cluster, objects, i):
    cluster.many(lambda o: cluster.admin.request("POST", place(o), o).expect(201), objects)
    aggregated(cluster, objects)
    made, questions = sentinels(i)
    for o in made:
        cluster.admin.request("POST", place(o), o).expect(201)
    end = time.monotonic() + SEEN_SECONDS
    while not all(review(cluster, q) for q in questions):
        if time.monotonic() > end:
            raise RuntimeError(f"set {i} is not seen after {SEEN_SECONDS} s")
        time.sleep(0.01)
    return objects + made


def held(cluster):
    """Everything of RBAC in the server, with the kinds that a list leaves out."""
    found = []
    for kind, plural in PLURALS.items():
        for o in cluster.admin.get(f"{RBAC}/{plural}").expect(200).body["items"]:
            found.append({"apiVersion": oracle.GROUP + "/v1", **o, "kind": kind})
    return found


WRITERS = "e2e-writers"  # a group that may write bindings: what it may bind is the question


def writers():
    meta = {"name": WRITERS}
    rule = {"apiGroups": [oracle.GROUP], "resources": ["rolebindings", "clusterrolebindings"], "verbs": ["create"]}
    subject = {"kind": "Group", "apiGroup": oracle.GROUP, "name": WRITERS}
    yield {"apiVersion": oracle.GROUP + "/v1", "kind": "ClusterRole", "metadata": meta, "rules": [rule]}
    yield {"apiVersion": oracle.GROUP + "/v1", "kind": "ClusterRoleBinding", "metadata": meta, "subjects": [subject],
           "roleRef": {"apiGroup": oracle.GROUP, "kind": "ClusterRole", "name": WRITERS}}


def bind_questions(maker, objects):
    """Users of the set and its roles, and those that every cluster has."""
    r = maker.r
    roles = [(o["kind"], o["metadata"]["name"], o["metadata"].get("namespace") or "default") for o in objects if not o["kind"].endswith("Binding")]
    roles += [("ClusterRole", name, "default") for name in ("cluster-admin", "admin", "edit", "view")]
    for _ in range(BINDS):
        q, (kind, name, ns) = maker.aimed(objects), r.choice(roles)
        new = {"user": q["user"], "groups": (q.get("groups") or oracle.implied(q["user"])) + [WRITERS], "bind": {"kind": kind, "name": name}}
        everybody = "system:unauthenticated" if new["user"] == "system:anonymous" else "system:authenticated"
        if everybody not in new["groups"]: # the server adds it to whom somebody acts as
            new["groups"].append(everybody)
        if kind == "Role" or r.random() < 0.7:
            new["namespace"] = ns if kind == "Role" else r.choice(oracle.NAMESPACES)
        yield new


def bound(cluster, q):
    """Does the server let the user write such a binding?"""
    ns = q.get("namespace")
    kind = "RoleBinding" if ns else "ClusterRoleBinding"
    o = {"apiVersion": oracle.GROUP + "/v1", "kind": kind, "metadata": {"name": "asked", **({"namespace": ns} if ns else {})},
         "subjects": [], "roleRef": {"apiGroup": oracle.GROUP, **q["bind"]}}
    client = cluster.admin.acting_as(q["user"], q["groups"])
    try:
        return client.request("POST", place(o) + "?dryRun=All", o).expect(201, 403).status == 201
    finally:
        client.close()


def compare(cluster, casemate, i, folder):
    """-> (questions, allowed, differences as texts)"""
    maker = oracle.Maker(random.Random(f"e2e/{i}"), valid=True)
    objects = named(maker.objects(), i)
    questions = [maker.aimed(objects) if k % 2 else maker.question() for k in range(QUESTIONS)]
    for q in questions:
        if q.get("groups") is None:
            q["groups"] = oracle.implied(q["user"])
    loaded = load(cluster, objects, i)
    path = folder / "held.json"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": held(cluster)}))
    said = cluster.many(lambda q: review(cluster, q), questions)
    binds = list(bind_questions(maker, objects))
    questions, said = questions + binds, said + cluster.many(lambda q: bound(cluster, q), binds)
    ours = oracle.ask(casemate.program, path, questions, "--no-builtin-roles")
    cluster.many(lambda o: cluster.admin.request("DELETE", f"{place(o)}/{o['metadata']['name']}").expect(200), loaded)
    wrong = [f"set {i}: {json.dumps(q)}: the server says {theirs}, casemate {json.dumps(own)}"
             for q, theirs, own in zip(questions, said, ours) if own.get("allowed") is not theirs]
    return len(questions), sum(said), wrong


def quiet(cluster, casemate, folder):
    """A cluster as it is made has no way to own it but for its own components, nothing unused, and nobody in the matrix. -> what differs"""
    path = folder / "made.json"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": held(cluster)}))
    for words in (["paths"], ["unused"], ["matrix"]):
        done = subprocess.run([casemate.program, "rbac", *words, "-f", "json", str(path)], capture_output=True, text=True, timeout=60)
        found = [x for rows in json.loads(done.stdout).values() for x in rows]
        if done.returncode or found:
            yield f"a cluster as it is made: rbac {' '.join(words)}: {json.dumps(found)[:300]}"


def main():
    casemate = program()
    sets = int(sys.argv[2]) if len(sys.argv) > 2 else SETS
    clusters.CONTROLLERS += ("clusterrole-aggregation-controller",)
    asked = allowed = 0
    wrong = []
    with Cluster(controllers=True) as cluster, tempfile.TemporaryDirectory(prefix="casemate-e2e-") as folder:
        for ns in oracle.NAMESPACES:
            cluster.namespace(ns)
        aggregated(cluster, [o for o in held(cluster) if o.get("aggregationRule")])  # admin, edit and view have no rules at first
        wrong += quiet(cluster, casemate, pathlib.Path(folder))
        for o in writers():
            cluster.admin.request("POST", place(o), o).expect(201)
        for i in range(sets):
            n, yes, differences = compare(cluster, casemate, i, pathlib.Path(folder))
            asked, allowed, wrong = asked + n, allowed + yes, wrong + differences
    for text in wrong[:10]:
        print(text)
    print(f"rbac: {sets} sets, {asked} questions to the API server, {allowed} allowed: {len(wrong)} differences")
    return bool(wrong) or not allowed


finish(main)
