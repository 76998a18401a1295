#!/usr/bin/env python3
"""One namespace with very many Pods, given to `casemate net`: how much is printed, of what, and in how much memory.

The same clusters small: what is put together says exactly what is said of each."""
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import time

root = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(root / "bench"), str(root / "tests/oracle")]
import net_cluster  # noqa: E402
import netpol  # noqa: E402

casemate = os.path.abspath(sys.argv[1])
SANITIZED = "ASAN_OPTIONS" in os.environ  # slower, and of other sizes
PODS, MEGABYTES, MOST = (3_000 if SANITIZED else 50_000), 160, 1_000_000
failed = 0


def check(name, holds, why=""):
    global failed
    failed += not holds
    print(f"{'ok  ' if holds else 'FAIL'} {name}{'' if holds else f': {why}'}")


def write(path, shape, pods, policies):
    with open(path, "w") as f:
        for x in net_cluster.Cluster(shape, pods, policies, 1).objects():
            f.write(json.dumps(x) + "\n")


def run(*args):
    """The answer, and the most memory of any run so far, in MB."""
    done = subprocess.run([casemate, "net", *map(str, args)], capture_output=True)
    return json.loads(done.stdout), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def small(folder):
    for shape in net_cluster.SHAPES:
        path = folder / "small.json"
        write(path, shape, 120, 25)
        each, grouped = (netpol.said_of(run("list", "--pods", "-f", "json", "--cni", cni, how, path)[0])
                         for cni in ("spec",) for how in ("--each", "--group"))
        wrong = [k for k in each.keys() | grouped.keys() if each.get(k) != grouped.get(k)]
        check(f"{shape}: groups written out say the same of {len(each)} pairs", each and not wrong, wrong[:3])


def exposed(folder):
    for shape in net_cluster.SHAPES:
        path = folder / "small.json"
        write(path, shape, 120, 25)
        each, grouped = (run("exposure", "-f", "json", how, path)[0] for how in ("--each", "--group"))
        says = lambda x: {(w, e["direction"]): (e["protected"], e["peers"])
                          for e in x["entries"] for w in x.get("groups", {}).get(e["workload"], [e["workload"]])}
        check(f"{shape}: exposure of groups written out is that of {len(says(each))} entries", says(each) == says(grouped) and each["entries"])


def reaching(folder):
    """Who can reach a namespace, of which most Pods are both: groups written out, against every pair."""
    for shape in net_cluster.SHAPES:
        path = folder / "small.json"
        write(path, shape, 120, 25)
        for target in ("crowd", "other", "imds"):
            each, grouped = (run("who-can-reach", target, "-f", "json", how, path)[0] for how in ("--each", "--group"))

            def says(x):
                members = lambda name: x.get("groups", {}).get(name, [name])
                return {(a, b, json.dumps(e["connections"]), json.dumps(e.get("perhaps")))
                        for e in x["entries"] for a in members(e["source"]) for b in members(e["destination"]) if a != b}
            check(f"{shape}: {len(grouped['entries'])} entries of groups that reach {target} are {len(each['entries'])} pairs",
                  says(each) == says(grouped) and each["entries"], sorted(says(each) ^ says(grouped), key=str)[:3])


def changed(folder):
    """A changed policy and a Pod more: groups written out, against every pair."""
    for shape in net_cluster.SHAPES:
        old, new = folder / "old.json", folder / "new.json"
        write(old, shape, 120, 25)
        lines = old.read_text().splitlines()
        policy, pod = json.loads(lines[-1]), json.loads(lines[-26])
        policy["spec"]["ingress"], policy["spec"]["egress"] = [{}], []
        pod["metadata"]["name"], pod["status"] = "new", {}
        new.write_text("\n".join([*lines[:-1], json.dumps(policy), json.dumps(pod)]) + "\n")
        each, grouped = (run("diff", "-f", "json", how, old, new)[0] for how in ("--each", "--group"))

        def says(x):
            members = lambda name: x.get("groups", {}).get(name, [name])
            return {(e["change"], a, b, json.dumps(e["connections"]), e.get("perhaps", False), e.get("because"))
                    for e in x["entries"] for a in members(e["source"]) for b in members(e["destination"]) if a != b}
        check(f"{shape}: what {len(grouped['entries'])} entries of groups say has changed is what has for {len(each['entries'])} pairs",
              says(each) == says(grouped) and len(each["entries"]) >= len(grouped["entries"]) > 0, sorted(says(each) ^ says(grouped), key=str)[:3])


def crowded(path):
    answer, used = run("list", "-f", "json", path)
    entries, limits = answer["entries"], [p for p in answer["problems"] if p["class"] == "limit"]
    check(f"{len(entries)} entries", 0 < len(entries) <= MOST)
    check("the namespace is named, how many Pods it has, and how to list them",
          any("namespace crowd" in p["message"] and f"{PODS} Pods" in p["message"] and "--each" in p["message"] for p in limits), limits)
    matrix, more = run("matrix", "-f", "json", path)
    whole = [e for e in entries if e["source"] == e["destination"] == "crowd[Namespace]"]
    cell = [e for e in matrix["entries"] if e["source"] == e["destination"] == "crowd"]
    same = len(whole) == len(cell) == 1 and whole[0]["connections"] == cell[0]["connections"] and \
        whole[0].get("perhaps") == cell[0].get("perhaps") and whole[0].get("some_pods", False) is not cell[0]["every_pair"]
    check("what is said of the whole namespace is what net matrix says", same, (whole, cell))
    check(f"{more:.0f} MB", SANITIZED or max(used, more) <= MEGABYTES)


def interrupted(path):
    for name, end in (("a reader that goes away", lambda p: p.stdout.close()), ("Ctrl-C", lambda p: p.send_signal(signal.SIGINT))):
        p = subprocess.Popen([casemate, "net", "list", "--each", "-f", "json", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        p.stdout.read(1000)  # the list has begun
        end(p)
        start = time.monotonic()
        if p.stdout.closed:
            status = p.wait(timeout=60)
        else:
            said = p.communicate(timeout=60)[0]
            status = p.returncode
            check("the answer is not whole, and no JSON", not said.rstrip().endswith(b'"}'))
        check(f"{name} ends it at once, with status {status}", status in (2, -signal.SIGINT) and time.monotonic() - start < 20)
        if p.stderr and not p.stderr.closed:
            p.stderr.close()


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        small(folder)
        exposed(folder)
        changed(folder)
        reaching(folder)
        write(folder / "crowd.json", "blocks", PODS, 300)
        if not SANITIZED:
            crowded(folder / "crowd.json")
        interrupted(folder / "crowd.json")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
