#!/usr/bin/env python3
"""stored.py CASEMATE [-v]: what casemate reads of a file is what the server makes of it. docs/e2e.md.

Every file of corpora/api-objects, JSON and YAML, is sent as it is:
  stored    inside a custom resource, which is created, and read back from etcd: it must equal `casemate read`
  decoded   where the server has the kind: to the kind's own path. Most are refused, for their values are made up, but the
            audit log has the object that was decoded, with defaults. It must be that which the server decodes of
            casemate's reading, and have everything that casemate read
"""

import collections
import json
import re
import sys
import time

from cluster import Cluster
from judge import CORPORA, finish, program, skip

GROUP, KIND = "e2e.casemate.dev", "Anything"
SET_BY_SERVER = {"managedFields", "selfLink"}
ALPHA = ["--runtime-config=api/all=true", "--feature-gates=AllAlpha=true,AllBeta=true"]
AUDIT = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"],
         "rules": [{"level": "Request", "verbs": ["create"]}, {"level": "None"}]}
MARK = re.compile(r"[?&]fieldManager=(file|read)-(\d+)(?:&|$)")
UNKNOWN = re.compile(r'unknown field "(.*?)"')
# What pkg/apis/core/v1/conversion.go changes: stringData goes into data, and where a field has a twin they become the same.
CONVERTED = re.compile(r"^stringData$|(?:^|\.)(?:spec\.serviceAccount|spec\.podCIDRs\[0\]|status\.podIPs\[0\]\.ip)$")
verbose = "-v" in sys.argv


# ---- comparing

def number(x):
    return isinstance(x, (int, float)) and not isinstance(x, bool)


def same(a, b):
    """Equal as JSON: numbers by value, true is not 1."""
    if number(a) and number(b):
        return a == b
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(v, b[k]) for k, v in a.items())
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def empty(x):
    return x in (None, "", 0, False) or (isinstance(x, (list, dict)) and not x)


def missing(read, decoded, path=()):
    """Places of what casemate read that the server has not, or otherwise."""
    if isinstance(read, dict) and isinstance(decoded, dict):
        for k, v in read.items():
            if not path + (k,) in (("metadata", name) for name in SET_BY_SERVER) and not (k not in decoded and empty(v)):
                yield from missing(v, decoded.get(k), path + (k,))
    elif isinstance(read, list) and isinstance(decoded, list) and len(read) == len(decoded):
        for k, (a, b) in enumerate(zip(read, decoded)):
            yield from missing(a, b, path + (k,))
    elif not same(read, decoded):
        yield dotted(path), read, decoded


def dotted(path):
    return "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in path).lstrip(".")


# ---- stored

