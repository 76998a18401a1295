#!/usr/bin/env python3
"""scan.py CASEMATE: bad input of every kind, given to `casemate scan`.

Each case says what must come of it: an exit status, a text in what is printed. Always: no crash, an
end within a time limit, no file left half-written.
"""
import json, os, pathlib, resource, shutil, stat, subprocess, sys, tempfile, threading, time

casemate = os.path.abspath(sys.argv[1])
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p%d}\nspec: {hostNetwork: true, containers: [{name: c, image: i}]}\n"
SECONDS = 60
passed, failed = 0, 0


def run(args, stdin=b"", program=None, **kw):
    try:
        return subprocess.run([program or casemate, *args], input=stdin, capture_output=True, timeout=SECONDS, **kw)
    except subprocess.TimeoutExpired:
        return None


def check(name, done, status, texts=()):
    global passed, failed
    out = "" if done is None else (done.stdout + done.stderr).decode("utf-8", "replace")
    wrong = None
    if done is None:
        wrong = f"did not end in {SECONDS} s"
    elif done.returncode < 0:
        wrong = f"died of signal {-done.returncode}"
    elif done.returncode != status:
        wrong = f"exit status {done.returncode}, not {status}"
    else:
        missing = [t for t in texts if t not in out]
        if missing:
            wrong = f"says nothing of {missing}"
    if wrong:
        failed += 1
        print(f"FAIL {name}: {wrong}\n{out[:1500]}")
    else:
        passed += 1
        print(f"ok   {name}")
    return done


def scan_bytes(name, data, status, texts=(), suffix=".yaml"):
    path = tmp / (name.replace(" ", "-") + suffix)
    path.write_bytes(data)
    try:
        return check(name, run(["scan", str(path)]), status, texts)
    finally:
        path.unlink()


