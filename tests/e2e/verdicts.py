#!/usr/bin/env python3
"""verdicts.py CASEMATE [-v]: what kube-apiserver decides by our policies, and why, is what casemate says. docs/e2e.md.

Every policy is bound twice. With Warn, to objects labelled for it: one request then answers with every failing
validation of every policy, as warnings, and with the object that was judged. With Deny, to objects labelled with the
policy's name: message, reason and HTTP status of a refusal. Nothing is stored (dryRun).
"""

import collections
import json
import re
import sys
import time

import cases
from cases import LABEL, Case
from cluster import Cluster
from judge import CORPORA, POLICY, alone, finish, folders, minor, program

BINDING = POLICY + "Binding"
POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
NEWEST = 37
WARNED = re.compile(rf"Validation failed for {POLICY} '(.*?)' with binding '(.*?)': (.*)", re.S)
DENIED = re.compile(rf"{POLICY} '(.*?)' with binding '(.*?)' denied request: (.*)", re.S)
GROUPS = (1, 2, 4, 16)      # in how many requests an object's verdicts are asked for
HEADER_ROOM = 4096       # the server cuts warnings that are longer together, pkg/endpoints/filters/warning.go
WORDS = 110              # about what it writes around a message
CODES = {"Invalid": 422, "Forbidden": 403, "Unauthorized": 401, "RequestEntityTooLarge": 413}
DENIALS = 3              # of the corpora, refusals tried for each policy and message's beginning
POD_RULE = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
verbose = "-v" in sys.argv


# ---- policies, theirs and ours

def groups(n):
    """The label's values that select policy number n: one for each number of requests."""
    return ["warn", *(f"warn-{of}-{n % of}" for of in GROUPS[1:])]


def bindings(policy, own, n):
    """Two bindings for each of the policy's own, or for the one that it has not."""
    for k, given in enumerate(own or [{"spec": {}}]):
        for action, values in ("Deny", [policy["metadata"]["name"]]), ("Warn", groups(n)):
            spec = json.loads(json.dumps(given["spec"]))
            selector = spec.setdefault("matchResources", {}).setdefault("objectSelector", {})
            selector.setdefault("matchExpressions", []).append({"key": LABEL, "operator": "In", "values": values})
            spec.update(policyName=policy["metadata"]["name"], validationActions=[action])
            yield {"apiVersion": policy["apiVersion"], "kind": BINDING, "metadata": {"name": f"{action.lower()}-{n}-{k}"}, "spec": spec}


class Policies:
    """All of policies/: what each file has, and the two shapes in which casemate is asked about workloads."""

    def __init__(self, casemate):
        self.casemate = casemate
        read = [o for f in folders() for o in casemate.read(f / "policy.yaml", *sorted((f / "params").rglob("*.yaml")))]
        self.policies = [o for o in read if o["kind"] == POLICY]
        self.bound = collections.defaultdict(list)
        for o in read:
            if o["kind"] == BINDING:
                self.bound[o["spec"]["policyName"]].append(o)
        self.beside = [o for o in read if o["kind"] != POLICY]
        self.parameters = [o for o in self.beside if o["kind"] != BINDING]

    def judge(self, objects, shape):
        """Findings of each object, whatever version each policy says that it judges for."""
        results = [[] for _ in objects]
        for version in sorted({minor(p) or NEWEST for p in self.policies}):
            some = [shape(alone(p)) for p in self.policies if (minor(p) or NEWEST) == version]
            some = [p for p in some if p]
            if some and objects:
                found = self.casemate.scan(objects, some + self.beside, "--kubernetes-version", f"1.{version}")
                results = [a + b for a, b in zip(results, found)]
        return results


def with_rules(policy, **rules):
    constraints = {**policy["spec"]["matchConstraints"], **rules}
    return {**policy, "spec": {**policy["spec"], "matchConstraints": constraints}}


