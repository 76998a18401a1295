#!/usr/bin/env python3
"""mesh.py CASEMATE [--namespaces N] [--seed S]: which workloads of an Istio mesh take plain text, against istio-plain-text.

Random namespaces, Pods and PeerAuthentications; what counts is worked out as Istio does (pilot/pkg/security/authn ComposePeerAuthentication: mesh, then
namespace, then workload; the oldest of each, of equally old ones the first by name; a selector in the root namespace is ignored; UNSET inherits).
Who is a member: the labels that the injector's webhooks select by, and ambient's. Fails at any difference, and where a kind of answer never comes.
"""
import argparse, collections, json, os, random, re, subprocess, sys

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("casemate")
parser.add_argument("--namespaces", type=int, default=150)
parser.add_argument("--seed", type=int, default=6)
options = parser.parse_args()
casemate = os.path.abspath(options.casemate)
rng = random.Random(options.seed)

MODES = [None, "UNSET", "STRICT", "PERMISSIVE", "DISABLE"]
NAMESPACE_LABELS = [{}, {"istio-injection": "enabled"}, {"istio-injection": "disabled"}, {"istio.io/rev": "v1"},
                    {"istio.io/dataplane-mode": "ambient"}, {"istio-injection": "enabled", "istio.io/dataplane-mode": "ambient"}]
POD_LABELS = [{}, {}, {}, {"sidecar.istio.io/inject": "true"}, {"sidecar.istio.io/inject": "false"}, {"istio.io/rev": "v1"},
              {"istio.io/dataplane-mode": "none"}, {"istio.io/dataplane-mode": "ambient"}]


def policy(namespace, name, mode, ports=None, selector=None, created=None):
    spec = {}
    if mode:
        spec["mtls"] = {"mode": mode}
    if ports:
        spec["portLevelMtls"] = {str(p): {"mode": m} for p, m in ports.items()}
    if selector:
        spec["selector"] = {"matchLabels": selector}
    metadata = {"name": name, "namespace": namespace}
    if created:
        metadata["creationTimestamp"] = created
    return {"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", "metadata": metadata, "spec": spec}


def random_namespace(name):
    pods, policies = [], []
    for i in range(rng.randint(1, 3)):
        labels = {"app": f"w{i}", **rng.choice(POD_LABELS)}
        spec = {"containers": [{"name": "main", "image": "example.com/x"}]}
        if rng.random() < 0.5:
            spec["containers"][0]["ports"] = [{"containerPort": 8080}]
        if rng.random() < 0.1:
            spec["hostNetwork"] = True
        if rng.random() < 0.1:
            spec["containers"].append({"name": "istio-proxy", "image": "example.com/proxy"})
        pods.append({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": f"w{i}", "namespace": name},
                     "spec": {"selector": {"matchLabels": {"app": f"w{i}"}}, "template": {"metadata": {"labels": labels}, "spec": spec}}})
    age = lambda: rng.choice([None, "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"])
    for i in range(rng.choice([0, 0, 1, 1, 2])):
        policies.append(policy(name, f"n{rng.randint(0, 9)}{i}", rng.choice(MODES), created=age()))
    for i in range(rng.choice([0, 0, 1, 2])):
        ports = {p: rng.choice(MODES[1:]) for p in (8080, 9090) if rng.random() < 0.5}
        policies.append(policy(name, f"w{rng.randint(0, 9)}{i}", rng.choice(MODES), ports, {"app": f"w{rng.randint(0, 2)}"}, age()))
    labels = rng.choice(NAMESPACE_LABELS)
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}, pods, policies


def said(mode):
    return mode if mode not in (None, "UNSET") else None


def mode_of(policy_):
    return said(policy_["spec"].get("mtls", {}).get("mode"))


def oldest(policies):
    return min(policies, key=lambda p: (p["metadata"].get("creationTimestamp", ""), p["metadata"]["name"]), default=None)


