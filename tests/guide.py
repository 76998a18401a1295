#!/usr/bin/env python3
"""guide.py CASEMATE: the guide's data, the policies that name it, its examples and the documentation's agree.

Fails when a recommendation is missing or invented; when a policy names none, or one that is not there; when a recommendation
that one object settles is checked by nothing; when an example, a snippet or a manifest in the documentation does not parse, or
does not pass the policies of its own recommendation; when a command that the guide shows is no good shell or no good jq.
"""
import argparse, collections, fcntl, json, os, pathlib, pty, re, shutil, struct, subprocess, sys, tempfile, termios

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("casemate")
parser.add_argument("--policy", action="append", default=[], help="judge by the policies there, too; may be repeated")
options = parser.parse_args()
casemate = os.path.abspath(options.casemate)
root = pathlib.Path(__file__).resolve().parent.parent
MORE = [a for p in options.policy for a in ("--policy", p)]
VERSION = "1.36"

COUNTS = {"X": 7, "TM": 9, "POD": 24, "SA": 4, "ENV": 4, "NET": 9, "RES": 6, "CLOUD": 2, "CP": 8, "ETCD": 5, "KCFG": 2, "NODE": 4,
          "ENC": 2, "SEC": 5, "AUTHN": 5, "RBAC": 8, "LOG": 24, "TD": 8, "AL": 13, "UPG": 7}
ONE_DIGIT = {"X", "TM", "TD", "AL"}
ALONE = {"one object", "one file"}
NEEDS = ALONE | {"several objects", "a cluster", "a node", "an image", "an audit log", "metrics and logs", "a person"}
EVIDENCE = {"manifest", "object", "file", "flag", "image", "audit", "log", "network"}
# What these show cannot be had without what other recommendations forbid.
NOT_FOR_ALL = {"kube-apiserver.yaml": "part of the node", "kube-scheduler.yaml": "part of the node", "etcd.yaml": "part of the node",
               "LOG-17.yaml": "reads the node's logs"}
# Their policies match only what is wrong, or the other half.
NOT_JUDGED = {"AUTHN-01": "the file; the flag that names it is in kube-apiserver.yaml", "RBAC-06": "a RoleBinding, not a ClusterRoleBinding",
              "UPG-07": "versions that are served"}
RULES = {"unknown-field", "wrong-type"}  # they judge every object
KUBECTL = {"api-versions", "apply", "auth", "cluster-info", "config", "convert", "create", "debug", "delete", "describe", "exec", "get", "label",
           "replace", "rollout", "run", "top", "version", "who-can", "oidc-login"}

failures = collections.OrderedDict()
passed = 0


def check(group, good, why):
    global passed
    if good:
        passed += 1
    else:
        failures.setdefault(group, []).append(why)
    return good


def run(*args, **more):
    return subprocess.run([casemate, *args], capture_output=True, text=True, timeout=120, cwd=root, **more)


def ask(*args):
    done = run(*args)
    if done.returncode:
        sys.exit(f"FAIL casemate {' '.join(args)}: {done.stderr}")
    return json.loads(done.stdout)


def expected_ids():
    return [f"{p}-{i}" if p in ONE_DIGIT else f"{p}-{i:02d}" for p, n in COUNTS.items() for i in range(1, n + 1)]


def check_ids(entries):
    ids = [e["id"] for e in entries]
    for i in expected_ids():
        check("recommendations that are missing", i in ids, i)
    for i in ids:
        check("recommendations that the guide does not have", i in expected_ids(), i)
        check("recommendations that are there twice", ids.count(i) == 1, i)


def check_values(entries):
    ids = {e["id"] for e in entries}
    prefixes = {i.rsplit("-", 1)[0] for i in ids}
    for e in entries:
        where = f"{e['id']}: "
        check("values", e["needs"] in NEEDS, where + f"needs: {e['needs']}")
        check("values", set(e["evidence"]) <= EVIDENCE and e["evidence"], where + f"evidence: {e['evidence']}")
        check("values", not set(e["can"]) & set(e["partly"]), where + "an action is in can and in partly")
        for field in "since", "until":
            check("values", re.fullmatch(r"(1\.\d+)?", e[field]), where + f"{field}: {e[field]}")
        for t in e["through"]:
            check("values", t in ids | prefixes and t != e["id"], where + f"through: {t}")
        check("values", len(e["title"]) <= 46, where + f"the title has {len(e['title'])} characters, 46 fit in a line")
        check("values", re.search(r"\.$", e["says"]) and len(re.findall(r"\.\s", e["says"])) == 0, where + "says is not one sentence")