def for_pods(policy):
    """The policy, of Pods only, or None. A workload is then judged as its Pod and not as itself."""
    def has(given, wanted):
        return wanted in given or "*" in given
    rules = [{**r, **POD_RULE} for r in policy["spec"]["matchConstraints"].get("resourceRules", [])
             if has(r["apiGroups"], "") and has(r["apiVersions"], "v1") and (has(r["resources"], "pods") or "*/*" in r["resources"])]
    return with_rules(policy, resourceRules=rules) if rules else None


def for_others(policy):
    """The policy, of all but Pods. A workload is then judged as itself and not as its Pod."""
    excluded = policy["spec"]["matchConstraints"].get("excludeResourceRules", [])
    return with_rules(policy, excludeResourceRules=[*excluded, {**POD_RULE, "operations": ["*"]}])


def judged(policies, some, objects):
    """Our findings for each case, where objects stand for them."""
    results = [None] * len(some)
    for shape, which in ((for_others, lambda c: c.obj["kind"] != "Pod"), (lambda p: p, lambda c: c.obj["kind"] == "Pod" and c.obj is c.stands),
                         (for_pods, lambda c: c.obj is not c.stands)):
        at = [k for k, c in enumerate(some) if which(c)]
        for k, found in zip(at, policies.judge([objects[k] for k in at], shape)):
            results[k] = found
    return results


# ---- the server

def load(cluster, policies):
    for p in policies.parameters:
        cluster.admin.create(p).expect(201)
    canary = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": POLICY, "metadata": {"name": "canary"},
              "spec": {"matchConstraints": {"resourceRules": [{"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"], "operations": ["CREATE"]}]},
                       "validations": [{"expression": "false"}]}}
    everything = [*policies.policies, canary]
    for p in everything:
        cluster.admin.create(p).expect(201)
    for n, p in enumerate(everything):
        for b in bindings(p, policies.bound.get(p["metadata"]["name"]), n):
            cluster.admin.create(b).expect(201)
    probe = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "probe", "labels": {LABEL: "canary"}}}
    end = time.monotonic() + 30
    while cluster.admin.create(probe, dry_run=True).status != 422:  # policies take effect within a second or so
        if time.monotonic() > end:
            sys.exit("policies do not take effect")
        time.sleep(0.1)
    cluster.admin.delete(POLICIES + "/canary").expect(200)
    while cluster.admin.create(probe, dry_run=True).status == 422:
        time.sleep(0.1)


def prepare(cluster, found, some_pods):
    """Stand-ins for kinds, and the namespaces and service accounts that objects name."""
    made = cases.stand_ins([x for _, x, _ in found if cases.is_object(x)], cluster.admin)
    for crd in made:
        cluster.admin.create(crd).expect(201)
    for crd in made:
        path = f"/apis/{crd['spec']['group']}/{crd['spec']['versions'][0]['name']}/{crd['spec']['names']['plural']}"
        while cluster.admin.get(path).status != 200:
            time.sleep(0.1)
    cluster.admin.forget()
    some = some_pods()
    for ns in sorted({c.obj["metadata"].get("namespace") or cases.NAMESPACE for c in some}):
        if re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", str(ns)):
            cluster.namespace(ns)
    return some, made


def accounts(cluster, some):
    """With the ServiceAccount plugin a Pod needs the account that it names."""
    wanted = {(c.obj["metadata"]["namespace"], name) for c in some if c.obj["kind"] == "Pod"
              for name in [c.obj["spec"].get("serviceAccountName") or c.obj["spec"].get("serviceAccount")] if name}
    for namespace, name in sorted(wanted):
        cluster.admin.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}, namespace)


def post(cluster, obj, label):
    obj = {**obj, "metadata": {**obj["metadata"], "labels": {**(obj["metadata"].get("labels") or {}), LABEL: label}}}
    return cluster.admin.create(obj, dry_run=True, query="fieldValidation=Strict")


