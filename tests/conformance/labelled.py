"""labelled: what the runners over other tools' labelled suites share.

checks.tsv maps a check of a suite to our policies. A check is claimed if and only if the guide asks for it and one
object can show it; for the others the reason stands there. A case is one verdict of theirs: the check fires, or it
does not. We agree if one of the check's policies has a finding exactly where theirs fires.

judged.tsv has the labels that we judge wrong, each with the sentence that decides. The gate counts every case as it
is labelled; --judged counts those as agreeing, and the line below the table always says both.
"""
import argparse, collections, csv, dataclasses, fnmatch, json, os, pathlib, re, subprocess, sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CORPORA = ROOT.parent / "shared/corpora"


def arguments(doc, folder):
    """The command line of a runner; leaves with 77 if the suite is not there."""
    ap = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("casemate")
    ap.add_argument("-v", dest="verbose", action="store_true", help="also checks that are not claimed, and every case")
    ap.add_argument("--judged", action="store_true", help="labels that judged.tsv corrects count as corrected")
    ap.add_argument("--corpus", type=pathlib.Path, default=CORPORA / folder, help="where the suite stands")
    ap.add_argument("--policy", action="append", default=[], help="passed on to casemate scan")
    run = ap.parse_args()
    run.casemate = os.path.abspath(run.casemate)
    run.corpus = run.corpus.resolve()
    if not run.corpus.is_dir():
        print(f"skipped: {os.path.relpath(run.corpus, ROOT)} is not there")
        sys.exit(77)
    return run


@dataclasses.dataclass(frozen=True)
class Finding:
    policy: str
    status: str
    message: str
    path: str
    line: int
    kind: str
    name: str
    namespace: str

    @property
    def object(self):
        return self.kind, self.namespace, self.name


class Report:
    """What casemate scan says of a folder, by file."""

    def __init__(self, run, *paths, options=()):
        extra = [x for p in run.policy for x in ("--policy", p)]
        done = subprocess.run([run.casemate, "scan", "-f", "json", *extra, *options, *map(str, paths)],
                              capture_output=True, text=True, timeout=600)
        if not done.stdout.startswith("{"):
            sys.exit(f"casemate scan: exit {done.returncode}\n{done.stderr[-4000:]}{done.stdout[:2000]}")
        self.exit, self.json = done.returncode, json.loads(done.stdout)
        self.policies = {p["policy"] for p in self.json["summary"]["policies"]}
        self.findings, self.errors = collections.defaultdict(list), collections.defaultdict(list)
        for f in self.json["findings"]:
            o, at = f["object"], f["location"]
            self.findings[pathlib.Path(at["file"])].append(
                Finding(f["policy"], f["status"], f["message"], f["path"], at["line"], o["kind"], o["name"], o["namespace"]))
        for e in self.json["errors"]:
            self.errors[pathlib.Path(e["file"])].append(e)


@dataclasses.dataclass
class Row:
    claimed: bool
    policies: list
    message: str
    path: str
    reason: str


class Checks:
    """checks.tsv for one suite. policies: names, each enough by itself; a+b: both on one object. message, path: what
    the finding's must match. A check may have several rows: a finding that fits one of them counts. A check that has
    no row of its own falls under the longest pattern (psp-deny-*) that it matches."""

    def __init__(self, suite):
        self.suite, self.rows = suite, collections.defaultdict(list)
        with (HERE / "checks.tsv").open(newline="") as f:
            for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
                if r["suite"] == suite:
                    self.rows[r["check"]].append(Row(r["claimed"] == "yes", r["policies"].split(), r["message"], r["path"], r["reason"]))

    def known(self, check):
        if check not in self.rows:
            fits = [x for x in self.rows if "*" in x and fnmatch.fnmatchcase(check, x)]
            if fits:
                self.rows[check] = self.rows[max(fits, key=len)]
        return check in self.rows

    def claimed(self, check):
        return self.known(check) and any(r.claimed for r in self.rows[check])

    def reason(self, check):
        return "; ".join(r.reason for r in self.rows[check] if r.reason) if self.known(check) else "not in checks.tsv"

    def policies(self):
        return {p for rows in self.rows.values() for r in rows if r.claimed for a in r.policies for p in a.split("+")}

    def fired(self, check, findings):
        """The findings that say what the check says. What was not assessed says nothing."""
        ret = []
        for row in self.rows[check]:
            fit = [f for f in findings if f.status == "fail" and re.search(row.message, f.message, re.I) and re.search(row.path, f.path)]
            for alternative in row.policies if row.claimed else ():
                names = set(alternative.split("+"))
                has = collections.defaultdict(set)
                for f in fit:
                    has[f.object].add(f.policy)
                ret += [f for f in fit if f.policy in names and has[f.object] >= names and f not in ret]
        return ret


