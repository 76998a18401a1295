#!/usr/bin/env python3
"""rbac_paths.py CASEMATE [-v]: the labelled clusters of kubesplaining: what must be found, what must not, and by which steps.

Each of its rule ids is looked for in what `rbac paths`, `rbac unused`, `net who-can-reach imds` and `scan` say; docs/paths.md has the table. An id that nothing
of ours answers to is an exception with its reason below, and counted as one. Three kinds of input:

  corpus/*/labels.json        ids with their subjects, expected and denied, of a snapshot
  e2e/expectations/*          ids (or ids with subjects in .deny) of the manifests in e2e/vulnerable
  CHAINS below                what the steps from a subject must be, in order
"""
import argparse, collections, json, pathlib, re, subprocess, sys, tempfile

CORPUS = pathlib.Path(__file__).resolve().parents[2].parent / "shared/corpora/rbac-paths"
RBAC = "rbac.authorization.k8s.io/v1"
KINDS = {
    "namespaces": ("v1", "Namespace"), "nodes": ("v1", "Node"), "pods": ("v1", "Pod"), "service_accounts": ("v1", "ServiceAccount"),
    "services": ("v1", "Service"), "config_maps": ("v1", "ConfigMap"), "secrets_metadata": ("v1", "Secret"),
    "persistent_volumes": ("v1", "PersistentVolume"), "persistent_volume_claims": ("v1", "PersistentVolumeClaim"),
    "deployments": ("apps/v1", "Deployment"), "daemon_sets": ("apps/v1", "DaemonSet"), "stateful_sets": ("apps/v1", "StatefulSet"),
    "replica_sets": ("apps/v1", "ReplicaSet"), "jobs": ("batch/v1", "Job"), "cron_jobs": ("batch/v1", "CronJob"),
    "network_policies": ("networking.k8s.io/v1", "NetworkPolicy"),
    "mutating_webhook_configs": ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"),
    "validating_webhook_configs": ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
    "roles": (RBAC, "Role"), "cluster_roles": (RBAC, "ClusterRole"), "role_bindings": (RBAC, "RoleBinding"),
    "cluster_role_bindings": (RBAC, "ClusterRoleBinding"), "replication_controllers": ("v1", "ReplicationController"), "secrets": ("v1", "Secret"),
    "configmaps": ("v1", "ConfigMap"), "endpoints": ("v1", "Endpoints"), "ingresses": ("networking.k8s.io/v1", "Ingress"),
    "limit_ranges": ("v1", "LimitRange"), "resource_quotas": ("v1", "ResourceQuota"), "storage_classes": ("storage.k8s.io/v1", "StorageClass"),
    "validating_admission_policies": ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"),
    "validating_admission_policy_bindings": ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"),
}

