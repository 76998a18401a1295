#!/usr/bin/env python3
"""`casemate net list -f json` against the expected connections of a corpus of clusters.

Each folder has input/ and, where the kinds are standard ones, connlist.txt: a line for every pair that may talk,
`source => destination : connections`. Every line must be there and none besides. Folders of bad input must be refused with
the right class of fault, and by name. exposure.txt and explain.txt: see exposure() and explain()."""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

DEFAULT = pathlib.Path(__file__).resolve().parents[3] / "shared/corpora/netpol-reachability"
OTHER_NETWORKS = ("UserDefinedNetwork", "ClusterUserDefinedNetwork", "NetworkAttachmentDefinition", "MultiNetworkPolicy")
ORDER = ("SCTP", "TCP", "UDP")
# Where the corpus and the specification differ, we follow the specification.
KNOWN = {
    "exposure_test_with_anp_13": "`networks` of an AdminNetworkPolicy are compared with Pods too (the API's own comment: denying 0.0.0.0/0 "
                                 "denies all Pods), the corpus has them for addresses outside only",
}


def standard(folder):
    text = "\n".join(p.read_text(errors="replace") for p in (folder / "input").rglob("*") if p.is_file())
    return not any(re.search(rf'kind"?:\s*"?{k}\b', text) for k in OTHER_NETWORKS)


def run(program, *args):
    done = subprocess.run([program, "net", *args], capture_output=True, text=True)
    try:
        return json.loads(done.stdout), done
    except ValueError:
        return None, done


def ports(connections):
    if sum(c["ports"] == ["1-65535"] for c in connections) == 3:
        return "All Connections"
    if not connections:
        return "No Connections"
    by = {c["protocol"]: ",".join(c["ports"]) for c in connections}
    return ",".join(f"{p} {by[p]}" for p in ORDER if p in by)


def lines_of(answer):
    return {f"{e['source']} => {e['destination']} : {ports(e['connections'])}" for e in answer["entries"] if e["connections"]}


def wanted_lines(folder, name):
    return {line.rstrip() for line in (folder / name).read_text().splitlines() if re.match(r"^\S+ => \S+ : ", line)}


def connections(program, folder, name="connlist.txt"):
    answer, done = run(program, "list", "-f", "json", str(folder / "input"))
    if answer is None:
        return [f"no answer: {done.stderr.strip()[:200]}"]
    got, wanted = lines_of(answer), wanted_lines(folder, name)
    return [f"missing {x}" for x in sorted(wanted - got)] + [f"extra {x}" for x in sorted(got - wanted)]


# ---- bad input: what is wrong is said, by class; and the rest is answered

BAD = (("bad_path_namespace_with_same_name", "duplicate"), ("np_bad_path_test_1", "duplicate"), ("np_bad_path_test_2", "port"),
       ("np_test_with_empty_port_range", "port"), ("udn_bad_path", "network"), ("malformed_pod_example", "type"),
       ("malformed-pod-example-2", "type"), ("malformed-pod-example-3", "object"), ("dirty", "syntax"),
       ("onlineboutique_with_pods_severe_error", "syntax"))


def refused(program, folder, wanted):
    answer, done = run(program, "list", "-f", "json", str(folder / "input"))
    if answer is None:
        return [f"no answer: {done.stderr.strip()[:200]}"]
    said = {p["class"] for p in answer["problems"]}
    return [] if wanted in said and done.returncode in (0, 2) else [f"{wanted} is not among {sorted(said)}, status {done.returncode}"]


# ---- exposure.txt: what workloads are open to beyond the input

def terms(text):
    """{foo=managed,{Key:app,Operator:DoesNotExist,Values:[],}} and foo=managed,!app as one set."""
    found = set()
    for key, op, values in re.findall(r"\{Key:([^,]*),Operator:([^,]*),Values:\[([^\]]*)\],\}", text):
        vs = values.split()
        found.add((key, "In" if op == "In" else op, tuple(sorted(vs))))
    rest = re.sub(r"\{Key:[^}]*\}", "", text)
    for m in re.finditer(r"(!?)([A-Za-z0-9_./-]+)(?:=([^,{}]*)| (in|notin) \(([^)]*)\))?(?:,|$)", rest):
        no, key, value, op, values = m.groups()
        if op:
            found.add((key, "In" if op == "in" else "NotIn", tuple(sorted(values.split(",")))))
        elif value is not None:
            found.add((key, "In", (value,)))
        else:
            found.add((key, "DoesNotExist" if no else "Exists", ()))
    return frozenset(found)


