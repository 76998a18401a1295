#!/usr/bin/env python3
"""sample.py CASEMATE [--print] [--only NEW|WRONG]: four real repositories, and a sample of a hundred findings, reviewed.

Each repository is scanned as a user would: the exit status is 0 or 1, or 2 where a file is no YAML; every such file
stands in UNREADABLE with the reason, and no other object is left unread. The sample are the findings whose hash with
SEED is smallest, one a policy and object, so that it stays when policies come and go. sample-review.tsv has what a careful
reviewer says of each: right, or wrong and why. --print shows the sample with excerpts, for that review.
"""
import argparse, csv, hashlib, json, os, pathlib, subprocess, sys
import labelled

REPOSITORIES = ["argo-cd", "kube-prometheus", "kubernetes-examples", "rook"]
SEED, SIZE, LEAST_RIGHT = "casemate 1", 100, 100
TEMPLATE = "a template of another program: {{name}} where YAML has no such thing"
UNREADABLE = {
    "kubernetes-examples/_archived/newrelic/newrelic-config-template.yaml": TEMPLATE,
    "kubernetes-examples/_archived/newrelic-infrastructure/newrelic-config-template.yaml": TEMPLATE,
    "kubernetes-examples/_archived/storage/vitess/etcd-controller-template.yaml": TEMPLATE,
    "kubernetes-examples/_archived/storage/vitess/etcd-service-template.yaml": TEMPLATE,
    "kubernetes-examples/_archived/storage/vitess/vtgate-controller-template.yaml": TEMPLATE,
}
REVIEW = labelled.HERE / "sample-review.tsv"


def scan(casemate, policies, corpus, repository):
    """-> findings, complaints."""
    extra = [x for p in policies for x in ("--policy", os.path.abspath(p))]
    done = subprocess.run([casemate, "scan", "-f", "json", "--no-cluster-checks", *extra, repository], cwd=corpus, capture_output=True, text=True, timeout=600)
    if done.returncode not in (0, 1, 2) or not done.stdout.startswith("{"):
        return [], [f"{repository}: exit {done.returncode}: {done.stderr[-2000:]}"]
    report, bad = json.loads(done.stdout), []
    errors = [e for e in report["errors"] if e["level"] == "error"]
    expected = {f for f in UNREADABLE if f.startswith(repository + "/")}
    bad += [f"{e['file']}:{e['line']}: {e['message']}" for e in errors if e["file"] not in expected]
    bad += [f"{f}: was read, although UNREADABLE names it" for f in expected - {e["file"] for e in errors}]
    right = 2 if errors else 1 if report["findings"] else 0
    if done.returncode != right:
        bad.append(f"{repository}: exit {done.returncode}, not {right}")
    s = report["summary"]
    print(f"{repository}: exit {done.returncode}, {s['files']} files, {s['objects']} objects, {s['otherDocuments']} other documents, "
          f"{len(errors)} unreadable, {len(report['findings'])} findings")
    for e in errors:
        print(f"  {e['file']}:{e['line']}: {e['message']} ({UNREADABLE.get(e['file'], 'not expected')})")
    return [f for f in report["findings"] if f["status"] == "fail"], bad


def draw(findings):
    """A hundred of them, the same ones wherever they are the same."""
    first = {}
    for f in findings:
        o = f["object"]
        first.setdefault((f["policy"], f["location"]["file"], o["kind"], o["namespace"], o["name"]), f)
    order = sorted(first.values(), key=lambda f: hashlib.sha256(
        f"{SEED}|{f['location']['file']}|{f['fingerprint']}".encode()).hexdigest())
    return order[:SIZE]


def show(corpus, n, f, word):
    at = f["location"]
    lines = (corpus / at["file"]).read_text(errors="replace").splitlines()
    print(f"\n#{n} {f['fingerprint']} [{f['policy']}] {f['severity']} {', '.join(f['recommendations'])}: {word}")
    print(f"   {f['object']['kind']} {f['object']['namespace'] or '-'}/{f['object']['name']}: {f['message']}")
    print(f"   at {f['path'] or 'the object'}; fix: {f['remedy']}\n   {at['file']}:{at['line']}")
    for i in range(max(1, at["line"] - 6), min(len(lines), at["line"] + 9) + 1):
        print(f"   {'>' if i == at['line'] else ' '}{i:>5} {lines[i - 1][:150]}")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("casemate")
    ap.add_argument("--print", dest="shown", action="store_true")
    ap.add_argument("--only", choices=["new", "wrong"])
    ap.add_argument("--policy", action="append", default=[])
    ap.add_argument("--corpus", type=pathlib.Path, default=labelled.CORPORA / "manifests")
    run = ap.parse_args()
    if not all((run.corpus / r).is_dir() for r in REPOSITORIES):
        print(f"skipped: {os.path.relpath(run.corpus, labelled.ROOT)} is not there")
        sys.exit(77)
    findings, bad = [], []
    for repository in REPOSITORIES:
        some, complaints = scan(os.path.abspath(run.casemate), run.policy, run.corpus, repository)
        findings, bad = findings + some, bad + complaints
    with REVIEW.open(newline="") as f:
        reviews = {r["fingerprint"]: r for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)}
    sample, new, wrong = draw(findings), [], []
    for n, f in enumerate(sample, 1):
        review = reviews.get(f["fingerprint"])
        word = f"{review['verdict']} {review['note']}".strip() if review else "not reviewed"
        new += [] if review else [f]
        wrong += [f] if review and review["verdict"] != "right" else []
        if run.shown and (not run.only or f in (new if run.only == "new" else wrong)):
            show(run.corpus, n, f, word)
    print("\n".join(bad))
    for f in wrong:
        print(f"wrong: {f['location']['file']}:{f['location']['line']}: [{f['policy']}] {reviews[f['fingerprint']]['note']}")
    print(f"sample: {len(sample)} of {len(findings)} findings; {len(sample) - len(new) - len(wrong)} right, {len(wrong)} wrong, {len(new)} not reviewed"
          f" (at least {LEAST_RIGHT} right)")
    sys.exit(bool(bad or new or len(wrong) > len(sample) - LEAST_RIGHT))


main()