def warned(cluster, case, expected):
    """-> what every policy says, {policy: [message]}, and the judged object; or None and the server's own refusal."""
    length = sum(WORDS + len(f.policy) + len(f.message) for f in expected)
    for of in GROUPS:
        if length > of * HEADER_ROOM * 0.8 and of != GROUPS[-1]:
            continue
        said, fits, body = collections.defaultdict(list), True, None
        for k in range(of):
            answer = post(cluster, case.obj, "warn" if of == 1 else f"warn-{of}-{k}")
            if answer.status not in (201, 409):  # 409: it exists, and was judged before that showed
                return None, answer
            body = answer.body if answer.status == 201 else case.obj
            fits = fits and sum(map(len, answer.warnings)) < HEADER_ROOM - 512
            for text in answer.warnings:
                match = WARNED.fullmatch(text)
                if match:
                    said[match[1]].append(match[3])
        if fits:
            break
    return said, body


# ---- comparing

def grouped(findings):
    """{policy: {message}} of what fails, and the policies that leave something open."""
    fails, open_ = collections.defaultdict(set), set()
    for f in findings:
        if f.status == "fail":
            fails[f.policy].add(f.message)
        else:
            open_.add(f.policy)
    return fails, open_


def differences(said, findings):
    """Policies about which the two do not agree; what needs a cluster is no disagreement."""
    fails, open_ = grouped(findings)
    return {name for name in {*said, *fails} - open_ if set(said.get(name, ())) != fails.get(name, set())}


class Tally:
    def __init__(self):
        self.verdicts = self.fails = self.open = self.refused = 0
        self.reasons, self.explained, self.examples, self.wrong = collections.Counter(), collections.Counter(), {}, []

    def explain(self, case, policy, said, ours, seen):
        """The server judged another object than stands in the file, and of that one casemate says the same."""
        which = "only in the server" if not ours else "only in the file" if not said else "other words"
        key = (policy, case.obj["kind"], which)
        self.explained[key] += 1
        self.examples.setdefault(key, (str(case), sorted(said), sorted(ours), [f.path for f in seen if f.policy == policy][:2]))

    def complain(self, case, policy, said, ours):
        self.wrong.append(f"{case}: {policy}:\n    server:   {sorted(said)}\n    casemate: {sorted(ours)}")


def compare(cluster, policies, some, ours, tally):
    """Warn: every policy's verdict and messages, on the object as it stands or, where that differs, as the server judged it."""
    answers = cluster.many(lambda k: warned(cluster, some[k], ours[k]), range(len(some)))
    again = []
    for k, (said, body) in enumerate(answers):
        if said is None:
            tally.refused += 1
            tally.reasons[refusal(body)] += 1
            continue
        fails, open_ = grouped(ours[k])
        tally.verdicts += len(policies.policies)
        tally.fails += len(said)
        tally.open += len(open_)
        if differences(said, ours[k]):
            again.append(k)
    after = judged(policies, [Case("", answers[k][1]) for k in again], [answers[k][1] for k in again])
    for k, seen in zip(again, after):
        said, fails = answers[k][0], grouped(ours[k])[0]
        for name in sorted(differences(said, ours[k])):
            if name in differences(said, seen):
                tally.complain(some[k], name, said.get(name, ()), fails.get(name, ()))
            else:
                tally.explain(some[k], name, said.get(name, ()), fails.get(name, ()), seen)
    return answers


def refusal(answer):
    """The first words of a refusal by the server itself."""
    causes = answer.body.get("details", {}).get("causes", []) if isinstance(answer.body, dict) else []
    text = causes[0]["message"] if causes else answer.message()
    return f"{answer.status} " + re.sub(r'"[^"]*"|\d+|\[.*', "_", text.split(": ")[0])[:60]


def denials(cluster, some, ours, answers, tally):
    """Deny: message, reason and HTTP status. Every fixture by its own policy; of the rest some for each policy and message."""
    jobs, seen = [], collections.Counter()
    for c, findings, (said, _) in zip(some, ours, answers):
        if said is None:
            continue
        for name in {c.policy} if c.policy else set(said):
            mine = grouped(findings)[0].get(name, set())
            key = (name, (said.get(name) or [""])[0][:30])
            if name in differences(said, findings) or name in grouped(findings)[1] or (not c.policy and seen[key] >= DENIALS):
                continue
            seen[key] += 1
            jobs.append((c, name, said.get(name, []), {f.message: f.reason for f in findings if f.policy == name} if mine else {}))
    for (c, name, said, ours_), answer in zip(jobs, cluster.many(lambda j: post(cluster, j[0].obj, j[1]), jobs)):
        problem = denial(name, said, ours_, answer)
        if problem:
            tally.wrong.append(f"{c}: {name}: {problem}")
    return len(jobs), sum(1 for j in jobs if j[2])


