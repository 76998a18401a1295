#!/usr/bin/env python3
"""checkov.py CASEMATE [-v]: Checkov's own test manifests for Kubernetes, a file and a check a case.

checks/example_CHECK has the files of a check, or of the CLASSES that share them. A file's name says PASSED (silent) or
FAILED (fires: for each object of the kinds that fire at all, unless its name says pass); 1FAILED1PASSED fires for the one.
UNKNOWN is no verdict. LABELS has the files whose names do not say it. graph/checks/resources/CHECK/expected.yaml names
resources that pass and fail; a binding stands there for what its role permits.
"""
import collections, re
import labelled
from labelled import Case, verdict

CLASSES = {
    "Requests_Limits": ["CPULimits", "CPURequests", "MemoryLimits", "MemoryRequests"],
    "LivenessReadiness": ["LivenessProbe", "ReadinessProbe"],
    "ShareHost": ["ShareHostIPC", "ShareHostPID", "SharedHostNetworkNamespace"],
    "SecurityContexts": ["PodSecurityContext", "ContainerSecurityContext"],
    "NginxIngressCVE202125742": ["NginxIngressCVE202125742AllSnippets", "NginxIngressCVE202125742Lua", "NginxIngressCVE202125742Alias"],
    "DefaultNamespace": ["DefaultNamespace"],
    "NoDefaultNamespace": ["DefaultNamespace"],
    "ImagePullPolicy": ["ImagePullPolicyAlways"],
    "RotateKubeletServerCertificate": ["RotateKubeletServerCertificate"],
}
# folder/file -> does it fire? None: no verdict.
LABELS = {
    "DockerSocketVolume/CronJob-pass.yaml": False,
    "DockerSocketVolume/scope-UNKNOWN.yaml": None,
    "KubernetesDashboard/kubernetes-dashboard-deployment.yaml": True,
    "LivenessReadiness/pod-liveness-readiness-2pods.yaml": True,
    "Seccomp/template.yaml": False,
    "ShareHost/privilegedPod-PASS.yaml": False,
    "Tiller/tiller-deployment.json": True,
    "TillerService/tiller-services.yaml": True,
}


def label(folder, file):
    """True: fires; False: silent; None: no verdict."""
    key = f"{folder}/{file.name}"
    if key in LABELS:
        return LABELS[key]
    if re.search(r"FAIL", file.stem, re.I):
        return True
    return False if re.search(r"PASS", file.stem, re.I) else None


def judge(file, fires, said):
    """Do our findings agree with the label of the file as a whole?"""
    if not fires or not said:
        return bool(said) == fires
    kinds = {f.kind for f in said}
    ought = [d for d in labelled.documents(file) if d.kind in kinds and "pass" not in d.name.lower()]
    mixed = re.search(r"\dPASSED|PASSESONE|UNKNOWN", file.stem)
    return bool(mixed) or all(any(d.first <= f.line <= d.last for f in said) for d in ought)


def example_cases(run, checks, report, unclaimed):
    for folder in sorted(run.corpus.glob("checks/example_*")):
        name = folder.name.removeprefix("example_")
        for file in sorted(x for x in folder.rglob("*") if x.suffix in (".yaml", ".yml", ".json")):
            fires = label(name, file)
            for check in CLASSES.get(name, [name]):
                if fires is None or not checks.claimed(check):
                    unclaimed[check] += 1
                    continue
                said = checks.fired(check, report.findings[file])
                note = "; ".join(sorted({f"{f.kind} {f.name}: [{f.policy}] {f.message} at {f.path}" for f in said}))
                note += "".join(f" (error: {e['message']})" for e in report.errors[file] if e["level"] == "error")
                yield Case(check, f"{check}/{file.relative_to(folder)}", verdict(fires), verdict(said), judge(file, fires, said), note)


def expected(file):
    """expected.yaml -> (fires, kind, namespace, name)."""
    fires = None
    for line in file.read_text().splitlines():
        if m := re.match(r"(pass|fail):", line):
            fires = m.group(1) == "fail"
        elif m := re.match(r"\s*-\s*[\"']?([\w-]+)\.([\w-]+)\.([\w-]+)", line):
            yield (fires, *m.groups())


def graph_cases(run, checks, report, unclaimed):
    for file in sorted(run.corpus.glob("graph/checks/resources/*/expected.yaml")):
        check = file.parent.name
        labels = list(expected(file))
        if not checks.claimed(check):
            unclaimed[check] += len(labels)
            continue
        said = [f for x in sorted(file.parent.rglob("*.yaml")) for f in checks.fired(check, report.findings[x])]
        roles = {d.name: role(x, d) for x in sorted(file.parent.rglob("*.yaml")) for d in labelled.documents(x) if d.kind.endswith("Binding")}
        for fires, kind, namespace, name in labels:
            names = {name, roles.get(name)}
            here = [f for f in said if f.name in names]
            note = "; ".join(sorted({f"{f.kind} {f.name}: [{f.policy}] {f.message} at {f.path}" for f in here}))
            yield Case(check, f"{check}/{kind}.{namespace}.{name}", verdict(fires), verdict(here), bool(here) == fires, note)


def role(file, document):
    """The name of the role that a binding refers to."""
    lines = file.read_text().splitlines()[document.first - 1:document.last]
    text = "\n".join(lines)
    m = re.search(r"^roleRef:\n(?:[ ]+.*\n)*?[ ]+name: *[\"']?([\w:.-]+)", text + "\n", re.M)
    return m.group(1) if m else None


def main():
    run = labelled.arguments(__doc__, "checkov")
    checks = labelled.Checks("checkov")
    report = labelled.Report(run, run.corpus)
    unclaimed = collections.Counter()
    cases = [*example_cases(run, checks, report, unclaimed), *graph_cases(run, checks, report, unclaimed)]
    labelled.conclude(run, checks, cases, 97, unclaimed, checks.policies() - report.policies)


main()