def peer(text):
    m = re.match(r"^(\[namespace with \{(?P<ns>.*)\}\]|\[all namespaces\]|(?P<name>[^\[/]+))/(\[pod with \{(?P<pod>.*)\}\]|\[all pods\])$", text)
    if not m:
        return text
    return (m["name"] or (terms(m["ns"]) if m["ns"] else "*"), terms(m["pod"]) if m["pod"] else "*")


def by_protocol(text):
    """TCP 80,http,UDP 53 as {(protocol, port or name)}."""
    if text in ("All Connections", "No Connections"):
        return text
    found, protocol = set(), None
    for word in text.split(","):
        p, _, port = word.partition(" ")
        protocol, word = (p, port) if p in ORDER else (protocol, word)
        found.add((protocol, word))
    return frozenset(found)


def exposure(program, folder):
    answer, done = run(program, "exposure", "-f", "json", str(folder / "input"))
    if answer is None:
        return [f"no answer: {done.stderr.strip()[:200]}"]
    got, open_ = {}, set()
    for e in answer["entries"]:
        arrow = "<=" if e["direction"] == "ingress" else "=>"
        if not e["protected"]:
            open_.add((e["workload"], e["direction"]))
        for p in e["peers"]:
            said = by_protocol(ports(p["connections"]))
            named = {(n["protocol"], n["name"]) for n in p.get("named", [])}
            if named and said != "All Connections":
                said = frozenset((set() if said == "No Connections" else set(said)) | named)
            got[e["workload"], arrow, peer(p["peer"])] = said
    text, wrong = (folder / "exposure.txt").read_text(), connections(program, folder, "exposure.txt")
    rows = [(w, a, who, by_protocol(c.strip())) for w, a, who, c in re.findall(r"^(\S+)\s+\t(=>|<=)\s+\t(.*) : (.*)$", text, re.M)]
    for workload, arrow, who, conns in rows:
        said = got.get((workload, arrow, peer(who)), "No Connections")
        # The corpus has a line for each rule. A Pod that one rule chooses may be chosen by others in any case (app=x by "app exists"): we
        # say what it may do by all of them.
        others = frozenset().union(*(c for w, a, _, c in rows if (w, a) == (workload, arrow) and not isinstance(c, str)))
        by_all = not isinstance(said, str) and not isinstance(conns, str) and conns <= said <= others
        if said != conns and not by_all:
            wrong.append(f"{workload} {arrow} {who} : {conns}, not {said if isinstance(said, str) else sorted(said)}")
    for workload, direction in re.findall(r"^(\S+) is not protected on (Ingress|Egress)", text, re.M):
        if (workload, direction.lower()) not in open_:
            wrong.append(f"{workload} is not protected on {direction}")
    return wrong


# ---- explain.txt: which policies and rules decide

def spans(text):
    """TCP:[1-79,81-65535], UDP as {protocol: [(first, last)]}."""
    found = {}
    for protocol, some in re.findall(r"(TCP|UDP|SCTP)(?::\[([^\]]*)\])?", text):
        found[protocol] = [tuple(int(x) for x in (p.split("-") * 2)[:2]) for p in (some or "1-65535").split(",")]
    return found


def overlap(a, b):
    return any(x <= v and u <= y for p in a for x, y in a[p] for u, v in b.get(p, ()))


def blocks(text):
    """(source, destination, allowed, ports, {direction: (allowed, [(policy, rule)])}) of every answer."""
    for section in re.split(r"\n-{100,}\n", text):
        head = re.match(r"Connections between (\S+) => (\S+):", section)
        for m in re.finditer(r"^\t(Allowed|Denied) (.*?) due to (the system default|the following)[^\n]*\n((?:\t\t.*\n?|\n(?=\t\t))*)", section, re.M):
            if not head:
                continue
            ways = {}
            for way in re.finditer(r"^\t\t(Egress|Ingress) \((Allowed|Denied)\)(.*)\n((?:\t\t\t.*\n?)*)", m[4], re.M):
                names = re.findall(r"((?:Baseline)?(?:Admin)?NetworkPolicy) '([^']*)' (allows|denies|passes|selects)[^\n]*?(?:rule (\S+))?$", way[4], re.M)
                ways[way[1].lower()] = (way[2] == "Allowed", names)
            yield head[1], head[2], m[1] == "Allowed", spans(m[2]), ways


