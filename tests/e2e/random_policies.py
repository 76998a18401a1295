#!/usr/bin/env python3
"""random_policies.py CASEMATE [--count N] [--seed S] [-v]: random expressions as real policies. docs/e2e.md.

The generator is that of tests/oracle/cel. A truth value is a validation, or now and then a match condition; of
any other type the value is what a messageExpression says. Compared are whether the policy is taken, its verdict, and
the whole message: the value, or which error.
"""

import argparse
import collections
import http.client
import json
import re
import sys
import time

from cluster import Cluster
from judge import POLICY, ROOT, Casemate, finish

sys.path[:0] = [str(ROOT / "tests" / "oracle"), str(ROOT / "tests" / "oracle" / "cel")]
import cel  # noqa: E402
import generate  # noqa: E402

KNOWN = generate.VARIABLES

MINOR, NEWEST = 36, 37
GROUP = 8        # policies that one request meets; their warnings fit into its headers
REPEAT = 60      # requests where only the order of a map may differ: Go's is random
LABEL = "casemate.dev/e2e"
BINDING = POLICY + "Binding"
GROUP_NAME, KIND = "e2e.casemate.dev", "Anything"
API = "admissionregistration.k8s.io/v1"
SAID = re.compile(rf"(?:Validation failed for )?{POLICY} '(.*?)' with binding '.*?'(?: denied request)?: (.*)", re.S)
SAMPLE = 10      # of the policies that refuse, every tenth is asked on its own, for the reason
TRUNCATED = 3500
PANIC = "ends the connection: it panicked"
# The generator's variables, value by value, as a policy's own: their type is that of the expression.
VARIABLES = {
    "i": ["5", "-3", "9223372036854775807", "0"],
    "u": ["7u", "0u", "18446744073709551615u"],
    "d": ["2.5", "double('NaN')", "-0.0", "1e300", "3.0"],
    "s": ["'hello'", "''", "'Grüße, 世界'", "'a-b-c'", "'42'"],
    "by": ["b'hello'", "b''", "b'\\xff\\x00'"],
    "yes": ["true"],
    "no": ["false"],
    "ts": ["timestamp('2023-06-14T02:00:00Z')", "timestamp('1970-01-01T00:00:00.000000001Z')", "timestamp('9999-12-31T23:59:59.999999999Z')"],
    "du": ["duration('1h')", "duration('-1.5s')", "duration('1us')"],
    "li": ["[3, 1, 2]", "[1].filter(x, false)", "[1, 1]"],
    "ls": ["['b', 'a', 'b']", "['a'].filter(x, false)", "['é']"],
    "ms": ["{'app': 'web', 'tier': ''}", "{'a': 'b'}.transformMap(k, v, false, v)"],
    "mi": ["{'a': 1, 'b': -2}", "{'x': 0}"],
    "dy": ["dyn(null)", "dyn(1)", "dyn(1.5)", "dyn('text')", "dyn([dyn(1), dyn('a'), dyn(null)])",
           "dyn({'a': dyn(1), 'b': dyn([dyn(true)])})", "dyn(true)"],
}


class Generator(generate.Generator):
    """Expressions over what a policy sees when an object is created: object.it is anything, oldObject is null."""

    def __init__(self, seed):
        super().__init__(seed)
        generate.VARIABLES = {"variables." + name: KNOWN[name] for name in VARIABLES}

    def roots(self):
        known = [(name, self.pick(samples)) for name, type_, samples in self.scope if type_ == "dyn" and samples]
        return [("object.it", self.object)] * 12 + [("oldObject.it", self.old)] + known * 6

    def expression(self):
        """(text, type wanted, object)"""
        self.object, self.old, self.scope, self.fresh = self.pick(self.objects), self.objects[0], [], 0
        want = "bool" if self.chance(0.4) else self.any_type()
        node = self.expr(want, self.weighted([(2, 1), (5, 2), (6, 3), (3, 4)]))
        return self.noise(node.text()), want, self.object


# ---- policies

def policies(seed, count):
    """(policy, the object it is asked about)"""
    g = Generator(seed)
    for n in range(count):
        text, want, obj = g.expression()
        spec = {"failurePolicy": "Ignore" if g.chance(0.1) else "Fail",
                "matchConstraints": {"matchPolicy": "Exact", "resourceRules": [
                    {"apiGroups": [GROUP_NAME], "apiVersions": ["v1"], "resources": ["anythings"], "operations": ["CREATE"]}]}}
        if want != "bool":
            spec["validations"] = [{"expression": f"[dyn({text})].size() == 0", "messageExpression": f"'%s'.format([{text}])", "reason": g.pick(["Invalid", "Forbidden"])}]
        elif g.chance(0.15) and "variables." not in text:
            spec["matchConditions"] = [{"name": "when", "expression": text}]
            spec["validations"] = [{"expression": "false", "message": "the condition holds"}]
        else:
            spec["validations"] = [{"expression": text}]
        used = [name for name in VARIABLES if re.search(rf"\bvariables\.{name}\b", text)]
        if used:
            spec["variables"] = [{"name": name, "expression": g.pick(VARIABLES[name])} for name in used]
        yield {"apiVersion": API, "kind": POLICY, "metadata": {"name": f"p{n}"}, "spec": spec}, obj