# Rules of identities: attacks of `rbac paths -f json`, from the subject.
ATTACKS = {
    "KUBE-PRIVESC-001": ["pod-create"], "KUBE-PRIVESC-002": ["pod-create"], "KUBE-PRIVESC-003": ["workload-write"],
    "KUBE-PRIVESC-004": ["pod-exec", "pod-attach"], "KUBE-PRIVESC-005": ["token-list"], "KUBE-PRIVESC-006": ["token-bruteforce"],
    "KUBE-PRIVESC-007": ["token-secret-create"], "KUBE-PRIVESC-008": ["identity-impersonate"],
    "KUBE-PRIVESC-009": ["role-bind", "role-escalate"], "KUBE-PRIVESC-010": ["role-bind"], "KUBE-PRIVESC-011": ["csr-approve"],
    "KUBE-PRIVESC-012": ["nodes-proxy"], "KUBE-PRIVESC-013": ["pod-ephemeral-containers"], "KUBE-PRIVESC-014": ["token-request"],
    "KUBE-PRIVESC-015": ["pod-portforward"], "KUBE-PRIVESC-016": ["steal-pods"], "KUBE-PRIVESC-017": ["admin"], "KUBE-RBAC-OVERBROAD-001": ["admin"],
    "KUBE-SA-PRIVILEGED-001": ["admin", "role-bind", "role-escalate", "identity-impersonate"],
    "KUBE-SA-PRIVILEGED-002": ["pod-create", "workload-write", "token-list", "token-bruteforce", "identity-impersonate", "admin"],
    "KUBE-SA-DAEMONSET-001": ["pod-create", "workload-write", "token-list", "admin"],
    "KUBE-SECRETS-CROSSNS-001": ["token-list", "token-bruteforce"],
    "KUBE-CLOUD-AWSAUTH-SYSTEM-MASTERS-001": ["aws-auth-map"], "KUBE-CLOUD-AWSAUTH-OVERBROAD-001": ["aws-auth-map"],
}
# Rules of ends: kinds of paths.
SINKS = {
    "KUBE-PRIVESC-PATH-CLUSTER-ADMIN": "cluster-admin", "KUBE-PRIVESC-PATH-SYSTEM-MASTERS": "system-masters",
    "KUBE-PRIVESC-PATH-NODE-ESCAPE": "node", "KUBE-PRIVESC-PATH-KUBE-SYSTEM-SECRETS": "kube-system-secrets",
    "KUBE-PRIVESC-PATH-NAMESPACE-ADMIN": "namespace-admin", "KUBE-PRIVESC-PATH-AWS-IAM-ROLE": "cloud-role", "KUBE-CLOUD-IRSA-ADMIN-ROLE-001": "cloud-role", "KUBE-PRIVESC-PATH-GENERIC": None,
}
# Rules of one object: policies of `scan`.
POLICIES = {
    "KUBE-ESCAPE-001": ["privileged"], "KUBE-ESCAPE-002": ["host-namespaces"], "KUBE-ESCAPE-003": ["host-namespaces"],
    "KUBE-ESCAPE-004": ["host-namespaces"], "KUBE-ESCAPE-005": ["container-runtime-socket"], "KUBE-ESCAPE-006": ["host-path-sensitive"],
    "KUBE-ESCAPE-008": ["host-path-sensitive", "host-path-writable", "host-path-credentials"],
    "KUBE-CONTAINERD-SOCKET-001": ["container-runtime-socket"], "KUBE-HOSTPATH-001": ["host-path-volumes", "host-path-writable"],
    "KUBE-PV-HOSTPATH-001": ["persistent-volume-host-path"], "KUBE-PODSEC-APE-001": ["allow-privilege-escalation"],
    "KUBE-PODSEC-ROOT-001": ["run-as-user", "run-as-non-root"], "KUBE-PODSEC-READONLY-001": ["read-only-root-filesystem"],
    "KUBE-PODSEC-SECCOMP-001": ["seccomp-profile-restricted"], "KUBE-PSA-LABELS-001": ["pod-security-labels"],
    "KUBE-SA-DEFAULT-001": ["default-service-account"], "KUBE-SA-DEFAULT-002": ["default-service-account-binding"],
    "KUBE-IMAGE-LATEST-001": ["image-tag"], "KUBE-CONTAINER-LIMITS-001": ["resource-requirements"],
    "KUBE-CONTAINER-IMAGE-001": ["image-digest", "image-tag"],
    "KUBE-NETPOL-WEAKNESS-001": ["allow-all-ingress"], "KUBE-NETPOL-WEAKNESS-002": ["allow-all-egress"],
    "KUBE-NETPOL-CROSSNS-001": ["allow-all-ingress"],
    "KUBE-PODSEC-CAPS-001": ["capabilities-baseline", "capabilities-restricted"], "KUBE-PODSEC-PROCMOUNT-001": ["proc-mount"],
    "KUBE-SECRETS-STALE-001": ["unused-secret"],
    "KUBE-SECRETS-001": ["service-account-token-secret"], "KUBE-CONFIGMAP-001": ["credentials-in-configmap"],
    "KUBE-CONFIGMAP-CREDS-001": ["credentials-in-configmap"],
    "KUBE-ADMISSION-001": ["webhook-fails-open"], "KUBE-ADMISSION-002": ["webhook-object-selector"], "KUBE-ADMISSION-003": ["webhook-namespace-opt-out"],
}
# Rules of many objects: recommendations that a finding of the object's namespace must name.
RECOMMENDATIONS = {
    "KUBE-NETPOL-COVERAGE-001": ["NET-05"], "KUBE-NETPOL-COVERAGE-002": ["NET-05"], "KUBE-NETPOL-COVERAGE-003": ["NET-05"],
}
# What is not found, and why.
AUDIT = "compares roles with an audit log: `casemate rbac` reads none yet"
NO_PROBES = "probes and hooks keep an application alive; the guidance asks for none"
GOES_WITH_THE_CLUSTER = "what is in kube-system is the cluster's own"
REASONS = {
    "KUBE-CONFIGMAP-002": "every cluster's CoreDNS forwards", "KUBE-SECRETS-002": GOES_WITH_THE_CLUSTER,
    "KUBE-SECRETS-TLS-EXPIRY-001": "an annotation of cert-manager's says what the certificate says itself; Secrets are not opened",
    "KUBE-CLOUD-IRSA-MISSING-001": "that an image or a variable is named after a cloud does not say that a role is wanted",
    "KUBE-CLOUD-PROVIDER-UNKNOWN-001": "a diagnostic of its own", "KUBE-CLOUD-AWSAUTH-PARSE-ERROR-001": "a diagnostic of its own",
    "KUBE-RBAC-UNUSED-VERB-001": AUDIT, "KUBE-RBAC-UNUSED-ROLE-001": AUDIT, "KUBE-RBAC-UNUSED-RULE-001": AUDIT,
    "KUBE-RBAC-WILDCARD-USED-PARTIAL-001": AUDIT, "KUBE-CONTAINER-PROBE-001": NO_PROBES, "KUBE-CONTAINER-LIFECYCLE-001": NO_PROBES,
    "KUBE-ADMISSION-NO-POLICY-ENGINE-001": "whether a cluster has a policy engine cannot be read from manifests of some of its objects",
    "KUBE-ADMISSION-001:risky-ignore-webhook": "the webhook changes Pods and guards nothing: that it fails open weakens no check (webhook-fails-open is for those that do)",
    "KUBE-ADMISSION-002:risky-ignore-webhook": "as KUBE-ADMISSION-001: a webhook that changes Pods guards nothing",
    "KUBE-ADMISSION-003:risky-ignore-webhook": "as KUBE-ADMISSION-001: a webhook that changes Pods guards nothing",
    "KUBE-ADMISSION-001": "as in the snapshot: the webhook changes Pods and guards nothing",
    "KUBE-ADMISSION-002": "as in the snapshot: the webhook changes Pods and guards nothing",
    "KUBE-ADMISSION-003": "as in the snapshot: the webhook changes Pods and guards nothing",
    "KUBE-NETPOL-COVERAGE-001:Namespace:billing": "there is no Pod in the namespace that a policy could select",
    "KUBE-CONFIGMAP-001:default:app-config": "the snapshot's values are empty: there is no credential in it",
    "KUBE-CONFIGMAP-CREDS-001:default:app-config:api_token": "the snapshot's value is empty: there is no credential in it",
}
# What is found although it is denied, and why.
DENIED = {
    "KUBE-ESCAPE-001:Deployment:psa-suppressed:psa-priv-app": "its namespace is labelled by a script after the manifests: in the files nothing refuses the Pod",
}
# Chains in order, by (cluster, from, to): what each step is, and where it leads.
CHAINS = {
    ("minimal-risky", "ServiceAccount:default/reader", "node"): [("pod-create", "any Node")],
    ("minimal-risky", "ServiceAccount:default/reader", "kube-system-secrets"): [("secret-read", "kube-system-secrets")],
    ("minimal-risky", "Pod:default/reader-pod", "node"): [("identity-assume", "ServiceAccount:default/reader"), ("pod-create", "any Node")],
    ("minimal-risky", "Deployment:default/risky", "node"): [("ce-priv-mount", "its Node")],
    ("leastprivilege-demo", "ServiceAccount:dashboard/admin-sa", "cluster-admin"): [("admin", "cluster-admin")],
    ("leastprivilege-demo", "ServiceAccount:monitoring/prometheus", "cluster-admin"):
        [("pod-create", "ServiceAccount:dashboard/admin-sa"), ("admin", "cluster-admin")],
    ("leastprivilege-demo", "ServiceAccount:prod-apps/deployer", "node"): [("pod-create", "any Node")],
    ("vulnerable", "ServiceAccount:rbac-fixtures/sa-token-create", "cluster-admin"):
        [("token-request", "ServiceAccount:rbac-fixtures/sa-wildcard"), ("admin", "cluster-admin")],
    ("vulnerable", "ServiceAccount:rbac-fixtures/sa-nodes-proxy", "cluster-admin"):
        [("nodes-proxy", "Deployment:rbac-fixtures/wildcard-app"), ("identity-assume", "ServiceAccount:rbac-fixtures/sa-wildcard"), ("admin", "cluster-admin")],
    ("vulnerable", "ServiceAccount:rbac-fixtures/sa-wildcard", "system-masters"): [("identity-impersonate", "system-masters")],
}