def check_policies(entries, policies):
    ids = {e["id"] for e in entries}
    for p in policies:
        check("policies that name no recommendation", p["recommendations"], p["policy"])
        for r in p["recommendations"]:
            check("policies that name a recommendation that is not there", r in ids, f"{p['policy']}: {r}")
    named = {p["policy"]: set(p["recommendations"]) for p in policies}
    for e in entries:
        for r in e["rules"]:
            if check("recommendations that name a rule that is not there", r in named, f"{e['id']}: {r}"):
                check("rules that name the recommendation themselves", e["id"] not in named[r], f"{e['id']}: {r}")


def check_matrix(entries):
    """One object settles it, and nothing looks: a policy is missing, or `can` promises too much."""
    for e in entries:
        if e["needs"] in ALONE and "check" in e["can"]:
            check("one object settles it and nothing checks it (write a policy, or say `partly` or another `needs`)",
                  e["policies"] or e["rules"] or e["through"], f"{e['id']} {e['title']}")
        if not e["policies"] and not e["rules"] and not e["through"]:
            check("the matrix says that it is done, and nothing does it",
                  all(sign in ("no", "-") for sign in e["today"].values()), f"{e['id']}: {e['today']}")


def scan(path):
    """(error, findings, policies that judged something and had nothing to say)"""
    done = run("scan", "-f", "json", "--kubernetes-version", VERSION, *MORE, str(path))
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return done.stderr or f"exit {done.returncode}", [], set()
    quiet = {p["policy"] for p in report["summary"]["policies"] if p["passed"] and not p["failed"]}
    return (done.stderr.strip() or f"exit {done.returncode}") if done.returncode not in (0, 1) else "", report["findings"], quiet


def say(f):
    return f"{f['location']['line']}: {f['policy']}: {f['message']}"


def check_examples(entries):
    folder = root / "guide" / "examples"
    by_file = collections.defaultdict(list)
    for e in entries:
        if e["example"]:
            by_file[e["example"]].append(e["id"])
    for f in sorted(folder.glob("*")):
        check("examples that no recommendation names", f.name in by_file, f.name)
    for name, ids in sorted(by_file.items()):
        if not check("examples that are not there", (folder / name).is_file(), f"{ids[0]}: {name}"):
            continue
        error, findings, quiet = scan(folder / name)
        check("examples that do not parse", not error, f"{name}: {error}")
        own = [f for f in findings if f["status"] != "waived" and set(f["recommendations"]) & set(ids)
               and not (f["status"] == "not-assessed" and f["message"].endswith("not known without a cluster"))]
        check("examples that fail the policies of their own recommendations", not own,
              "\n    ".join([f"{name} ({' '.join(ids)})"] + [say(f) for f in own]))
        for e in entries:
            if e["id"] in ids and e["needs"] in ALONE and e["id"] not in NOT_JUDGED and set(e["policies"]) - RULES:
                check("examples that no policy of their recommendation judges", quiet & set(e["policies"]) - RULES, f"{e['id']}: {name}")
        others = [f for f in findings if f["status"] == "fail" and f["severity"] != "low" and f not in own]
        if name not in NOT_FOR_ALL:
            check("examples with findings of other policies, medium and above", not others,
                  "\n    ".join([name] + [say(f) for f in others]))


def runs_of_code(text):
    """Indented runs, each without the indentation."""
    runs, lines = [], []
    for line in text.split("\n") + [""]:
        if line.startswith("  "):
            lines.append(line[2:])
        elif lines:
            runs.append("\n".join(lines) + "\n")
            lines = []
    return runs


def is_object(text):
    """Each document has apiVersion and kind at its top."""
    documents = [d for d in re.split(r"(?m)^---.*\n", text) if re.sub(r"(?m)^\s*(#.*)?$", "", d).strip()]
    return documents and all(re.search(r"(?m)^apiVersion: ", d) and re.search(r"(?m)^kind: ", d) for d in documents)


def check_manifest(group, where, text, ids=()):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
        f.write(text)
        f.flush()
        error, findings, _ = scan(f.name)
    check(group + " that do not parse", not error, f"{where}: {error}")
    own = [f for f in findings if f["status"] == "fail" and (set(f["recommendations"]) & set(ids) or f["policy"] in RULES)]
    check(group + " that are wrong", not own, "\n    ".join([where] + [say(f) for f in own]))


