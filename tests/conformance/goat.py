#!/usr/bin/env python3
"""goat.py CASEMATE [-v]: the scenarios of Kubernetes Goat that one object shows have their findings.

The other scenarios are about what is inside an image (sensitive keys in codebases, a private registry, hidden layers,
a crypto miner), about several objects (a namespace without NetworkPolicies, SSRF to a neighbour), or are tools to try.
"""
import sys
import labelled

# (scenario, file, object, policies of which one has a finding, beginning of its path)
SCENARIOS = [
    ("2 container runtime socket", "health-check/deployment.yaml", "health-check-deployment", "container-runtime-socket", "spec.template.spec.volumes[0]"),
    ("2 privileged, to use it", "health-check/deployment.yaml", "health-check-deployment", "privileged", "spec.template.spec.containers[0].securityContext.privileged"),
    ("4 escape: privileged", "system-monitor/deployment.yaml", "system-monitor-deployment", "privileged", "spec.template.spec.containers[0].securityContext.privileged"),
    ("4 escape: the node's root", "system-monitor/deployment.yaml", "system-monitor-deployment", "host-path-sensitive", "spec.template.spec.volumes[0]"),
    ("4 escape: it is writable", "system-monitor/deployment.yaml", "system-monitor-deployment", "host-path-writable host-path-sensitive", "spec.template.spec"),
    ("4 escape: the node's processes", "system-monitor/deployment.yaml", "system-monitor-deployment", "host-namespaces", "spec.template.spec.hostPID"),
    ("4 escape: the node's shared memory", "system-monitor/deployment.yaml", "system-monitor-deployment", "host-namespaces", "spec.template.spec.hostIPC"),
    ("4 escape: privilege escalation", "system-monitor/deployment.yaml", "system-monitor-deployment", "allow-privilege-escalation", "spec.template.spec.containers[0].securityContext"),
    ("5 docker bench: docker's socket", "docker-bench-security/deployment.yaml", "docker-bench-security", "container-runtime-socket", "spec.template.spec.volumes[6]"),
    ("5 docker bench: runs as root", "docker-bench-security/deployment.yaml", "docker-bench-security", "run-as-user", "spec.template.spec.securityContext.runAsUser"),
    ("5 docker bench: capability", "docker-bench-security/deployment.yaml", "docker-bench-security", "capabilities-baseline", "spec.template.spec.containers[0].securityContext.capabilities.add"),
    ("6 kube-bench: etcd's data", "kube-bench-security/master-job.yaml", "kube-bench-master", "host-path-sensitive", "spec.template.spec.volumes[0]"),
    ("6 kube-bench: the kubelet's data", "kube-bench-security/node-job.yaml", "kube-bench-node", "host-path-sensitive", "spec.template.spec.volumes[1]"),
    ("8 NodePort", "internal-proxy/deployment.yaml", "internal-proxy-info-app-service", "node-port", "spec"),
    ("11 namespace without a Pod Security level", "cache-store/deployment.yaml", "secure-middleware", "pod-security-labels", ""),
    ("13 denial of service: no limits", "hunger-check/deployment.yaml", "hunger-check-deployment", "resource-requirements", "spec.template.spec.containers[0]"),
    ("16 RBAC: reads all, Secrets too", "hunger-check/deployment.yaml", "secret-reader", "secrets-access secrets-access-in-namespace wildcard-core-resources", "rules[0]"),
    ("17 cluster-admin for a service account", "insecure-rbac/setup.yaml", "superadmin", "cluster-admin-binding", ""),
    ("all: works in the default namespace", "build-code/deployment.yaml", "build-code-deployment", "default-namespace", "metadata"),
    ("all: image without a tag", "batch-check/job.yaml", "batch-check-job", "image-tag", "spec.template.spec.containers[0].image"),
    ("all: token that is not needed", "poor-registry/deployment.yaml", "poor-registry-deployment", "automount-token default-service-account", "spec.template.spec"),
]


def main():
    run = labelled.arguments(__doc__, "manifests/kubernetes-goat")
    report = labelled.Report(run, run.corpus)
    missed = 0
    for scenario, file, name, policies, path in SCENARIOS:
        said = [f for f in report.findings[run.corpus / file]
                if f.status == "fail" and f.name == name and f.policy in policies.split() and f.path.startswith(path)]
        missed += not said
        print(f"{'ok  ' if said else 'MISS'} {scenario}: {policies.replace(' ', ' or ')} at {path or 'the object'}")
        for f in said if run.verbose else ():
            print(f"       {file}:{f.line} [{f.policy}] {f.message} at {f.path}")
    errors = [e for x in report.errors.values() for e in x if e["level"] == "error"]
    for e in errors:
        print(f"error: {e['file']}:{e['line']}: {e['message']}")
    unknown = {p for s in SCENARIOS for p in s[3].split()} - report.policies
    if unknown:
        print("no policy of casemate's: " + " ".join(sorted(unknown)))
    print(f"kubernetes-goat: {len(SCENARIOS) - missed} of {len(SCENARIOS)} findings, {len(errors)} errors")
    sys.exit(bool(missed or errors))


main()
