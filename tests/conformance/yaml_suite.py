#!/usr/bin/env python3
"""yaml_suite.py CASEMATE: the cases of yaml-test-suite, read by `casemate read` and by kubectl's reader.

The suite's own expectations are YAML 1.2's; they are not what a cluster does, so kubectl is asked. A
case is put below a key of an object, line by line, and tried whole as well.
"""
import collections, os, pathlib, sys, tempfile

sys.dont_write_bytecode = True
root = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(root / "tests/oracle"), str(root / "tests/oracle/read")]
from read import Bench, CLASSES, report
from generate import suite

corpus = root.parent / "shared/corpora/yaml-test-suite"
if not corpus.is_dir():
    print(f"skipped: {corpus} is not there")
    sys.exit(77)


def forms(text):
    yield "alone", text.encode()
    yield "in an object", b"kind: Test\nx:\n" + b"".join(b"  " + line + b"\n" for line in text.encode().split(b"\n"))
    yield "as items", b"kind: TestList\napiVersion: v1\nitems:\n- kind: Test\n  apiVersion: v1\n  x:\n" + b"".join(
        b"    " + line + b"\n" for line in text.encode().split(b"\n"))


table, reasons, bad = collections.defaultdict(collections.Counter), collections.Counter(), []
with tempfile.TemporaryDirectory() as directory:
    bench = Bench(os.path.abspath(sys.argv[1]), directory)
    for name, text in suite(corpus):
        for form, data in forms(text):
            kind, why, want, _ = bench.judge(data)
            column = kind if kind != "same" else "both read" if not want.errors() else "both refuse"
            table[form][column] += 1
            if kind != "same":
                if why:
                    reasons[why] += 1
                else:
                    bad.append((name, form, data, kind))
    columns = ["both read", "both refuse", *[k for k in reversed(CLASSES) if k != "same"]]
    print(f"{'':14}" + "".join(f"{c:>13}" for c in columns))
    for form, counts in table.items():
        print(f"{form:14}" + "".join(f"{counts[c]:13}" for c in columns))
    for why, n in sorted(reasons.items()):
        print(f"{n:5}  {why}")
    for name, form, data, kind in bad[:30]:
        report(bench, f"{name} {form}", data, kind, True)
print(f"{len(bad)} unexplained")
sys.exit(bool(bad))