class Cluster:
    """What the program says of one set of files."""

    def __init__(self, casemate, name, paths):
        self.name, self.casemate, self.paths = name, casemate, list(map(str, paths))
        report = self.json("rbac", "paths", "-f", "json")
        self.paths_found = [p for p in report["paths"] if p["certain"]]
        self.attacks = report["attacks"]
        self.unused = self.json("rbac", "unused", "-f", "json")["unused"]
        self.metadata = self.json("net", "who-can-reach", "imds", "-f", "json")["entries"]
        self.findings = [f for f in self.json("scan", "-f", "json")["findings"] if f["status"] == "fail"]

    def json(self, *words):
        done = subprocess.run([self.casemate, *words, *self.paths], capture_output=True, text=True, timeout=120)
        if done.returncode > 1:
            raise RuntimeError(f"{words}: {done.stderr[-2000:]}")
        return json.loads(done.stdout)

    def has(self, rule, rest):
        """rest: what follows the rule's id, or None for anything."""
        who, ns, names = subject(rest)
        if rule in SINKS:
            wanted = SINKS[rule]
            return any((p["to"] == wanted or not wanted) and who in (None, p["from"]) for p in self.paths_found)
        if rule in ATTACKS:
            attacks = self.attacks + [s for p in self.paths_found for s in p["steps"]] if rule.startswith("KUBE-CLOUD") else self.attacks
            return any(a["attack"] in ATTACKS[rule] and who in (None, a["from"]) and (who is None or ns in (None, a.get("namespace", "")))
                       for a in attacks)
        if rule == "KUBE-RBAC-STALE-001":
            return any(u["why"] == "its role does not exist" and names <= set(re.split("[/:]", u["object"])) for u in self.unused)
        if rule == "KUBE-RBAC-STALE-002":
            return self.stale_subject(names)
        if rule in POLICIES:
            return any(f["policy"] in POLICIES[rule] and about(f, rest) for f in self.findings)
        if rule in ("KUBE-NETPOL-IMDS-001", "KUBE-CLOUD-IMDS-PIVOT-001"):
            return any(not rest or e["source"] == "{1}/{2}[{0}]".format(*rest.split(":")) for e in self.metadata if e["destination"] == "169.254.169.254")
        if rule in RECOMMENDATIONS:
            return any(set(RECOMMENDATIONS[rule]) & set(f["recommendations"]) and about(f, rest, namespace=True) for f in self.findings)
        return False

    def stale_subject(self, names):
        """A binding to an account that is not there; of a namespace without any account in the input it is not known."""
        return any("it binds" in u["why"] and "among the input" in u["why"] and names <= set(re.split("[/:]", u["object"])) for u in self.unused)


