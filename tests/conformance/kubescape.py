#!/usr/bin/env python3
"""kubescape.py CASEMATE [-v]: the tests of kubescape's rules: verdicts, and the places that they name.

A case is a folder RULE/test/CASE: objects and the alerts that the rule raises for them. We agree if our findings are on
exactly the objects that an alert names. An alert on what a subject may do names a role and a binding (relatedObjects);
ours is on either. Where several objects of a case have one name, as many must have a finding as have alerts.

Places. A path of an alert (failedPaths, reviewPaths, fixPaths) is named if one of our findings on that object is
  1. at the same path, or
  2. if the path is not in the object (a field to be added), at its nearest ancestor that is, or
  3. one step above or below it (volumes[0] and volumes[0].hostPath, add and add[0], env[0] and env[0].value), but not
     at a whole container, spec, metadata, or object.
The gate is on alerts: one is placed if we name one of its paths. Below stands how many of all paths we name: an alert's
further paths are consequences that we do not repeat (the mounts of a volume, verb and group beside the resource).
"""
import collections, functools, json, re, subprocess, sys
import labelled
from labelled import Case, verdict

BROAD = {"spec", "metadata", "data", "template", "jobTemplate", "podTemplate", "containers", "initContainers", "ephemeralContainers"}


def steps(path):
    """a.b[0][k.example/x] -> ("a", "b", 0, "k.example/x")"""
    ret = []
    for m in re.finditer(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|\[([^\]]*)\]|([^.\[\]]+)', path):
        quoted, number, bare, name = m.groups()
        ret.append(int(number) if number else quoted if quoted is not None else bare if bare is not None else name)
    return tuple(ret)


def broad(path):
    """Is it a whole container, spec, metadata or object, rather than a field?"""
    return not path or path[-1] in BROAD or isinstance(path[-1], int) and path[-2:-1] and path[-2] in BROAD


def existing(tree, path):
    """The longest beginning of a path that is in the object."""
    for n, step in enumerate(path):
        if isinstance(tree, list) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        elif isinstance(tree, dict) and str(step) in tree:
            tree = tree[str(step)]
        else:
            return path[:n]
    return path


def names(theirs, ours, tree):
    """Does our path name theirs in the object?"""
    if theirs == ours:
        return True
    there = existing(tree, theirs)
    if there != theirs:
        return ours == there
    short, long = sorted((theirs, ours), key=len)
    return len(long) == len(short) + 1 and long[:len(short)] == short and not broad(short)


@functools.lru_cache(None)
def objects(casemate, file):
    """A file's objects as the API server would receive them."""
    done = subprocess.run([casemate, "read", str(file)], capture_output=True, text=True, timeout=60)
    return [json.loads(line) for line in done.stdout.splitlines()]


def tree(casemate, file, document):
    for o in objects(casemate, file):
        if o.get("kind") == document.kind and (o.get("metadata") or {}).get("name", o.get("name", "")) == document.name:
            return o
    return {}


def identity(o):
    return str(o.get("kind", "")), str((o.get("metadata") or {}).get("name") or o.get("name") or "")


def alerted(alert):
    """An alert's objects, any of which may have our finding, and its paths: (index of the object, path)."""
    where = alert.get("alertObject") or {}
    subject = where.get("externalObjects") or {}
    related = subject.get("relatedObjects") or []
    ids = [identity(o) for o in where.get("k8sApiObjects") or []] + [identity(o) for o in related]
    if not ids and (subject or where.get("kind")):
        ids = [identity(subject or where)]
    paths = []
    raw = [*(alert.get("failedPaths") or []), *(alert.get("reviewPaths") or []),
           *(x.get("path") for x in alert.get("fixPaths") or [])]
    for p in raw:
        m = re.match(r"relatedObjects\[(\d+)\]\.(.*)", p or "")
        at = (int(m.group(1)), steps(m.group(2))) if m else (0, steps(p or ""))
        if at[1] and at not in paths:
            paths.append(at)
    return ids, paths


