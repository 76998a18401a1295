#!/usr/bin/env python3
"""Compares `casemate cel --lines` with Kubernetes' own CEL environment, see docs/cel-differential.md.

    cel.py path/to/casemate [--count N] [--seed S] [--minor M] [--show N] [--report FILE]

Generates N type-directed expressions over real objects, has both sides answer, and prints the table of
agreement and every difference that is not explained, cut down to the smallest part that still differs.
Exit status 1 where such a difference is left; 77 where the oracle cannot be built.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "cel"))

import program  # noqa: E402
from generate import Generator  # noqa: E402

CHUNK = 2000      # lines a process; a crash or a hang costs its chunk one process a line
CHUNK_SECONDS = 120
LINE_SECONDS = 20
REPEAT = 200      # how often the oracle repeats where only the order of a map may differ
KINDS = ("value", "error", "rejected", "unknown", "crash")


def objects(casemate):
    """Real objects: the example cluster, and some of the corpus where it is there."""
    paths = [os.path.join(ROOT, "examples", "cluster")]
    corpus = os.path.join(os.path.dirname(ROOT), "shared", "corpora", "manifests")
    for name in ("kubernetes-goat", "kubernetes-examples"):
        if os.path.isdir(os.path.join(corpus, name)):
            paths.append(os.path.join(corpus, name))
    found = []
    for path in paths:
        done = subprocess.run([casemate, "read", path], capture_output=True, text=True, check=False)
        lines = [x for x in done.stdout.splitlines() if x.startswith("{") and len(x) < 3000]
        found += [json.loads(x) for x in lines[::max(1, len(lines) // 40)]]
    return found


def answers(command, lines):
    """One answer a line; a line whose process dies or hangs has {'crash': why}."""
    result = []
    for start in range(0, len(lines), CHUNK):
        chunk = lines[start:start + CHUNK]
        got, why = run(command, chunk, CHUNK_SECONDS)
        if why:
            got = []
            for one in chunk:
                single, why = run(command, [one], LINE_SECONDS)
                got.append({"crash": why} if why else single[0])
        result += got
    return result


def run(command, lines, seconds):
    with tempfile.TemporaryFile("w+") as feed:
        for line in lines:
            feed.write(json.dumps(line, ensure_ascii=False) + "\n")
        feed.seek(0)
        try:
            done = subprocess.run(command, stdin=feed, capture_output=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            return [], f"no end after {seconds} s"
    out = done.stdout.decode(errors="surrogateescape").split("\n")[:-1]
    if done.returncode < 0 or len(out) != len(lines):
        return [], f"status {done.returncode}, {len(out)} answers to {len(lines)} lines: {done.stderr[-300:].decode(errors='replace').strip()}"
    try:
        return [json.loads(x) for x in out], None
    except ValueError as e:
        return [], f"an answer is no JSON: {e}"


# ---- comparing

def normal(v):
    """A typed value with one form for equal values: doubles as bits that matter, maps in one order."""
    (kind, x), = v.items()
    if kind == "double":
        d = float(x)
        return (kind, "NaN" if d != d else repr(d))
    if kind == "list":
        return (kind, tuple(map(normal, x)))
    if kind == "map":
        return (kind, tuple(sorted(repr((normal(a), normal(b))) for a, b in x)))
    if kind == "optional":
        return (kind, normal(x) if x is not None else None)
    if kind == "null":
        return (kind,)
    return (kind, json.dumps(x))


def outcome(answer):
    for kind in KINDS:
        if kind in answer:
            if kind == "unknown":
                return (kind, tuple(sorted(answer[kind])))
            return (kind, normal(answer["value"])) if kind == "value" else (kind,)
    return ("crash",)


# Functions whose result's type cel-go's checker leaves open over dyn; the next call binds it to its first overload.
BYTES_SUM = re.compile(r"\b(by\w*) \+ ")  # cel-go appends to the variable's own slice
OPEN = re.compile(r"\.(reverse|distinct|sortBy|slice|flatten|unwrapOpt|first|last)\(|optional\.(unwrap|none)\(")


def explained(line, kube, ours):
    """The reason for a difference that is no fault, or None. Each is an entry of docs/cel-differential.md."""
    panicked = kube.get("error", "").startswith("internal error: ")
    if panicked and ("unknown" in ours or ("types.Unknown" in kube["error"] and "crash" not in ours)):
        return "cel-go's partial evaluation panics"
    if "value" in ours and kube.get("error", "").startswith("no such overload: ") and OPEN.search(line["expr"]):
        return "an open type bound to the first overload"
    if "invalid character class range" in ours.get("rejected", "") and re.search(r"\\\\?[pP]", line["expr"]):
        return "a Unicode class by a name that RE2 does not know"
    if any(n > 1 for n in collections.Counter(BYTES_SUM.findall(line["expr"])).values()):
        return "two sums of one bytes variable share memory in cel-go"
    return None


class Comparison:
    def __init__(self, casemate, oracle, minor):
        self.ours = [casemate, "cel", "--lines", "--kubernetes-version", f"1.{minor}"]
        self.kube = [oracle, "-minor", str(minor)]

    def pairs(self, lines):
        return list(zip(answers(self.kube, lines), answers(self.ours, lines)))

    def unordered(self, lines, pairs):
        """Which lines differ only because cel-go walks a map in Go's random order: some repetition gives our value."""
        maybe = [k for k, (a, b) in enumerate(pairs) if {"crash", "unknown"}.isdisjoint(b) and not agree(a, b) and "rejected" not in a and "rejected" not in b]
        again = answers(self.kube, [{**lines[k], "repeat": REPEAT} for k in maybe])
        return {k for k, a in zip(maybe, again) if len(a.get("all", [])) > 1 and any(alike(x, pairs[k][1]) for x in a["all"])}

    def smallest(self, lines, nodes, bad):
        """For each differing line the smallest part that differs on its own, else the line."""
        parts, owner = [], []
        for k in bad:
            texts = {n.text() for n in nodes[k].walk()} - {lines[k]["expr"]}
            for text in sorted(texts, key=lambda t: (len(t), t))[:60]:
                parts.append({**lines[k], "expr": text})
                owner.append(k)
        best = {k: (lines[k], None) for k in bad}
        pairs = self.pairs(parts)
        skipped = self.unordered(parts, pairs)
        for at, (k, part, pair) in enumerate(zip(owner, parts, pairs)):
            if at not in skipped and not agree(*pair) and not explained(part, *pair) and len(part["expr"]) < len(best[k][0]["expr"]):
                best[k] = (part, pair)
        return best