def subject(rest):
    """'ServiceAccount/ns/name:scope:resources' -> (our name of it, the namespace or None, names of the binding behind it)."""
    if not rest:
        return None, None, set()
    head, *more = rest.split(":")
    parts = head.split("/")
    if parts[0] == "ServiceAccount" and len(parts) == 3:
        who = f"ServiceAccount:{parts[1]}/{parts[2]}"
    elif parts[0] in ("User", "Group"):
        who = f"{parts[0]}:{'/'.join(parts[1:])}"
    else:
        return None, None, set()
    scope = more[0] if more and len(more) > 1 else None
    bound = {p for p in more[0].split("/") if p} if more and "/" in more[0] else set()
    return who, scope, bound


def about(finding, rest, namespace=False):
    """Is the finding about the object 'Kind:namespace:name:...', 'namespace:name:...' or 'name:...'?"""
    if not rest:
        return True
    words, o = rest.split(":"), finding["object"]
    ns = o["namespace"] or "default"
    if namespace and words[0] == "Namespace":
        return words[1] in (o["name"], ns)
    if words[0] == o["kind"]:
        words = words[1:]
    if o["kind"] == "Namespace":
        return words[0] == o["name"]
    return o["name"] in words[:2] and (ns in words[:2] or len(words) == 1 or not o["namespace"])


