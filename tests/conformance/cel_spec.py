#!/usr/bin/env python3
"""cel_spec.py CASEMATE [-v]: the CEL conformance suite, as kube-apiserver's environment answers it.

kube.tsv says for each case whether Kubernetes gives the suite's answer (pass) or another (differs) and
which. Of the first all must come out as the suite says; of the others, what Kubernetes refuses must be
refused, and where it answers otherwise its answer is wanted. -v prints the exceptions' texts too.
"""
import collections, json, os, pathlib, subprocess, sys

casemate = os.path.abspath(sys.argv[1])
verbose = "-v" in sys.argv
root = pathlib.Path(__file__).resolve().parents[2]
corpus = root.parent / "shared/corpora/cel-spec"

# Cases that are answered otherwise than by Kubernetes, each with its reason.
EXCEPTIONS = {
    "parse/receiver_function_names/namespace":
        "unchecked (disable_check), cel-go's planner refuses a call that no overload fits; a policy is always checked",
}


def normal(v):
    """A typed value in one form for equal values; maps in one order."""
    (kind, x), = v.items()
    if kind == "double":
        return kind, repr(float(x))
    if kind == "list":
        return kind, tuple(normal(i) for i in x)
    if kind == "map":
        return kind, tuple(sorted((normal(a), normal(b)) for a, b in x))
    return (kind,) if kind == "null" else (kind, json.dumps(x))


def wrong(case, answer, kube, why):
    """None, or what should have come."""
    if kube == "pass":
        if "error" in case:
            return None if "error" in answer or "rejected" in answer else "an error: " + case["error"]
        if "type" in case and answer.get("type") != case["type"]:
            return "type " + json.dumps(case["type"])
        if "value" not in case:
            return None
        good = "value" in answer and normal(answer["value"]) == normal(case["value"])
        return None if good else "value " + json.dumps(case["value"])
    if why.startswith(("check ERROR", "parse ERROR", "program ERROR")):
        return None if "rejected" in answer else "refusal: " + why
    if why.startswith("error"):
        return None if "error" in answer else why
    good = "value" in answer and normal(answer["value"]) == normal(json.loads(why.removeprefix("value ")))
    return None if good else why


def main():
    if not corpus.is_dir():
        print(f"skipped: {os.path.relpath(corpus, root)} is not there")
        sys.exit(77)
    cases = [json.loads(x) for x in (corpus / "conformance.jsonl").open()]
    kube = [x.rstrip("\n").split("\t") for x in (corpus / "kube.tsv").open()][1:]
    assert [(c["file"], c["section"], c["name"]) for c in cases] == [tuple(k[:3]) for k in kube]
    feed = "".join(json.dumps(c, ensure_ascii=False) + "\n" for c in cases)
    done = subprocess.run([casemate, "cel", "--lines"], input=feed, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit(f"casemate: status {done.returncode}: {done.stderr}")
    answers = [json.loads(x) for x in done.stdout.splitlines()]
    assert len(answers) == len(cases), f"{len(answers)} answers to {len(cases)} lines"
    total, good, failed, excused = collections.Counter(), collections.Counter(), [], []
    for case, answer, (*name, status, why) in zip(cases, answers, kube):
        total[status, case["file"]] += 1
        should = wrong(case, answer, status, why)
        name = "/".join(name)
        if should is None:
            good[status, case["file"]] += 1
            if name in EXCEPTIONS:
                failed.append(f"{name}: is no exception any more")
        elif name in EXCEPTIONS:
            excused.append(f"{name}: {EXCEPTIONS[name]}")
        else:
            failed.append(f"{name}: {case['expr']}\n    gives {json.dumps(answer, ensure_ascii=False)}\n    not {should}")
    print(f"{'file':<20}{'as the suite':>16}{'as Kubernetes differs':>26}")
    for f in sorted({c["file"] for c in cases}):
        cell = [f"{good[s, f]}/{total[s, f]}" if total[s, f] else "-" for s in ("pass", "differs")]
        print(f"{f:<20}{cell[0]:>16}{cell[1]:>26}")
    for s in "pass", "differs":
        print(f"{s}: {sum(v for k, v in good.items() if k[0] == s)} of {sum(v for k, v in total.items() if k[0] == s)}")
    print("\n".join(excused if verbose else []))
    print("\n".join(failed))
    sys.exit(bool(failed))


main()