def check_snippets(entries):
    """What the guide shows: complete objects in `fix` pass; commands in `check` and `fix` are good shell, and their jq compiles."""
    jq = shutil.which("jq")
    if not jq:
        print("jq is not there: its expressions were not compiled")
    for e in entries:
        for code in runs_of_code(e["fix"]):
            if is_object(code):
                check_manifest("snippets", e["id"], code, [e["id"]])
        for code in runs_of_code(e["check"]) + [c for c in runs_of_code(e["fix"]) if re.match(r"(kubectl|casemate) ", c)]:
            done = subprocess.run(["bash", "-n"], input=code, capture_output=True, text=True)
            check("commands that are no shell", done.returncode == 0, f"{e['id']}: {done.stderr.strip()}")
            for verb in re.findall(r"(?m)(?:^|\(|\| |do )\s*kubectl (?:-n \S+ )?(\S+)", code):
                check("commands that kubectl does not have", verb in KUBECTL, f"{e['id']}: kubectl {verb}")
            for program in re.findall(r"\bjq (?:-\w+ )*'([^']*)'", code) if jq else []:
                done = subprocess.run([jq, "-n", f"if false then ({program}) else empty end"], capture_output=True, text=True)
                check("jq expressions that do not compile", done.returncode == 0, f"{e['id']}: {done.stderr.strip()}")


def check_documents():
    for page in sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")]):
        for i, block in enumerate(re.findall(r"(?ms)^```ya?ml\n(.*?)^```", page.read_text()), 1):
            if is_object(block):
                check_manifest("manifests in the documentation", f"{page.relative_to(root)}, block {i}", block)


def check_printing(entries):
    """Each recommendation is explained, in each format, and its example stands there as it is in the file."""
    for form in "text", "markdown":
        done = run("guide", "-f", form, *[e["id"] for e in entries])
        check("printing", done.returncode == 0, f"-f {form}: {done.stderr}")
        for e in entries:
            check("printing", e["id"] in done.stdout and e["title"] in done.stdout, f"-f {form}: {e['id']}")
        for f in sorted((root / "guide" / "examples").glob("*.yaml")):
            text = f.read_text() if form == "markdown" else "\n".join("    " + l if l else l for l in f.read_text().splitlines())
            check("printing", text in done.stdout, f"-f {form}: {f.name} is not in it as it is in the file")
    done = run("guide")
    check("printing", all(re.search(rf"(?m)^  {e['id']} ", done.stdout) for e in entries), "the matrix has not all rows")
    check("printing", run("guide", "pod-6").stderr.find("POD-06") > 0, "`guide pod-6` does not ask for POD-06")


def on_terminal(columns):
    """The matrix as a terminal of that width gets it."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    child = subprocess.Popen([casemate, "guide"], stdin=subprocess.DEVNULL, stdout=its, cwd=root)
    os.close(its)
    text = b""
    try:
        while part := os.read(ours, 1 << 16):
            text += part
    except OSError:  # the other side is closed
        pass
    os.close(ours)
    check("printing", child.wait() == 0, f"{columns} columns: exit {child.returncode}")
    return text.decode().replace("\r", "").splitlines()


def check_widths(entries):
    """No line of the matrix is wider than the terminal, and the signs are those of the data."""
    for columns in 80, 100, 120:
        lines = on_terminal(columns)
        for line in lines[:-3]:
            check("printing", len(line) <= columns, f"{columns} columns: {line}")
        rows = {line.split()[0]: line for line in lines if re.match(r"  [A-Z]+-\d", line)}
        for e in entries:
            signs = " +".join(re.escape(s) for s in e["today"].values())
            check("printing", re.search(rf" {signs}( |$)", rows.get(e["id"], "")), f"{columns} columns: {e['id']}: {rows.get(e['id'])}")


entries = ask("guide", "-f", "json")["recommendations"]
policies = ask("policy", "list", "-f", "json", *options.policy)["policies"]
check_ids(entries)
check_values(entries)
check_policies(entries, policies)
check_matrix(entries)
check_examples(entries)
check_snippets(entries)
check_documents()
check_printing(entries)
check_widths(entries)
for group, list_ in failures.items():
    print(f"FAIL {group}: {len(list_)}")
    for why in list_:
        print(f"  {why}")
print(f"{len(entries)} recommendations, {len(policies)} policies: {passed} passed, {sum(map(len, failures.values()))} failed")
sys.exit(bool(failures))