def agree(a, b):
    return outcome(a) == outcome(b)


def unlisted(n):
    """A normal form once more, lists without order too."""
    if n[0] == "list":
        return ("list", tuple(sorted(repr(unlisted(x)) for x in n[1])))
    return n


def alike(a, b):
    """Equal, or lists of the same items: a map of seven has more orders than can be waited for."""
    x, y = outcome(a), outcome(b)
    return x == y or (x[0] == y[0] == "value" and unlisted(x[1]) == unlisted(y[1]))


def short(answer):
    for kind in KINDS:
        if kind in answer:
            x = answer[kind]
            text = x if isinstance(x, str) else json.dumps(x, ensure_ascii=False)
            return f"{kind} {text.strip().splitlines()[0] if text.strip() else ''}"[:200]
    return str(answer)[:200]


def cause(line, a, b):
    """What differences have in common: both outcomes, the message, and the outermost function."""
    def strip(answer):
        s = short(answer)
        return re.sub(r"<input>:\d+:\d+: |'[^']*'|\"[^\"]*\"|\d+", "_", s.split(" {")[0])[:60]
    names = re.findall(r"([A-Za-z_.]+)\(", line["expr"])
    return f"kube: {strip(a)} | casemate: {strip(b)}" + (f" | {names[-1].rsplit('.', 1)[-1]}()" if names and outcome(a)[0] == outcome(b)[0] == "value" else "")