def objects_of(snapshot):
    items, unknown = [], []
    for key, found in json.loads(snapshot.read_text())["resources"].items():
        if key not in KINDS:
            unknown += [key] if found else []
            continue
        version, kind = KINDS[key]
        for o in found:
            if "metadata" not in o:
                o = {"metadata": {k: o[k] for k in ("name", "namespace", "labels", "annotations") if k in o},
                     **{k: v for k, v in o.items() if k not in ("name", "namespace", "labels", "annotations")}}
            items.append({"apiVersion": version, "kind": kind, **o})
    return {"apiVersion": "v1", "kind": "List", "items": items}, unknown


def split(identifier):
    rule, _, rest = identifier.partition(":")
    return rule, rest or None


class Count:
    def __init__(self):
        self.n, self.failed = collections.Counter(), []

    def expect(self, cluster, identifier):
        rule, rest = split(identifier)
        reason = next((REASONS[k] for k in (identifier, ":".join(identifier.split(":")[:2]), rule) if k in REASONS), None)
        if cluster.has(rule, rest):
            self.n["found"] += 1
        elif reason:
            self.n["with a reason"] += 1
        else:
            self.n["missing"] += 1
            self.failed.append(f"{cluster.name}: {identifier} is not found")

    def deny(self, cluster, identifier):
        rule, rest = split(identifier)
        self.n["denied"] += 1
        if identifier in DENIED:
            self.n["denied, with a reason"] += 1
            return
        if cluster.has(rule, rest):
            self.n["false"] += 1
            self.failed.append(f"{cluster.name}: {identifier} must not be found")

    def chains(self, cluster):
        for (name, who, to), steps in CHAINS.items():
            if name != cluster.name:
                continue
            got = [[(s["attack"], s["to"]) for s in p["steps"]] for p in cluster.paths_found if p["from"] == who and p["to"] == to]
            self.n["chains"] += 1
            if got != [steps]:
                self.failed.append(f"{cluster.name}: from {who} to {to}: {got}, wanted {steps}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("casemate")
    parser.add_argument("-v", action="store_true")
    o = parser.parse_args()
    if not CORPUS.is_dir():
        print(f"skipped: {CORPUS} is not there")
        return 77
    count = Count()
    with tempfile.TemporaryDirectory() as folder:
        for labels in sorted(CORPUS.glob("corpus/*/labels.json")):
            wanted = json.loads(labels.read_text())
            items, unknown = objects_of(CORPUS / "snapshots" / pathlib.Path(wanted["snapshot"]).name)
            count.failed += [f"{wanted['name']}: the snapshot's {key} are not read" for key in unknown]
            path = pathlib.Path(folder) / f"{wanted['name']}.json"
            path.write_text(json.dumps(items))
            cluster = Cluster(o.casemate, wanted["name"], [path])
            for identifier in wanted["expected"]:
                count.expect(cluster, identifier)
            for identifier in wanted["deny"]:
                count.deny(cluster, identifier)
            count.chains(cluster)
    cluster = Cluster(o.casemate, "vulnerable", [CORPUS / "e2e/vulnerable"])
    for path in sorted((CORPUS / "e2e/expectations").iterdir()):
        for line in path.read_text().splitlines():
            if line.strip() and not line.startswith("#"):
                (count.deny if path.suffix == ".deny" else count.expect)(cluster, line.strip())
    count.chains(cluster)
    for line in count.failed:
        print("FAIL", line)
    print("rbac paths: " + ", ".join(f"{n} {what}" for what, n in count.n.items()))
    return int(bool(count.failed) or not count.n["found"])


if __name__ == "__main__":
    sys.exit(main())