def documents():
    good = (POD % 1).encode()
    broken = scan_bytes("a broken document costs only itself", good + b"---\na: [1, 2\n---\n" + good.replace(b"p1", b"p2"),
                        2, ["p1", "p2", ".yaml:7:"])
    scan_bytes("an empty file", b"", 0, ["nothing to judge"])
    scan_bytes("only comments", b"# nothing\n---\n# here\n", 0)
    scan_bytes("binary data", bytes(range(256)) * 64, 2, ["error"])
    scan_bytes("NUL bytes", b"a: b\0c\n", 2, [":1:5"])
    scan_bytes("truncated JSON", b'{"apiVersion": "v1", "kind": "Pod", "spec": {', 2, ["error"], ".json")
    scan_bytes("no JSON at all", b"{]", 2, [":1:2"], ".json")
    scan_bytes("deep flow", b"[" * 100_000, 2, ["deep"])
    scan_bytes("deep maps", b"{a: " * 100_000, 2, ["deep"])
    scan_bytes("deep JSON", b'{"a":' * 100_000, 2, ["error"], ".json")
    scan_bytes("deep block", b"".join(b" " * i + b"a:\n" for i in range(3000)), 2, ["deep"])
    bomb = b"a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        b"a%d: &a%d [%s]\n" % (i, i, b",".join([b"*a%d" % (i - 1)] * 9)) for i in range(1, 10))
    scan_bytes("billion laughs", bomb, 2, ["alias"])
    scan_bytes("a cycle", b"a: &a [*a]\n", 2, ["error"])
    scan_bytes("a long tag", b"!<" + b"%41" * 100_000 + b"> x\n", 0)  # a text with a tag of its own
    scan_bytes("a map of 20,000 keys", b"".join(b"k%d: v\n" % i for i in range(20_000)), 0)
    scan_bytes("a map of 20,000 equal keys", b"k: v\n" * 20_000, 0, ["warning"])
    scan_bytes("one line of 5 MB", b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\ndata: {a: '" + b"x" * 5_000_000 + b"'}\n", 0)
    scan_bytes("a carriage return as line end", b"apiVersion: v1\rkind: ConfigMap\r", 0)
    scan_bytes("100,000 small documents", b"---\na: 1\n" * 100_000, 0, ["100000 documents"])
    scan_bytes("100,000 empty documents", b"---\n" * 100_000, 0)
    scan_bytes("a bad separator", b"--- {a: b}\nc: d\n", 2, ["separator"])
    scan_bytes("a List in a List", b"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items: []\n", 2)
    scan_bytes("a Pod of wrong types", b"apiVersion: v1\nkind: Pod\nmetadata: 7\nspec: [1, 2]\n", 2, ["metadata must be a map"])
    scan_bytes("a Pod whose spec is a list", b"apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: [1, 2]\n", 1)
    scan_bytes("containers of wrong types", b"apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: {a: b}, initContainers: 3}\n", 1)
    pod = b"apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n"
    scan_bytes("100,000 unknown fields", pod + b"".join(b"  hostpi%d: 1\n" % i for i in range(100_000)), 1, ["99900 more unknown fields"])
    scan_bytes("100,000 values of wrong types", pod + b"  nodeSelector: {" + b", ".join(b"k%d: 1" % i for i in range(100_000)) + b"}\n", 1,
               ["99900 more values of wrong types"])
    scan_bytes("20,000 objects of unknown fields", b"".join(b"---\n" + pod + b"".join(b"  f%d: 1\n" % i for i in range(5)) for _ in range(20_000)), 1)
    scan_bytes("an unknown field of a megabyte", pod + b"  ? " + b"x" * 1_000_000 + b"\n  : {a: 1}\n", 1, ["xxx...:"])
    scan_bytes("a schema of 300 levels", b"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\nspec:\n  versions:\n"
               b"  - schema: {openAPIV3Schema: " + b"{properties: {p: " * 300 + b"{typ: x}" + b"}}" * 300 + b"}\n", 1, ["unknown field"])
    scan_bytes("a Helm template", b"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}-x\n", 2, ["Helm"])
    return broken


def files():
    root = tmp / "tree"
    root.mkdir()
    (root / "pod.yaml").write_text(POD % 1)
    os.symlink(".", root / "loop")
    os.symlink("nowhere", root / "dangling.yaml")
    os.mkfifo(root / "pipe.yaml")
    done = check("a directory loop, a dangling link, a FIFO", run(["scan", str(root)]), 2,
                 ["loop", "dangling.yaml", "pipe.yaml", "not a regular file", "p1"])
    check("a FIFO that nobody writes to", run(["scan", str(root / "pipe.yaml")]), 2, ["pipe.yaml"])
    for f in ("dangling.yaml", "pipe.yaml"):
        (root / f).unlink()
    closed = root / "closed.yaml"
    closed.write_text(POD % 2)
    closed.chmod(0)
    kw = {}
    if os.getuid() == 0:  # root reads everything: become nobody
        os.chmod(tmp, 0o755)
        program = shutil.copy(casemate, tmp / "casemate")  # the checkout may be closed to others
        kw = {"user": 65534, "group": 65534, "program": program}
    check("an unreadable file", run(["scan", str(root)], **kw), 2, ["closed.yaml", "Permission denied", "p1"])
    check("a path that is not there", run(["scan", str(root / "no.yaml")]), 2, ["no.yaml", "No such file"])
    check("a device", run(["scan", "/dev/zero"]), 2, ["/dev/zero"])


def growing():
    path = tmp / "growing.yaml"
    path.write_text(POD % 1)
    stop = threading.Event()

    def grow():
        with open(path, "a") as f:
            while not stop.is_set():
                f.write("---\n" + POD % 2)
                f.flush()

    t = threading.Thread(target=grow)
    t.start()
    try:
        for _ in range(5):
            done = run(["scan", "-q", str(path)])
            if done is None or done.returncode not in (1, 2):
                check("a file that grows while it is read", done, 1)
                return
        check("a file that grows while it is read", done, done.returncode)
    finally:
        stop.set()
        t.join()
        path.unlink()


def outputs():
    pod = tmp / "pod.yaml"
    pod.write_text(POD % 1)
    for form in ("text", "json", "sarif", "junit"):
        check(f"a full disk, {form}", run(["scan", "-f", form, "-o", "/dev/full", str(pod)]), 2, ["No space left"])
    with open("/dev/full", "wb") as full:
        done = subprocess.run([casemate, "scan", str(pod)], stdout=full, stderr=subprocess.PIPE, timeout=SECONDS)
    done.stdout = b""
    check("standard output on a full disk", done, 2, ["No space left"])
    r, w = os.pipe()
    os.close(r)
    done = subprocess.run([casemate, "scan", "-f", "json", str(pod)], stdout=w, stderr=subprocess.PIPE, timeout=SECONDS)
    os.close(w)
    done.stdout = b""
    check("a closed pipe", done, 2)
    check("an output directory that is not there", run(["scan", "-o", str(tmp / "no/dir/out"), str(pod)]), 2, ["no/dir/out"])
    out = tmp / "out.json"
    check("an output file", run(["scan", "-f", "json", "-o", str(out), "-f", "text", str(pod)]), 1, ["p1"])
    assert json.loads(out.read_text())["findings"], "out.json holds no findings"
    left = [p.name for p in tmp.iterdir() if p.name.endswith(".tmp")]
    assert not left, f"half-written files: {left}"


def usage():
    check("no path", run(["scan"]), 2, ["nothing to scan"])
    check("a wrong flag", run(["scan", "--sevrity", "low", "."]), 2, ["--sevrity", "did you mean '--severity'?"])
    check("a wrong severity", run(["scan", "--severity", "urgent", "."]), 2, ["urgent", "critical"])
    check("a wrong version", run(["scan", "--kubernetes-version", "2.0", "."]), 2, ["2.0"])
    check("a wrong level", run(["scan", "--pss", "strict", "."]), 2, ["strict"])
    check("a wrong format", run(["scan", "-f", "xml", "."]), 2, ["xml"])
    check("no such command", run(["scna"]), 2, ["scna"])
    check("two formats to standard output", run(["scan", "-f", "json", "-f", "text", "."]), 2, ["standard output"])
    check("standard input", run(["scan", "-"], stdin=(POD % 9).encode()), 1, ["p9"])


with tempfile.TemporaryDirectory() as d:
    tmp = pathlib.Path(d)
    documents()
    files()
    growing()
    outputs()
    usage()
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)