def report(groups, out, show):
    for name, members in sorted(groups.items(), key=lambda g: -len(g[1])):
        out.write(f"\n## {len(members)} x {name}\n")
        for line, a, b in sorted(members, key=lambda m: len(m[0]["expr"]))[:show]:
            where = "".join(f"   {k} = {json.dumps(v, ensure_ascii=False)[:400]}\n" for k, v in line.get("bindings", {}).items()
                            if re.search(rf"\b{re.escape(k)}\b", line["expr"]))
            out.write(f"- `{line['expr']}`\n{where}   kube:     {short(a)}\n   casemate: {short(b)}\n")


def costs(lines, pairs, show):
    """Not a gate: where both give a value, how runtime costs differ."""
    known = [(line, a["cost"], b["cost"]) for line, (a, b) in zip(lines, pairs) if "value" in a and "value" in b and "cost" in a and "cost" in b]
    if not known:
        print("costs: casemate gives none")
        return
    wrong = [k for k in known if k[1] != k[2]]
    print(f"costs: {len(known) - len(wrong)} of {len(known)} equal")
    for line, a, b in sorted(wrong, key=lambda k: len(k[0]["expr"]))[:show]:
        print(f"  {a} kube, {b} casemate: {line['expr'][:150]}")


def wording(lines, pairs, show):
    both = [(line, a["error"], b["error"]) for line, (a, b) in zip(lines, pairs) if "error" in a and "error" in b]
    other = [w for w in both if w[1] != w[2]]
    print(f"errors: {len(both) - len(other)} of {len(both)} in the same words")
    seen = set()
    for line, a, b in sorted(other, key=lambda w: len(w[0]["expr"])):
        key = re.sub(r"'[^']*'|\d+", "_", a)[:40] + "|" + re.sub(r"'[^']*'|\d+", "_", b)[:40]
        if key not in seen and len(seen) < show:
            seen.add(key)
            print(f"  {line['expr'][:100]}\n    kube:     {a[:120]}\n    casemate: {b[:120]}")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("casemate")
    p.add_argument("--count", type=int, default=20000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--minor", type=int, default=37)
    p.add_argument("--show", type=int, default=3, help="examples a cause")
    p.add_argument("--details", type=int, default=0, help="examples of other costs and other words")
    p.add_argument("--without", help="leave out expressions in which this pattern is found")
    p.add_argument("--report", help="write the differences to this file too")
    o = p.parse_args()
    c = Comparison(os.path.abspath(o.casemate), program.build("cel", "Kubernetes' CEL environment"), o.minor)
    real = objects(c.ours[0])
    made = list(Generator(o.seed, real).lines(o.count))
    if o.without:
        made = [m for m in made if not re.search(o.without, m[0]["expr"])]
    lines, nodes = [m[0] for m in made], [m[1] for m in made]
    pairs = c.pairs(lines)

    table = collections.Counter((outcome(a)[0], outcome(b)[0]) for a, b in pairs)
    order = c.unordered(lines, pairs)
    reasons = collections.Counter()
    bad = []
    for k, (a, b) in enumerate(pairs):
        if agree(a, b):
            continue
        reason = "order of a map" if k in order else explained(lines[k], a, b)
        reasons[reason] += 1
        if reason is None:
            bad.append(k)
    same = sum(agree(a, b) for a, b in pairs)
    print(f"{len(lines)} expressions, seed {o.seed}, Kubernetes 1.{o.minor}, {len(real)} objects from files: "
          f"{same} agree, {len(lines) - same - len(bad)} explained, {len(bad)} differ")
    print("  kube \\ casemate " + "".join(f"{k:>10}" for k in KINDS))
    for row in KINDS[:4]:
        print(f"  {row:>15} " + "".join(f"{table[(row, col)]:>10}" for col in KINDS))
    for reason, n in reasons.items():
        if reason:
            print(f"  explained: {n} x {reason}")
    costs(lines, pairs, o.details)
    wording(lines, pairs, o.details)
    groups = collections.defaultdict(list)
    if bad:
        best = c.smallest(lines, nodes, bad[:2000])
        for k in bad[:2000]:
            line, pair = best[k]
            a, b = pair or pairs[k]
            groups[cause(line, a, b)].append((line, a, b))
    report(groups, sys.stdout, o.show)
    if o.report:
        with open(o.report, "w", encoding="utf-8") as out:
            report(groups, out, o.show)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
