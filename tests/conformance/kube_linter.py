#!/usr/bin/env python3
"""kube_linter.py CASEMATE [-v]: kube-linter's own test manifests, an object a case.

A file is named after a check. Objects called dont-fire* (or dontfire*, should-pass*, valid-*, good-*) must be silent,
the others of the kinds that the check speaks of must fire. A check on what a subject may do is said of a binding
there and of its role here: a Role and the bindings to it are one case. OTHERWISE has the objects whose names do not
follow this, as kube-linter's own expectations say.
"""
import collections, re
import labelled
from labelled import Case, verdict

SILENT = re.compile(r"(dont-?fire|should-pass|valid-|good-)", re.I)
BINDINGS = {"RoleBinding", "ClusterRoleBinding"}
# (check, number of the object in its file, from 1) -> does it fire?
OTHERWISE = {
    ("wildcard-in-rules", 1): False,       # get pods: no wildcard
    ("no-extensions-v1beta", 1): False,    # networking.k8s.io/v1
}


def speaks_of(check, kind):
    """Is an object of that kind one that the check may fire for? A helper beside it, such as a Secret, is not."""
    if check in ("access-to-create-pods", "access-to-secrets", "wildcard-in-rules"):
        return kind in ("Role", "ClusterRole")
    if check == "cluster-admin-role-binding":
        return kind in BINDINGS
    return True


def main():
    run = labelled.arguments(__doc__, "kube-linter")
    checks = labelled.Checks("kube-linter")
    report = labelled.Report(run, run.corpus)
    cases, unclaimed = [], collections.Counter()
    for file in sorted([*run.corpus.glob("*.yml"), *run.corpus.glob("*.yaml")]):
        check = file.stem
        objects = labelled.documents(file)
        if not checks.claimed(check):
            unclaimed[check] += len(objects)
            continue
        said = checks.fired(check, report.findings[file])
        errors = "".join(f" (error: {e['message']})" for e in report.errors[file] if e["level"] == "error")
        for number, o in enumerate(objects, 1):
            if not speaks_of(check, o.kind):
                continue
            here = [f for f in said if o.first <= f.line <= o.last]
            expected = OTHERWISE.get((check, number), not SILENT.match(o.name))
            note = "; ".join(sorted({f"[{f.policy}] {f.message} at {f.path}" for f in here})) + errors
            cases.append(Case(check, f"{check}/{number} {o.kind} {o.name}", verdict(expected), verdict(here), bool(here) == expected, note))
    labelled.conclude(run, checks, cases, 97, unclaimed, checks.policies() - report.policies)


main()