class Test:
    """One case: its objects, alerts, and our findings on each object."""

    def __init__(self, run, checks, report, rule, folder):
        self.casemate = run.casemate
        files = sorted(x for x in (folder / "input").rglob("*") if x.suffix in (".yaml", ".yml", ".json"))
        self.documents = [(x, d) for x in files for d in labelled.documents(x)]
        expected = folder / "expected.json"
        self.alerts = [alerted(a) for a in json.loads(expected.read_text() or "[]") or [] if isinstance(a, dict)]
        self.said = collections.defaultdict(list)
        for n, (file, d) in enumerate(self.documents):
            ours = checks.fired(rule, report.findings[file])
            self.said[n] = [f for f in ours if f.kind == d.kind and f.name == d.name and d.first <= f.line <= d.last]
        self.errors = [e["message"] for x in files for e in report.errors[x] if e["level"] == "error"]

    def numbers(self, ids):
        return [n for n, (_, d) in enumerate(self.documents) if (d.kind, d.name) in ids]

    def agree(self):
        named = set()
        for ids, _ in self.alerts:
            here = self.numbers(ids)
            if not any(self.said[n] for n in here):
                return False
            named |= set(here)
        for i in {(d.kind, d.name) for _, d in self.documents}:
            here, alerts = self.numbers([i]), [ids for ids, _ in self.alerts if ids == [i]]
            if alerts and sum(bool(self.said[n]) for n in here) < min(len(here), len(alerts)):
                return False
        return not any(self.said[n] for n in range(len(self.documents)) if n not in named)

    def places(self):
        """For each alert with paths: (how many of them we name, how many there are, text of those we do not)."""
        for ids, paths in self.alerts:
            missed = []
            for at, path in paths:
                if not any(names(path, steps(f.path), tree(self.casemate, *self.documents[n]))
                           for n in self.numbers(ids[at:at + 1]) for f in self.said[n]):
                    missed.append(".".join(map(str, path)))
            if paths:
                yield len(paths) - len(missed), len(paths), missed

    def note(self):
        ours = "; ".join(sorted({f"{f.kind} {f.name}: [{f.policy}] {f.message} at {f.path or 'the object'}"
                                 for n in self.said for f in self.said[n]}))
        theirs = "; ".join(sorted({" + ".join(f"{k} {n}" for k, n in ids) for ids, _ in self.alerts}))
        return f"theirs: {theirs or 'nothing'} | ours: {ours or 'nothing'}" + "".join(f" | error: {e}" for e in self.errors)


def main():
    run = labelled.arguments(__doc__, "kubescape-rules")
    checks = labelled.Checks("kubescape")
    report = labelled.Report(run, run.corpus)
    cases, unclaimed, empty, lost = [], collections.Counter(), 0, []
    placed = alerts = named = paths = 0
    for folder in sorted(run.corpus.glob("*/test/*")):
        rule = folder.parent.parent.name
        if not checks.claimed(rule):
            unclaimed[rule] += 1
            continue
        test = Test(run, checks, report, rule, folder)
        if not test.documents:
            empty += 1
            continue
        cases.append(Case(rule, f"{rule}/{folder.name}", verdict(test.alerts), verdict(any(test.said.values())), test.agree(), test.note()))
        for some, whole, missed in test.places():
            placed, alerts, named, paths = placed + bool(some), alerts + 1, named + some, paths + whole
            if not some or missed and run.verbose:
                lost.append(f"  {rule}/{folder.name}: {', '.join(missed)} | ours: "
                            + (", ".join(sorted({f.path or "the object" for n in test.said for f in test.said[n]})) or "nothing"))
    if lost:
        print("alerts without a place of ours" + (", and paths that ours do not name" if run.verbose else "") + ":")
        print("\n".join(lost) + "\n")
    print(f"{empty} cases have no input")
    labelled.conclude(run, checks, cases, 97, unclaimed, checks.policies() - report.policies,
                      [("alerts are placed", placed, alerts, 90), ("paths are named", named, paths, 0)])


main()
