#!/usr/bin/env python3
"""versions.py CASEMATE: the Kubernetes that casemate says a policy needs is the first that takes it.

One kube-apiserver behaves as each version in turn (--emulated-version). Asked are all of our policies, one policy
for each function overload of the environment, and some hundred random expressions: `casemate policy list` says
"needs 1.N", and the server must refuse it below 1.N and take it from there on.
"""

import collections
import random
import re
import sys

from cluster import Cluster
from judge import POLICY, ROOT, finish, folders, program

sys.path.insert(0, str(ROOT / "tests" / "oracle" / "cel"))
from generate import Generator, wrap  # noqa: E402

VERSIONS = (33, 34, 35, 36)  # what v1.36 can be told to be
# A new policy is compiled for the version before, but emulation never goes below the oldest version: what 1.33's
# environment brought is taken by an emulated 1.33 and not by a real one (apiserver pkg/util/compatibility/version.go).
FLOOR = VERSIONS[0] + 1
RANDOM = 400


def policy(name, expression):
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"], "operations": ["CREATE"]}
    return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": POLICY, "metadata": {"name": name},
            "spec": {"matchConstraints": {"resourceRules": [rule]}, "validations": [{"expression": expression}]}}


def calls(seed=1):
    """A call of every overload that is known of, with literals for its arguments."""
    g = Generator(seed)
    g.object, g.old, g.scope, g.ill, g.loose = g.objects[0], g.objects[0], [], 0, 0
    for name, receiver, arguments, _ in g.all:
        made = [constant(g, t) for t in arguments]
        on = "".join(x if isinstance(x, str) else x.text() for x in wrap(constant(g, receiver))) + "." if receiver else ""
        text = f"{on}{name}({', '.join(n.text() for n in made)})"
        yield f"({text}) == ({text})"


def constant(g, kind):
    if isinstance(kind, str) and kind.startswith("~"):
        return g.pooled(kind, 0)
    return g.constant(tuple("int" if k == "A" else k for k in kind) if isinstance(kind, tuple) else "int" if kind == "A" else kind)


def expressions():
    yield from calls()
    g = Generator(7)
    rng = random.Random(7)
    for line, _ in g.lines(RANDOM * 3):
        if set(line.get("bindings", {})) <= {"object", "oldObject"} and "type_env" not in line and rng.random() < 0.5:
            yield f"({line['expr']}) == ({line['expr']})"


def ask(made, minor):
    """{policy's name: the server's refusal or None} for Kubernetes 1.minor."""
    with Cluster(emulated=f"1.{minor}") as cluster:
        answers = cluster.many(lambda p: cluster.admin.create(p, dry_run=True), made)
        return {p["metadata"]["name"]: None if a.status == 201 else a.message() for p, a in zip(made, answers)}


def show(wrong, need, texts):
    """Differences with one cause once: what is needed, who decides otherwise, the compiler's first words."""
    causes = collections.defaultdict(list)
    for name, minor, refusal in wrong:
        words = re.search(r"ERROR: <input>:\d+:\d+: (.*)", refusal or "")
        why = "takes it" if refusal is None else words[1] if words else refusal[:200]
        causes[f"needs 1.{need[name]}; Kubernetes 1.{minor}: {why}"].append(texts[name])
    for cause, examples in sorted(causes.items()):
        print(f"DIFFERS {len(examples)} x {cause}\n    {min(examples, key=len)[:200]}")


def main():
    casemate = program()
    own = [o for f in folders() for o in casemate.read(f / "policy.yaml") if o["kind"] == POLICY]
    made = own + [policy(f"e{n}", e) for n, e in enumerate(dict.fromkeys(expressions()))]
    need = casemate.needs(made)
    made = [p for p in made if p["metadata"]["name"] in need]
    wrong, taken, early = [], collections.Counter(), 0
    for minor in VERSIONS:
        for name, refusal in ask(made, minor).items():
            taken[minor] += refusal is None
            early += refusal is None and need[name] > minor
            if (refusal is None) != (need[name] <= max(minor, FLOOR)):
                wrong.append((name, minor, refusal))
    show(wrong, need, {p["metadata"]["name"]: p["spec"]["validations"][0]["expression"] for p in made})
    print("  taken: " + ", ".join(f"{taken[m]} of {len(made)} by 1.{m}" for m in VERSIONS))
    print(f"versions: {len(own)} policies and {len(made) - len(own)} expressions at {len(VERSIONS)} versions: {len(wrong)} differences, "
          f"{early} taken early by an emulated version")
    return wrong


finish(main)