def member(namespace_labels, pod):
    """'sidecar', 'ambient', 'outside' (listens in a namespace with injection, without a proxy) or None"""
    labels, spec = pod["metadata"]["labels"], pod["spec"]
    asks = labels.get("sidecar.istio.io/inject")
    if any(c["name"] == "istio-proxy" for c in spec["containers"]):
        return "sidecar"
    injection, revision = namespace_labels.get("istio-injection"), "istio.io/rev" in namespace_labels
    on = injection == "enabled" if injection else revision
    host = spec.get("hostNetwork", False)
    if not host and asks != "false":
        if on or (not injection and not revision and (asks == "true" or "istio.io/rev" in labels)):
            return "sidecar"
    if on:
        return "outside" if any(c.get("ports") for c in spec["containers"]) else None
    ambient = labels.get("istio.io/dataplane-mode", namespace_labels.get("istio.io/dataplane-mode")) == "ambient"
    return "ambient" if ambient and not host and asks != "true" else None


def takes_plain_text(namespace, pod, policies, mesh):
    how = member(namespace["metadata"]["labels"], pod)
    if how in (None, "outside"):
        return how == "outside"
    selects = lambda p: all(pod["metadata"]["labels"].get(k) == v for k, v in p["spec"]["selector"]["matchLabels"].items())
    common = oldest([p for p in policies if "selector" not in p["spec"]])
    own = oldest([p for p in policies if "selector" in p["spec"] and selects(p)])
    mode = "PERMISSIVE"
    for p in (oldest(mesh), common, own):
        mode = (p and mode_of(p)) or mode
    ports = own["spec"].get("portLevelMtls", {}) if own else {}
    return mode != "STRICT" or any((said(m["mode"]) or mode) != "STRICT" for m in ports.values())


def istio(namespace, pods, policies, mesh):
    return {f"Deployment {namespace['metadata']['name']}/{d['metadata']['name']}" for d in pods
            if takes_plain_text(namespace, d["spec"]["template"], policies, mesh)}


failed, answers = 0, collections.Counter()
for mesh_mode in MODES + ["two"]:
    root = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "istio-system"}}
    mesh = [] if mesh_mode is None else [policy("istio-system", "mesh", mesh_mode)]
    if mesh_mode == "two":
        mesh = [policy("istio-system", "a", "PERMISSIVE", created="2026-02-01T00:00:00Z"), policy("istio-system", "b", "STRICT", created="2026-01-01T00:00:00Z")]
    ignored = policy("istio-system", "zz", "STRICT", selector={"app": "w0"})
    all_ = [random_namespace(f"ns{i}") for i in range(options.namespaces)]
    objects = [root, ignored, *mesh] + [o for n, d, p in all_ for o in (n, *d, *p)]
    done = subprocess.run([casemate, "scan", "-f", "json", "-"], input="\n---\n".join(json.dumps(o) for o in objects), capture_output=True,
                          text=True, timeout=120)
    found = {}
    for f in json.loads(done.stdout)["findings"]:
        if f["policy"] == "istio-plain-text":
            found[f["object"]["name"]] = (f["status"], set(re.findall(r"Deployment \S+/w\d", f["message"])))
    for namespace, pods, policies in all_:
        name = namespace["metadata"]["name"]
        expected = istio(namespace, pods, policies, mesh)
        ours = found.get(name, ("pass", set()))
        answers["all" if len(expected) == len(pods) else "some" if expected else "none"] += 1
        if (ours[0] == "fail") != bool(expected) or ours[1] != expected:
            failed += 1
            if failed <= 5:
                print(f"FAIL mesh {mesh_mode}: expected {sorted(expected)}, found {ours}\n" + json.dumps([namespace, pods, policies]))
print(f"{sum(answers.values())} namespaces {dict(answers)}: {failed} differ")
sys.exit(failed != 0 or len(answers) < 3)
