#!/usr/bin/env python3
"""read.py CASEMATE: YAML and JSON bombs given to `casemate read`: each ends soon, by an answer or a located error."""
import os, pathlib, subprocess, sys, tempfile

casemate = os.path.abspath(sys.argv[1])
SECONDS = 20
HEAD = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
laughs = b"a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (i, i, b",".join([b"*a%d" % (i - 1)] * 9)) for i in range(1, 10))
merges = b"a0: &a0 {k: v}\n" + b"".join(b"a%d: &a%d {<<: [*a%d, *a%d], k%d: v}\n" % (i, i, i - 1, i - 1, i) for i in range(1, 40))

# name: (bytes, exit status, what is said, lines printed)
CASES = {
    "100,000 open brackets": (b"[" * 100_000, 2, "deep", 0),
    "100,000 open flow maps": (b"{a: " * 100_000, 2, "deep", 0),
    "20,000 open braces": (b"{" * 20_000, 2, "error", 0),
    "100,000 dashes": (b"- " * 100_000, 2, "deep", 0),
    "3,000 levels of blocks": (b"".join(b" " * i + b"a:\n" for i in range(3000)), 2, "deep", 0),
    "deep JSON maps": (b'{"a":' * 100_000, 2, "deep", 0),
    "deep JSON lists": (b'{"a":' + b"[" * 1_000_000, 2, "deep", 0),
    "billion laughs": (laughs, 2, "alias", 0),
    "billion merges": (merges, None, "", None),
    "an alias of itself": (b"a: &a [*a]\n", 2, "contain itself", 0),
    "an unknown alias": (b"a: *a\n", 2, "anchor", 0),
    "a tag of 300 KB": (b"!<" + b"%41" * 100_000 + b"> x\n", 0, "", 1),
    "100,000 %TAG lines": (b"".join(b"%%TAG !%d! tag:a,2:\n" % i for i in range(100_000)) + b"a: b\n", 2, "error", 0),
    "100,000 anchors": (HEAD + b"x:\n" + b"".join(b"- &a%d v\n- *a%d\n" % (i, i) for i in range(100_000)), 0, "", 1),
    "20,000 keys": (HEAD + b"".join(b"k%d: v\n" % i for i in range(20_000)), 0, "", 1),
    "20,000 equal keys": (HEAD + b"k: v\n" * 20_000, 0, "more than once", 1),
    "20,000 equal keys of JSON": (b'{"kind":"A"' + b',"k":1' * 20_000 + b"}", 0, "more than once", 1),
    "a key of 5 MB": (HEAD + b"? " + b"k" * 5_000_000 + b"\n: v\n", 0, "", 1),
    "a line of 5 MB": (HEAD + b"a: '" + b"x" * 5_000_000 + b"'\n", 0, "", 1),
    "a quote that is never closed": (HEAD + b'a: "' + b"x\n  " * 500_000, 2, "error", 0),
    "a million blank lines": (b"\n" * 1_000_000 + HEAD, 0, "", 1),
    "100,000 documents": (b"---\nkind: A\n" * 100_000, 0, "", 100_000),
    "100,000 JSON objects": (b'{"kind":"A"}' * 100_000, 0, "", 100_000),
    "numbers of a million digits": (HEAD + b"a: " + b"9" * 1_000_000 + b"\nb: 1e" + b"9" * 1_000_000 + b"\n", 0, "", 1),
    "a JSON number of a million digits": (b'{"kind":"A","a":' + b"9" * 1_000_000 + b"}", None, "", None),
    "all bytes": (bytes(range(256)) * 64, 2, "error", 0),
    "bad bytes only": (b"\xff" * 100_000, 0, "invalid UTF-8", 1),
}

passed = failed = 0
with tempfile.TemporaryDirectory() as d:
    for name, (data, status, says, lines) in CASES.items():
        path = pathlib.Path(d, "case.yaml")
        path.write_bytes(data)
        try:
            done = subprocess.run([casemate, "read", str(path)], capture_output=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            wrong = f"did not end in {SECONDS} s"
        else:
            said = done.stderr.decode("utf-8", "replace")
            got = done.stdout.count(b"\n")
            wrong = (f"exit status {done.returncode}" if done.returncode not in ((0, 2) if status is None else (status,))
                     else f"says nothing of '{says}': {said[:300]}" if says not in said
                     else f"{got} lines, not {lines}" if lines not in (None, got)
                     else "an error that is not said" if done.returncode == 2 and "error" not in said else None)
        passed += not wrong
        failed += bool(wrong)
        if wrong:
            print(f"FAIL {name}: {wrong}")
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)
