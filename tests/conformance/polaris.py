#!/usr/bin/env python3
"""polaris.py CASEMATE [-v]: Polaris' own test manifests.

A folder is named after a check; in success* files it does not fire, in failure* files it fires for some object.
"""
import collections, re
import labelled
from labelled import Case, verdict


def main():
    run = labelled.arguments(__doc__, "polaris")
    checks = labelled.Checks("polaris")
    report = labelled.Report(run, run.corpus)
    cases, unclaimed = [], collections.Counter()
    for file in sorted(run.corpus.glob("*/*.yaml")):
        check, label = file.parent.name, re.match(r"success|failure", file.name)
        if not label:
            continue
        if not checks.claimed(check):
            unclaimed[check] += 1
            continue
        said = checks.fired(check, report.findings[file])
        expected = label.group(0) == "failure"
        note = "; ".join(sorted({f"{f.kind} {f.name}: [{f.policy}] {f.message} at {f.path}" for f in said}))
        note += "".join(f" (error: {e['message']})" for e in report.errors[file] if e["level"] == "error")
        cases.append(Case(check, f"{check}/{file.name}", verdict(expected), verdict(said), bool(said) == expected, note))
    labelled.conclude(run, checks, cases, 97, unclaimed, checks.policies() - report.policies)


main()
