#!/usr/bin/env python3
"""Compares the rules unknown-field and wrong-type with the API server's own strict decoder, see docs/strict.md.

    strict.py path/to/casemate [--count N] [--seed S] [--show N]

Mutates N objects (strict/mutate.py). What `casemate read` would send of each goes to the decoder
(strict/main.go); what `casemate scan` finds in each must be the same fields, and values of the wrong type
exactly where the decoder fails: without them it must decode, with any one of them it must not. Exit status 1 where something differs; 77 where the decoder cannot be built.
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
CORPORA = os.path.join(os.path.dirname(ROOT), "shared", "corpora")
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "strict"))

from decoder import Decoder  # noqa: E402
from mutate import Mutator  # noqa: E402

BATCH = 500
ALONE = 4  # wrong values of one object that are looked at one by one


def known_kinds():
    """The kinds of the table: (apiVersion, kind)."""
    text = open(os.path.join(ROOT, "src", "kube", "schema.def"), encoding="utf-8").read()
    names = dict(re.findall(r'^SCHEMA_NAME\((\w+), "(.*)"\)$', text, re.M))
    return {(names[v], names[k]) for v, k in re.findall(r"^SCHEMA_KIND\(\w+, (\w+), (\w+), \w+\)$", text, re.M)}


def steps(path):
    """spec.a["b/c"][0] -> spec, a, b/c, 0"""
    return [json.loads(q) if q else int(i) if i else name
            for q, i, name in re.findall(r'\[("(?:[^"\\]|\\.)*")\]|\[(\d+)\]|([^.\[\]]+)', path)]


def plain(path):
    """A path of ours as the decoder writes it: keys that are no identifiers without quotes."""
    return "".join(f"[{s}]" if isinstance(s, int) else "." + s for s in steps(path)).removeprefix(".")


def without(sent, paths):
    """The object with null in these places."""
    o = json.loads(sent)
    for path in paths:
        here = o
        *way, last = steps(path)
        for step in way:
            here = here[step]
        here[last] = None
    return json.dumps(o, ensure_ascii=False, separators=(",", ":"))


def ours(casemate, path, n):
    """Of each line of the file: the object as it would be sent, or None; unknown fields; values of wrong types."""
    read = subprocess.run([casemate, "read", path], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    refused = {int(x) for x in re.findall(rf"^{re.escape(path)}:(\d+):\d+: error", read.stderr.decode(), re.M)}
    sent = iter(read.stdout.decode().split("\n")[:-1])
    objects = [None if i + 1 in refused else next(sent) for i in range(n)]
    if next(sent, None) is not None:
        sys.exit("casemate read printed more objects than there are lines without errors")
    scan = subprocess.run([casemate, "scan", "-f", "json", "--severity", "high", path], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if not scan.stdout:
        sys.exit(f"casemate scan printed nothing, exit {scan.returncode}: " + scan.stderr.decode()[-1500:])
    found = {"unknown-field": [[] for _ in range(n)], "wrong-type": [[] for _ in range(n)]}
    for f in json.loads(scan.stdout)["findings"]:
        if f["policy"] in found:
            found[f["policy"]][f["location"]["line"] - 1].append(f["path"])
    return [(o, sorted(map(plain, u)), sorted(w)) for o, u, w in zip(objects, found["unknown-field"], found["wrong-type"])]


def differs(want, unknown, wrong):
    if want["error"] or want.get("lenient"):
        if not wrong:
            return "the decoder fails, casemate finds no wrong type"
        return "a wrong type was not found" if want["left"] else "a value is no wrong type" if not all(want["alone"]) else None
    if wrong:
        return "casemate finds a wrong type, the decoder takes it"
    if want["unknown"] != unknown:
        return "other unknown fields"
    return None


def look_closer(decoder, cases):
    """Of objects that cannot be decoded: are all wrong values found (without them it can), and is each one wrong (alone it cannot)?"""
    lines = []
    for sent, wrong, _ in cases:
        lines.append(without(sent, wrong))
        lines += [without(sent, [w for w in wrong if w != x]) for x in wrong[:ALONE]]
    answers = iter(decoder.ask(lines))
    for _, wrong, want in cases:
        want["left"] = next(answers).get("error", "")
        want["alone"] = [next(answers).get("error", "") for _ in wrong[:ALONE]]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("casemate")
    p.add_argument("--count", type=int, default=5000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--show", type=int, default=20)
    o = p.parse_args()
    casemate = os.path.abspath(o.casemate)
    decoder, kinds = Decoder(), known_kinds()
    mutator = Mutator(o.seed, casemate, ROOT, CORPORA)
    counts, bad = collections.Counter(), []
    shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=shm) as directory:
        path = os.path.join(directory, "cases.json")
        for start in range(0, o.count, BATCH):
            cases = [mutator.case() for _ in range(min(BATCH, o.count - start))]
            with open(path, "wb") as f:
                f.write("".join(c + "\n" for c in cases).encode("utf-8", "surrogatepass"))
            answers = ours(casemate, path, len(cases))
            kept = [a for a in answers if a[0] is not None]
            asked = decoder.ask([a[0] for a in kept])
            look_closer(decoder, [(a[0], a[2], w) for a, w in zip(kept, asked) if a[2]])
            for (sent, unknown, wrong), want in zip(kept, asked):
                head = json.loads(sent)
                want.setdefault("error", "")
                if (str(head.get("apiVersion")), str(head.get("kind"))) not in kinds:
                    counts["not a kind of the table: nothing is checked"] += 1
                    why = "casemate checks a kind that it does not know" if unknown or wrong else None
                else:
                    why = differs(want, unknown, wrong) if want["kind"] else "the decoder does not know the kind"
                    counts["the decoder fails" if want["error"] else "unknown fields" if want["unknown"] else "nothing wrong"] += 1
                if why:
                    bad.append((why, sent, want, unknown, wrong))
            counts["refused by the reader already"] += sum(a[0] is None for a in answers)
    bases = sum(map(len, mutator.groups.values()))
    print(f"{o.count} cases, seed {o.seed}, from {bases} base objects" + ("" if os.path.isdir(CORPORA) else " (the corpora are not there)"))
    for what, n in counts.most_common():
        print(f"{n:7}  {what}")
    for why, sent, want, unknown, wrong in bad[:o.show]:
        print(f"--- {why}\n    {sent[:1200]}\n    decoder   {json.dumps(want)[:600]}\n    casemate  unknown {unknown[:20]} wrong {wrong[:20]}")
    print(f"{len(bad)} differ")
    return bool(bad) or counts["the decoder fails"] < o.count // 20 or counts["unknown fields"] < o.count // 20


if __name__ == "__main__":
    sys.exit(main())