def expression_of(policy):
    """The random expression."""
    spec = policy["spec"]
    one = (spec.get("matchConditions") or spec["validations"])[0]
    return one["messageExpression"][len("'%s'.format(["):-len("])")] if "messageExpression" in one else one["expression"]


def binding(policy, values, action):
    name = policy["metadata"]["name"]
    selector = {"matchExpressions": [{"key": LABEL, "operator": "In", "values": values}]}
    return {"apiVersion": API, "kind": BINDING, "metadata": {"name": f"{name}-{action.lower()}"},
            "spec": {"policyName": name, "validationActions": [action], "matchResources": {"objectSelector": selector}}}


def anything(it, label):
    return {"apiVersion": f"{GROUP_NAME}/v1", "kind": KIND, "metadata": {"name": "it", "namespace": "default", "labels": {LABEL: label}}, "it": it}


def definition():
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"anythings.{GROUP_NAME}"},
            "spec": {"group": GROUP_NAME, "scope": "Namespaced", "names": {"kind": KIND, "plural": "anythings", "listKind": KIND + "List"},
                     "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}]}}


def groups(made):
    """[(label, object, [policy])]: policies that are asked about the same object, few at a time."""
    same = collections.defaultdict(list)
    for policy, obj in made:
        same[json.dumps(obj)].append(policy)
    found = [(json.loads(key), some[k:k + GROUP]) for key, some in same.items() for k in range(0, len(some), GROUP)]
    return [(f"g{n}", obj, some) for n, (obj, some) in enumerate(found)]


# ---- both sides

def refusals(cluster, made):
    """{policy's name: the server's refusal or None}"""
    def refusal(p):
        try:
            answer = cluster.admin.create(p, dry_run=True)
        except (http.client.RemoteDisconnected, ConnectionResetError):
            return PANIC
        return None if answer.status == 201 else answer.message()
    return dict(zip([p["metadata"]["name"] for p in made], cluster.many(refusal, made)))


def load(cluster, asked):
    cluster.admin.create(definition()).expect(201)
    todo = [x for label, _, some in asked for p in some for x in
            (p, binding(p, [label], "Warn"), binding(p, [p["metadata"]["name"]], "Deny"))]
    always = {**todo[0], "metadata": {"name": "canary"}, "spec": {"matchConstraints": todo[0]["spec"]["matchConstraints"], "validations": [{"expression": "false"}]}}
    todo += [always, binding(always, ["canary"], "Deny")]
    for answer in cluster.many(cluster.admin.create, todo):
        answer.expect(201)
    end = time.monotonic() + 60
    cluster.admin.forget()
    while not cluster.admin.resource(f"{GROUP_NAME}/v1", KIND) or cluster.admin.create(anything(1, "canary"), dry_run=True).status != 422:
        if time.monotonic() > end:
            sys.exit("policies do not take effect")
        time.sleep(0.1)
        cluster.admin.forget()


def warned(cluster, label, obj):
    """{policy's name: message}, or None where warnings may have been cut."""
    answer = cluster.admin.create(anything(obj, label), dry_run=True).expect(201)
    said = dict(m.groups() for m in map(SAID.fullmatch, answer.warnings) if m)
    return said if sum(map(len, answer.warnings)) < TRUNCATED else None


def denied(cluster, policy, obj):
    """The message and reason of one policy's refusal, or None."""
    answer = cluster.admin.create(anything(obj, policy["metadata"]["name"]), dry_run=True)
    if answer.status == 201:
        return None
    match = SAID.fullmatch(answer.body["details"]["causes"][-1]["message"])
    return match[2], answer.body["reason"]


def ours(casemate, asked):
    """{policy's name: (message, reason)} of what fails."""
    bound = [x for label, _, some in asked for p in some for x in (p, binding(p, [label], "Warn"))]
    found = casemate.scan([anything(obj, label) for label, obj, _ in asked], bound)
    return {f.policy: (f.message, f.reason) for findings in found for f in findings if f.status == "fail"}


def compare(cluster, casemate, asked):
    """-> [(policy, object, server, casemate)] of what differs, how many in the order of a map alone, {outcome: how many}"""
    mine, wrong, order, outcomes = ours(casemate, asked), [], 0, collections.Counter()
    for (_, obj, some), said in zip(asked, cluster.many(lambda a: warned(cluster, *a[:2]), asked)):
        for p in some:
            name = p["metadata"]["name"]
            here = mine.get(name)
            outcomes[outcome(here)] += 1
            sampled = here and outcomes[outcome(here)] % SAMPLE == 0
            if said is not None and said.get(name) == (here and here[0]) and not sampled:
                continue
            there = denied(cluster, p, obj)
            if alike(there, here):
                continue
            if there and here and any(alike(denied(cluster, p, obj), here) for _ in range(REPEAT)):
                order += 1
            else:
                wrong.append((p, obj, there, here))
    return wrong, order, outcomes


def alike(there, here):
    return there == here or (there and here and (plain(there[0]), there[1]) == (plain(here[0]), here[1]))


def plain(message):
    """Which error, not its words: 1.36 does not name the function without an overload, a panic's text and types are Go's."""
    before, between, error = message.rpartition("resulted in error: ")
    if not between:
        return message
    error = re.sub(r"^(?:got '\S+', expected iterable type|unsupported comprehension range type: \S+)", "expected iterable type", error)
    return before + between + re.sub(r"^(no such overload|internal error|invalid qualifier type): .*", r"\1", error, flags=re.S)


def changed(casemate, wrong):
    """Of what differs, what Kubernetes 1.37 made as casemate has it: its own CEL gives casemate's answer, or one that
    docs/cel-differential.md explains. {policy's name}"""
    try:
        both = cel.Comparison(casemate.program, cel.program.build("cel", "Kubernetes' CEL environment"), NEWEST)
    except SystemExit:  # cannot be built
        return set()
    lines = [later(p, obj) for p, obj, *_ in wrong]
    return {w[0]["metadata"]["name"] for w, line, (a, b) in zip(wrong, lines, both.pairs(lines)) if same_answer(a, b) or cel.explained(line, a, b)}


def later(policy, obj):
    """The policy's expression as a line for the oracle of the differential."""
    text = expression_of(policy)
    line = {"expr": text.replace("variables.", ""), "bindings": {"object": {"json": anything(obj, "x")}, "oldObject": {"json": None}}, "type_env": []}
    for v in policy["spec"].get("variables", []):
        kind, values = KNOWN[v["name"]]
        line["bindings"][v["name"]] = values[VARIABLES[v["name"]].index(v["expression"])]
        if kind != "dyn":
            line["type_env"].append({"name": v["name"], "ident": {"type": generate.declared(generate.parse_type(kind))}})
    return line


def same_answer(a, b):
    """Both answers of the differential: the same value, or the same error."""
    if "error" in a and "error" in b:
        return plain("resulted in error: " + a["error"]) == plain("resulted in error: " + b["error"])
    return cel.agree(a, b)


def outcome(message):
    return "pass" if message is None else "error" if "resulted in error: " in message[0] else "fail"


# ---- the test

def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("casemate")
    p.add_argument("--count", type=int, default=2000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("-v", action="store_true", help="every difference")
    return p.parse_args()


def judge(casemate, made):
    """-> what differs, how many differ in a map's order alone, {outcome: how many}, how many both refuse"""
    need = casemate.needs([p for p, _ in made])
    with Cluster() as cluster:
        refused = refusals(cluster, [p for p, _ in made])
        taken = {name for name, why in refused.items() if why is None}
        expected = {name for name, minor in need.items() if minor <= MINOR}
        both = groups([(p, obj) for p, obj in made if p["metadata"]["name"] in taken & expected])
        load(cluster, both)
        wrong, order, outcomes = compare(cluster, casemate, both)
    for p, obj in made:
        name = p["metadata"]["name"]
        if name in taken and name not in need:
            wrong.append((p, obj, "takes it", "refuses it"))
    new = changed(casemate, wrong)
    for p, obj in made:
        name = p["metadata"]["name"]
        if name in need and (name in taken) != (name in expected):
            wrong.append((p, obj, refused[name] or "takes it", f"takes it, from 1.{need[name]}"))
    return [w for w in wrong if w[0]["metadata"]["name"] not in new], order, len(new), outcomes, len(made) - len(taken | expected)


def main():
    o = arguments()
    wrong, order, new, outcomes, refused = judge(Casemate(o.casemate), list(policies(o.seed, o.count)))
    for p, obj, there, here in wrong if o.v else wrong[:20]:
        reads = "; ".join(f"{v['name']} = {v['expression']}" for v in p["spec"].get("variables", []))
        print(f"DIFFERS {p['metadata']['name']} {expression_of(p)}\n    {reads}\n    server:   {there}\n    casemate: {here}")
    print(f"random_policies: {o.count} of seed {o.seed}: {refused} refused by both, {outcomes['pass']} pass, {outcomes['fail']} fail, {outcomes['error']} fail by an error; "
          f"{order} differ in a map's order alone, {new} as 1.37 has it and 1.36 not, {len(wrong)} differ")
    return wrong


finish(main)