def denial(name, said, ours, answer):
    """What is wrong with a refusal by one policy, or None."""
    if not ours:
        return None if answer.status in (201, 409) else f"the server answers {answer.status}, casemate has no finding: {answer.message()[:300]}"
    causes = answer.body.get("details", {}).get("causes", []) if isinstance(answer.body, dict) else []
    match = DENIED.fullmatch(causes[-1]["message"]) if causes else None
    if not match:
        return f"not refused by a policy but {answer.status}: {answer.message()[:300]}"
    policy, _, message = match.groups()
    if policy != name or message != said[0] or message not in ours:
        return f"refused by {policy} with {message!r}; casemate: {sorted(ours)}"
    reason = ours[message]
    if (answer.body["reason"], answer.status) != (reason, CODES.get(reason)):
        return f"reason {answer.body['reason']}, status {answer.status}; casemate: {reason}"
    return None


# ---- the test

def gather(casemate):
    found = list(cases.fixtures(casemate))
    for name in ("pod-security-standards", "manifests"):
        if (CORPORA / name).is_dir():
            found += cases.corpus(casemate, name)
        else:
            print(f"skipped: {name}: ../shared/corpora/{name} is not there")
    return found


def round_of(policies, found, service_accounts):
    """One server's judgement of all; with the ServiceAccount plugin of Pods only, the rest it does not touch."""
    tally, skipped = Tally(), collections.Counter()

    def some():
        made = cases.cases(cluster.admin, found, skipped)
        return [c for c in made if c.obj["kind"] == "Pod"] if service_accounts else made
    with Cluster(service_accounts=service_accounts) as cluster:
        all_, stand_ins = prepare(cluster, found, some)
        if service_accounts:
            accounts(cluster, all_)
        load(cluster, policies)
        ours = judged(policies, all_, [c.stands for c in all_])
        answers = compare(cluster, policies, all_, ours, tally)
        denied = denials(cluster, all_, ours, answers, tally)
    report(service_accounts, all_, tally, denied, skipped, stand_ins)
    return tally.wrong


def report(service_accounts, all_, tally, denied, skipped, stand_ins):
    title = f"ServiceAccount plugin {'on, Pods' if service_accounts else 'off'}"
    for text in tally.wrong[:None if verbose else 40]:
        print(f"DIFFERS {text}")
    for key, n in sorted(tally.explained.items()):
        print(f"  explained, defaulting: {n} x {key[0]} of {key[1]}, {key[2]}")
        if verbose:
            print("    e.g. {}\n         server {}\n         file   {}\n         at     {}".format(*tally.examples[key]))
    if not service_accounts:
        for what, n in sorted(skipped.items()):
            print(f"  skipped: {n} x {what}")
        print(f"  stand-ins for {len(stand_ins)} kinds: {' '.join(c['metadata']['name'] for c in stand_ins)}")
    if verbose:
        for reason, n in tally.reasons.most_common():
            print(f"  refused by the server itself: {n} x {reason}")
    print(f"{title}: {sum(len(c.origins) for c in all_)} objects, {len(all_)} distinct, of them {tally.refused} refused by the server itself; "
          f"{tally.verdicts} verdicts ({tally.fails} failing, {tally.open} open without a cluster): {sum(tally.explained.values())} explained by defaulting, "
          f"{len(tally.wrong)} differ; {denied[0]} objects sent to one policy each ({denied[1]} refusals: message, reason, status)")


def main():
    casemate = program()
    policies, found = Policies(casemate), gather(casemate)
    started = time.monotonic()
    wrong = [w for plugin in (False, True) for w in round_of(policies, found, plugin)]
    print(f"verdicts: {len(policies.policies)} policies, {len(found)} objects from files: {len(wrong)} differences, {time.monotonic() - started:.0f} s")
    return wrong


finish(main)