def definition():
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"anythings.{GROUP}"},
            "spec": {"group": GROUP, "scope": "Namespaced", "names": {"kind": KIND, "plural": "anythings", "listKind": KIND + "List"},
                     "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}]}}


def around(name, text, yaml):
    """The file's own text inside of a custom resource."""
    if yaml:
        inner = "".join(f"  {line}\n" for line in text.rstrip("\n").split("\n"))
        return f"apiVersion: {GROUP}/v1\nkind: {KIND}\nmetadata: {{name: {name}}}\nit:\n{inner}".encode()
    return f'{{"apiVersion":"{GROUP}/v1","kind":"{KIND}","metadata":{{"name":"{name}"}},"it":{text}}}'.encode()


def store(cluster, files):
    """What comes back of each file."""
    cluster.admin.create(definition()).expect(201)
    path = f"/apis/{GROUP}/v1/namespaces/default/anythings"
    while cluster.admin.get(path).status != 200:
        time.sleep(0.1)

    def one(job):
        n, f = job
        yaml = f.suffix == ".yaml"
        body = around(f"n{n}", f.read_text(encoding="utf-8"), yaml)
        cluster.admin.request("POST", path, body, "application/yaml" if yaml else "application/json").expect(201)
        return cluster.admin.get(f"{path}/n{n}").expect(200).body["it"]
    return cluster.many(one, list(enumerate(files)))


# ---- decoded

def send(cluster, files, read):
    """Sends each file, and what casemate read of it, to the path of its kind. -> {number: fields unknown to the server},
    kinds that it has not."""
    jobs, absent = [], collections.Counter()
    for n, (f, x) in enumerate(zip(files, read)):
        api, kind = x.get("apiVersion", ""), x.get("kind", "")
        served = api and cluster.admin.resource(api, kind)
        if not served or "create" not in served["verbs"]:
            absent[f"{api}/{kind}"] += 1
            continue
        path = cluster.admin.path(api, kind, x.get("metadata", {}).get("namespace")) + "?fieldValidation=Warn&dryRun=All&fieldManager="
        jobs += [(n, f"{path}file-{n}", f.read_bytes(), "application/yaml" if f.suffix == ".yaml" else "application/json"),
                 (n, f"{path}read-{n}", json.dumps(x).encode(), "application/json")]
    answers = cluster.many(lambda j: cluster.admin.request("POST", *j[1:]), jobs)
    unknown = {n: {m[1] for w in answer.warnings for m in UNKNOWN.finditer(w)} for (n, *_), answer in zip(jobs, answers)}
    return unknown, absent


def decoded(cluster, wanted):
    """{(file or read, number): object} as the audit log has them, once it has them all."""
    end = time.monotonic() + 20
    found = {}
    while len(found) < wanted and time.monotonic() < end:
        time.sleep(0.3)
        for event in cluster.audit():
            mark = MARK.search(event["requestURI"])
            if mark and "requestObject" in event:
                found[mark[1], int(mark[2])] = event["requestObject"]
    return found


def differences(files, read, back, objects, unknown):
    for n, (f, x, stored) in enumerate(zip(files, read, back)):
        if not same(x, stored):
            yield f, "stored", list(missing(x, stored))[:3] or list(missing(stored, x))[:3]
        if n not in unknown:
            continue
        theirs, ours = objects.get(("file", n)), objects.get(("read", n))
        if theirs is None or ours is None:
            yield f, "decoded", "nothing in the audit log"
        elif not same(theirs, ours):
            yield f, "decoded", list(missing(ours, theirs))[:3] or list(missing(theirs, ours))[:3]
        else:
            left = [m for m in missing(x, theirs) if not CONVERTED.search(m[0]) and not any(m[0] == u or m[0].startswith((u + ".", u + "[")) for u in unknown[n])]
            if left:
                yield f, "the server has not what casemate read", left[:3]


def main():
    casemate, folder = program(), CORPORA / "api-objects"
    if not folder.is_dir():
        skip("../shared/corpora/api-objects is not there")
    files = sorted(f for f in folder.iterdir() if f.suffix in (".json", ".yaml"))
    read = [casemate.read(f) for f in files]
    wrong = [(f, "is not one object", len(r)) for f, r in zip(files, read) if len(r) != 1]
    files, read = [f for f, r in zip(files, read) if len(r) == 1], [r[0] for r in read if len(r) == 1]
    with Cluster(flags=ALPHA, audit_policy=AUDIT) as cluster:
        back = store(cluster, files)
        unknown, absent = send(cluster, files, read)
        objects = decoded(cluster, 2 * len(unknown))
    wrong += differences(files, read, back, objects, unknown)
    for f, what, where in wrong[:None if verbose else 20]:
        print(f"DIFFERS {f.name}: {what}: {where}")
    print(f"  only stored, since 1.36 has nothing to create them at: {len(absent)} kinds" + (": " + " ".join(sorted(absent)) if verbose else ""))
    fields = sorted({u for known in unknown.values() for u in known})
    print(f"  {len(fields)} fields that 1.36 does not know" + (": " + " ".join(fields) if verbose else ""))
    print(f"stored: {len(files)} files stored and read back, {len(unknown)} of them decoded as their kinds; {len(wrong)} differ")
    return wrong


finish(main)
