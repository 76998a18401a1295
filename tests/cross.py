#!/usr/bin/env python3
"""cross.py CASEMATE: cluster checks in a scan: the same report whatever the threads and the split into files, none for one object, places, flags."""
import json, os, random, subprocess, sys, tempfile

casemate, failed = os.path.abspath(sys.argv[1]), 0


def check(name, good, more=""):
    global failed
    failed += not good
    print(("ok   " if good else "FAIL ") + name, more if not good else "")


def scan(*arguments, text=None):
    done = subprocess.run([casemate, "scan", "-f", "json", *arguments], input=text, capture_output=True, text=True, timeout=120)
    report = json.loads(done.stdout)
    return done, report


def findings(report):
    """Cluster checks' findings only: their places, by what they are about."""
    found = []
    for f in report["findings"]:
        if f["policy"] in CHECKS:
            o = f["object"]
            found.append((f["policy"], f["status"], o["kind"], o.get("namespace", ""), o["name"], f["message"], f.get("path", "")))
    return sorted(found)


listed = json.loads(subprocess.run([casemate, "policy", "list", "-f", "json", "checks"], capture_output=True, text=True).stdout)
CHECKS = {p["policy"] for p in listed["policies"]}
check("there are checks", len(CHECKS) > 20, CHECKS)

rng = random.Random(5)
objects = []
for n in ("shop", "ops"):
    objects.append(f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {n}}}\n")
for i in range(300):
    ns = rng.choice(("shop", "ops", "elsewhere"))
    objects.append(f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: d{i}, namespace: {ns}}}
spec:
  selector: {{matchLabels: {{app: d{i}}}}}
  template:
    metadata: {{labels: {{app: d{i}}}}}
    spec:
      serviceAccountName: a{i % 40}
      containers: [{{name: c, image: example.com/c, envFrom: [{{configMapRef: {{name: c{i % 50}}}}}]}}]
""")
    objects.append(f"apiVersion: v1\nkind: Service\nmetadata: {{name: s{i}, namespace: {ns}}}\nspec: {{selector: {{app: d{rng.randrange(400)}}}}}\n")
    objects.append(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{i}, namespace: {ns}}}\ndata: {{a: b}}\n")
    objects.append(f"apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: a{i}, namespace: {ns}}}\n")
    objects.append(f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: n{i}, namespace: {ns}}}\nspec: {{podSelector: {{matchLabels: {{app: d{rng.randrange(400)}}}}}, policyTypes: [Ingress]}}\n")

with tempfile.TemporaryDirectory() as d:
    one = os.path.join(d, "one.yaml")
    open(one, "w").write("---\n".join(objects))
    reports = []
    for threads in ("1", "2", "7"):
        done, report = scan("--threads", threads, one)
        report = json.loads(done.stdout.replace(d, ""))
        for key in ("seconds", "duration", "durationSeconds"):
            report.get("summary", {}).pop(key, None)
        reports.append(json.dumps(report, sort_keys=True))
        whole = findings(report)
    check("the threads change nothing", len(set(reports)) == 1)
    check("much is found, and much is left open", len(whole) > 300 and {w[1] for w in whole} == {"fail", "not-assessed"}, len(whole))

    # The same objects, one a file: the same findings, each at the right line of the right file.
    many = os.path.join(d, "many")
    os.mkdir(many)
    for i, o in enumerate(objects):
        open(os.path.join(many, f"{i:05}.yaml"), "w").write("# a line\n" + o)
    done, report = scan("--threads", "3", many)
    check("files change nothing", findings(report) == whole)
    wrong = 0
    for f in report["findings"]:
        if f["policy"] == "dangling-service" and f["status"] == "fail":
            lines = open(f["location"]["file"]).read().splitlines()
            wrong += "selector" not in lines[f["location"]["line"] - 1]
    check("places are in the file", wrong == 0, wrong)

    done, report = scan("-", text="---\n".join(objects))
    check("standard input", findings(report) == whole)
    done, report = scan("--no-cluster-checks", one)
    check("--no-cluster-checks", not findings(report))
    alone = os.path.join(d, "alone.yaml")
    open(alone, "w").write(objects[2])
    done, report = scan(alone)
    check("one object has nothing beside it", not findings(report))
    counts = [subprocess.run([casemate, "scan", "-q", "--threads", t, one]).returncode for t in ("1", "3")]
    check("quietly", counts == [1, 1], counts)

    # Hostile: duplicates, wrong types, a selector that is none, cycles of aggregation, no names.
    bad = os.path.join(d, "bad.yaml")
    open(bad, "w").write("---\n".join([
        objects[0], objects[0], objects[2], objects[2],
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: x, namespace: shop}\nspec: {podSelector: {matchExpressions: [{key: '', operator: Of}]}, ingress: [{from: [{ipBlock: {cidr: x}}]}]}\n",
        "apiVersion: v1\nkind: Service\nmetadata: {name: x, namespace: shop}\nspec: {selector: {a: null}}\n",
        "apiVersion: v1\nkind: Service\nmetadata: {name: y, namespace: shop}\nspec: {selector: [a]}\n",
        "apiVersion: v1\nkind: Service\nmetadata: null\nspec: null\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {}\nspec: {containers: {}}\n",
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {namespace: shop}\n",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a, labels: {a: a}}\naggregationRule: {clusterRoleSelectors: [{matchLabels: {a: a}}]}\n",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: a}\nroleRef: null\nsubjects: [{}]\n",
        "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a, namespace: istio-system}\nspec: {selector: [], mtls: 1}\n"]))
    done, report = scan(bad)
    check("what is wrong is no end", done.returncode in (1, 2) and findings(report), done.stderr)
print(f"{failed} failed")
sys.exit(failed != 0)