def agrees(entry, allowed, ways):
    if (entry["answer"] == "allowed") != allowed:
        return f"we say {entry['answer']}"
    for direction, (way, names) in ways.items():
        ours = entry[direction]
        if (ours["answer"] == "allowed") != way:
            return f"we say {direction} {ours['answer']}"
        said = {(r["kind"], r["namespace"] + "/" + r["name"] if r["namespace"] else r["name"]) for r in ours["rules"] + ours["passed"]}
        wanted = {(kind, name) for kind, name, _, _ in names}
        if not wanted <= said:
            return f"{direction}: {sorted(wanted - said)} is not among {sorted(said)}"
        for kind, name, verb, rule in names:
            rules = [r for r in ours["rules"] + ours["passed"] if (r["kind"], (r["namespace"] + "/" if r["namespace"] else "") + r["name"]) == (kind, name)]
            if verb in ("allows", "denies", "passes") and rule and not any(
                    rule in (f"#{r.get('rule')}", r.get("rule_name")) for r in rules):
                return f"{direction}: {name} rule {rule} is not among {[r.get('rule') for r in rules]}"
    return None


def explain(program, folder):
    text, wrong, asked = (folder / "explain.txt").read_text(), [], {}
    for source, destination, allowed, wanted, ways in blocks(text):
        if "{" in source:
            continue  # the ingress controller: net list and net exposure speak of it
        if (source, destination) not in asked:
            asked[source, destination], done = run(program, "reach", source, destination, "-f", "json", str(folder / "input"))
            if asked[source, destination] is None:
                return [f"no answer: {done.stderr.strip()[:200]}"]
        for entry in asked[source, destination]["entries"]:
            ours = {c["protocol"]: [tuple(int(x) for x in (p.split("-") * 2)[:2]) for p in c["ports"]] for c in entry["connections"]}
            why = agrees(entry, allowed, ways) if overlap(ours, wanted) else None
            if why:
                wrong.append(f"{source} => {destination} {sorted(wanted)}: {why}")
    return wrong


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("--corpus", type=pathlib.Path, default=DEFAULT)
    a.add_argument("--folder", help="only this one")
    a.add_argument("-v", "--verbose", action="store_true")
    o = a.parse_args()
    if not o.corpus.is_dir():
        print(f"skipped: {o.corpus} is not there")
        return 77
    bad = total = 0
    for folder in sorted(o.corpus.iterdir()):
        if o.folder and folder.name != o.folder or not (folder / "connlist.txt").is_file() or not standard(folder):
            continue
        total += 1
        wrong = connections(o.program, folder)
        bad += bool(wrong)
        if wrong:
            print(f"{folder.name}: {len(wrong)} lines")
            for w in wrong[: 100 if o.verbose else 4]:
                print(f"    {w}")
    print(f"connections: {total - bad} of {total} folders")
    good = total = 0
    for folder in sorted(o.corpus.iterdir()):
        for name, wanted in BAD:
            if folder.name.startswith(name) and (not o.folder or folder.name == o.folder):
                wrong = refused(o.program, folder, wanted)
                total += 1
                good += not wrong
                for w in wrong:
                    print(f"{folder.name}: {w}")
    print(f"bad input: {good} of {total} folders")
    bad += total - good
    for what, name, check in (("exposure", "exposure.txt", exposure), ("explanation", "explain.txt", explain)):
        good = total = 0
        for folder in sorted(o.corpus.iterdir()):
            if o.folder and folder.name != o.folder or not (folder / name).is_file() or not standard(folder):
                continue
            total += 1
            wrong = check(o.program, folder)
            known = wrong and KNOWN.get(folder.name)
            good += not wrong or bool(known)
            if known:
                print(f"{folder.name}: {name}: differs, and is to: {known}")
            elif wrong:
                print(f"{folder.name}: {name}: {len(wrong)}")
                for w in wrong[: 100 if o.verbose else 3]:
                    print(f"    {w}")
        print(f"{what}: {good} of {total} folders")
        bad += total - good
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