@dataclasses.dataclass
class Case:
    check: str
    name: str
    expected: str       # their label, as text
    got: str            # ours
    agree: bool
    note: str = ""


def verdict(fires):
    return "fires" if fires else "silent"


@dataclasses.dataclass(frozen=True)
class Document:
    """One document of a file: kind, name and lines."""
    kind: str
    name: str
    first: int
    last: int


def documents(file):
    """A file's documents as they are written; empty ones and ones without a kind are left out."""
    text = file.read_text(errors="replace")
    if file.suffix == ".json":
        try:
            tree = json.loads(text)
        except ValueError:
            return []
        trees = tree if isinstance(tree, list) else [tree]
        return [Document(str(t.get("kind", "")), str((t.get("metadata") or {}).get("name", t.get("name", ""))), 1, 1 << 30)
                for t in trees if isinstance(t, dict)]
    ret, start, lines = [], 1, text.split("\n")
    bounds = [i for i, x in enumerate(lines, 1) if re.match(r"---(\s|$)", x)] + [len(lines) + 1]
    for end in bounds:
        body = "\n".join(lines[start - 1:end - 1])
        kind = re.search(r"^[\"']?kind[\"']?:\s*[\"']?([\w.-]+)", body, re.M)
        meta = re.search(r"^metadata:.*\n((?:(?:[ #].*)?\n?)*)", body, re.M)
        name = re.search(r"^ +[\"']?name[\"']?:[ \t]*[\"']?([^\s\"'#]+)", meta.group(1), re.M) if meta else None
        name = name or re.search(r"^metadata:\s*\{.*?\bname:\s*[\"']?([^\s\"',}]+)", body, re.M)
        if kind:
            ret.append(Document(kind.group(1), name.group(1) if name else "", start, end - 1))
        start = end
    return ret


def read_judged(suite):
    """case -> (our verdict, why), of one suite."""
    with (HERE / "judged.tsv").open(newline="") as f:
        return {r["case"]: (r["verdict"], r["why"]) for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
                if r["suite"] == suite}


def percent(part, whole):
    return 100.0 * part / whole if whole else 100.0


def table(cases):
    by = collections.defaultdict(list)
    for c in cases:
        by[c.check].append(c)
    width = max([len(x) for x in by] + [5])
    print(f"{'check':<{width}} {'cases':>6} {'agree':>6} {'disagree':>9}")
    for check in sorted(by):
        good = sum(c.agree for c in by[check])
        print(f"{check:<{width}} {len(by[check]):>6} {good:>6} {len(by[check]) - good or '':>9}")


def conclude(run, checks, cases, gate, unclaimed, missing, gates=()):
    """Prints the result and leaves: 0 if the gates hold. cases: of claimed checks. unclaimed: check -> number of
    cases. missing: policies of checks.tsv that casemate does not know. gates: (text, part, whole, percent)."""
    judged = read_judged(checks.suite)
    table(cases)
    wrong = [c for c in cases if not c.agree]
    excused = [c for c in wrong if c.name in judged and judged[c.name][0] == c.got]
    stale = [c.name for c in cases if c.name in judged and c.agree]
    if wrong:
        print("\ndisagreements:")
    for c in wrong:
        print(f"  {c.name}: theirs {c.expected}, ours {c.got}{'; ' + c.note if c.note else ''}")
        if c in excused:
            print(f"    judged: {judged[c.name][1]}")
    if run.verbose:
        print("\nagreements:")
        for c in cases:
            if c.agree:
                print(f"  {c.name}: {c.expected}{'; ' + c.note if c.note else ''}")
    print(f"\nnot claimed: {sum(unclaimed.values())} cases of {len(unclaimed)} checks")
    reasons = collections.defaultdict(list)
    for check in sorted(unclaimed):
        reasons[checks.reason(check)].append(check)
    for reason, names in sorted(reasons.items()):
        print(f"  {len(names):>3} {reason}" + (": " + ", ".join(names) if run.verbose or reason == "not in checks.tsv" else ""))
    if missing:
        print("no policy of casemate's: " + " ".join(sorted(missing)))
    if stale:
        print("judged.tsv excuses what agrees: " + " ".join(stale))
    good = len(cases) - len(wrong)
    print(f"\n{checks.suite}: {good} of {len(cases)} cases of claimed checks agree, {percent(good, len(cases)):.1f} % (gate {gate} %); "
          f"{good + len(excused)}, {percent(good + len(excused), len(cases)):.1f} %, with the labels that judged.tsv corrects")
    if run.judged:
        good += len(excused)
    held = bool(cases) and percent(good, len(cases)) >= gate
    for text, part, whole, least in gates:
        print(f"{checks.suite}: {part} of {whole} {text}, {percent(part, whole):.1f} %" + (f" (gate {least} %)" if least else ""))
        held = held and percent(part, whole) >= least
    sys.exit(0 if held and not stale else 1)
