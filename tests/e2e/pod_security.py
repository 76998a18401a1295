#!/usr/bin/env python3
"""pod_security.py CASEMATE [-v]: the PodSecurity plugin of the real server and our pod-security-standards policies agree.

Every Pod there is (fixtures, the standards' own examples, the manifests, and the Pods of their templates) is sent to a
namespace of each level and version. Compared is which checks fail, by the words the plugin has for each.
"""

import collections
import re
import sys

import cases
from cluster import Cluster
from judge import CORPORA, ROOT, alone, finish, program

# Both sides of every version in which a check begins, ends or changes, and what casemate's newest is above.
VERSIONS = (0, 7, 8, 18, 19, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36)
WORDS = {
    "allow-privilege-escalation": "allowPrivilegeEscalation != false", "apparmor-profile": "forbidden AppArmor profile",
    "capabilities-baseline": "non-default capabilities", "capabilities-restricted": "unrestricted capabilities",
    "host-namespaces": "host namespaces", "host-path-volumes": "hostPath volumes", "host-ports": "hostPort",
    "host-probes-and-host-lifecycle": "probe or lifecycle host", "privileged": "privileged", "proc-mount": "procMount",
    "proc-mount-restricted": "procMount", "restricted-volumes": "restricted volume types", "run-as-non-root": "runAsNonRoot != true",
    "run-as-user": "runAsUser=0", "seccomp-profile-baseline": "seccompProfile", "seccomp-profile-restricted": "seccompProfile",
    "selinux-options": "seLinuxOptions", "sysctls": "forbidden sysctls", "windows-host-process": "hostProcess"}
# In the plugin a restricted check stands in for baseline ones; ours stay beside each other here.
STANDS_FOR = {"capabilities-restricted": ["capabilities-baseline"], "restricted-volumes": ["host-path-volumes"],
              "seccomp-profile-restricted": ["seccomp-profile-baseline"], "proc-mount-restricted": ["proc-mount"]}
VIOLATES = re.compile(r'violates PodSecurity "(\w+):(\w+)(?:\.(\d+))?": (.*)', re.S)
LABELS = "pod-security.kubernetes.io/"
verbose = "-v" in sys.argv


def note(policy, name, default=None):
    return policy["metadata"].get("annotations", {}).get("casemate.dev/" + name, default)


def since(policy):
    return int(note(policy, "since", "1.0").split(".")[1])


def reasons(text):
    """The checks in `hostPort (container "a" uses hostPort 1), privileged (...)`: what stands outside of parentheses."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
    while "(" in text:
        shorter = re.sub(r"\([^()]*\)", "", text)
        if shorter == text:
            break
        text = shorter
    return {re.sub(r"profiles$", "profile", one.strip()) for one in text.split(",")}


def ours(casemate, policies, pods, level, version):
    """For each Pod the words of the checks that fail at the level, as of the version."""
    some = [p for p in policies if level == "restricted" or note(p, "pss") == "baseline"]
    dropped = {weaker for p in some if since(p) <= version for weaker in STANDS_FOR.get(p["metadata"]["name"], [])}
    found = casemate.scan(pods, [alone(p) for p in some if p["metadata"]["name"] not in dropped], "--kubernetes-version", f"1.{version}")
    return [{WORDS[f.policy] for f in findings} for findings in found]


def theirs(answer):
    """The words of the checks that fail, or None where the server itself refuses the Pod."""
    if answer.status == 201:
        return set()
    match = VIOLATES.search(answer.message()) if answer.status == 403 else None
    return reasons(match[4]) if match else None


def all_pods(casemate, client):
    found = list(cases.fixtures(casemate))
    for name in ("pod-security-standards", "manifests"):
        if (CORPORA / name).is_dir():
            found += cases.corpus(casemate, name)
        else:
            print(f"skipped: {name}: ../shared/corpora/{name} is not there")
    distinct = {}
    for c in cases.cases(client, [(origin, x, None) for origin, x, _ in found], collections.Counter()):
        if c.obj["kind"] == "Pod":
            pod = {**c.obj, "metadata": {**c.obj["metadata"], "namespace": ""}}
            distinct.setdefault(str(pod), (str(c), pod))
    return list(distinct.values())


def main():
    casemate = program()
    policies = [o for f in sorted((ROOT / "policies" / "pod-security-standards").glob("*/policy.yaml")) for o in casemate.read(f)]
    wrong, compared, refused, failing = [], 0, 0, 0
    with Cluster() as cluster:
        pods = all_pods(casemate, cluster.admin)
        for level in ("baseline", "restricted"):
            for version in VERSIONS:
                namespace = f"{level}-{version}"
                cluster.namespace(namespace, {LABELS + "enforce": level, LABELS + "enforce-version": f"v1.{version}"})
                here = [{**pod, "metadata": {**pod["metadata"], "namespace": namespace}} for _, pod in pods]
                mine = ours(casemate, policies, here, level, version)
                answers = cluster.many(lambda pod: cluster.admin.create(pod, dry_run=True), here)
                for (origin, _), a, b in zip(pods, map(theirs, answers), mine):
                    refused += a is None
                    compared += a is not None
                    failing += bool(a)
                    if a is not None and a != b:
                        wrong.append((origin, level, version, a, b))
    causes = collections.Counter((level, tuple(sorted(a - b)), tuple(sorted(b - a))) for _, level, _, a, b in wrong)
    for (level, theirs_only, ours_only), n in causes.most_common():
        example = next(w for w in wrong if w[1] == level and tuple(sorted(w[3] - w[4])) == theirs_only and tuple(sorted(w[4] - w[3])) == ours_only)
        versions = sorted({w[2] for w in wrong if w[1] == level and tuple(sorted(w[3] - w[4])) == theirs_only and tuple(sorted(w[4] - w[3])) == ours_only})
        print(f"DIFFERS {n} x {level}: only PodSecurity: {', '.join(theirs_only) or '-'}; only casemate: {', '.join(ours_only) or '-'}\n"
              f"    e.g. {example[0]}; versions {versions}")
    print(f"pod_security: {len(pods)} distinct Pods at 2 levels and {len(VERSIONS)} versions: {compared} verdicts, {failing} of them refusals, "
          f"{refused} refused by the server itself; {len(wrong)} differ")
    return wrong


finish(main)
