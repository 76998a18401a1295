#!/usr/bin/env python3
"""parameters.py CASEMATE: a policy that needs parameters says so once in every format, and is judged with what it is given.

The parameters and the binding are those of docs/policies.md. Also: what is beside a policy.yaml for its tests is no policy.
"""
import json, os, pathlib, re, subprocess, sys, tempfile, xml.etree.ElementTree as xml

casemate = os.path.abspath(sys.argv[1])
root = pathlib.Path(__file__).resolve().parent.parent.parent
NAME = "trusted-registry"
PODS = "".join(f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{i}, namespace: shop}}\nspec: {{containers: [{{name: c, image: '{image}'}}]}}\n"
               for i, image in enumerate(["nginx:1", "registry.example.com/web:1", "quay.io/other/web:1", "mirror.example.com:5000/other:1"]))
FOREIGN = ["p2", "p3"]
failed = []


def run(*args, stdin=None):
    done = subprocess.run([casemate, *args], input=stdin, capture_output=True, text=True, timeout=120, cwd=root)
    assert done.returncode in (0, 1), f"{args}: exit {done.returncode}: {done.stderr}"
    return done


def check(name, good, why=""):
    print(f"{'ok  ' if good else 'FAIL'} {name}{'' if good else f': {why}'}")
    if not good:
        failed.append(name)


def found(*args):
    report = json.loads(run("scan", "-f", "json", *args, "-", stdin=PODS).stdout)
    tally = next(p for p in report["summary"]["policies"] if p["policy"] == NAME)
    return tally, [f["object"]["name"] for f in report["findings"] if f["policy"] == NAME and f["status"] == "fail"]


def without():
    tally, names = found()
    check("JSON says that it needs them", tally == {"policy": NAME, "passed": 0, "failed": 0, "notAssessed": 0, "needsParameters": True} and not names, tally)
    text = [l for l in run("scan", "-", stdin=PODS).stdout.splitlines() if NAME in l]
    check("the text has one line", len(text) == 1 and "not assessed" in text[0] and "needs parameters" in text[0], text)
    log = json.loads(run("scan", "-f", "sarif", "-", stdin=PODS).stdout)["runs"][0]
    notes = log["invocations"][0]["toolConfigurationNotifications"]
    check("SARIF has a notification", [n["associatedRule"]["id"] for n in notes] == [NAME] and
          log["tool"]["driver"]["rules"][notes[0]["associatedRule"]["index"]]["id"] == NAME, notes)
    cases = [c for c in xml.fromstring(run("scan", "-f", "junit", "-", stdin=PODS).stdout).iter("testcase") if c.get("classname") == NAME]
    check("JUnit has a skipped case", len(cases) == 1 and cases[0].find("skipped") is not None, cases)
    check("policy list says so", f"{NAME} needs parameters" in run("policy", "list").stdout)
    listed = json.loads(run("policy", "list", "-f", "json").stdout)["policies"]
    check("policy list -f json says so", [p["policy"] for p in listed if p["needsParameters"]] == [NAME])


def given(folder):
    params, binding = re.findall(r"```yaml\n(.*?)```", (root / "docs/policies.md").read_text().split("## Parameters")[1], re.S)[:2]
    file = folder / "params.yaml"
    judged = {"policy": NAME, "passed": 2, "failed": 2, "notAssessed": 0}
    for name, text in (("the ConfigMap", params), ("the ConfigMap without a namespace", params.replace(", namespace: default", "")),
                       ("the ConfigMap and the binding", params + "---\n" + binding)):
        file.write_text(text)
        check(f"judged with {name}", found("--policy", str(file)) == (judged, FOREIGN), found("--policy", str(file)))
    file.write_text(params.replace("{name: trusted-registry", "{name: other"))
    check("not with a ConfigMap of another name", found("--policy", str(file))[0].get("needsParameters") is True)
    file.write_text(binding)
    check("a binding without its parameters is a finding", found("--policy", str(file))[1] == ["p0", "p1", "p2", "p3"])
    file.write_text(params)
    check("policy list, given them, says nothing", "needs parameters" not in run("policy", "list", "policies/images", str(file)).stdout)


def fixtures(folder):
    done = run("scan", "--policy", "policies", "-", stdin=PODS)
    check("a directory of policies is read without a warning", done.stderr == "", done.stderr[:300])
    hooks = folder / "hooks.yaml"
    hooks.write_text("".join(f"---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {{name: h{i}}}\n" for i in range(3)))
    said = run("scan", "--policy", str(hooks), "-", stdin=PODS).stderr
    check("webhook configurations are one warning", said.count("warning") == 1 and "2 more" in said, said)


with tempfile.TemporaryDirectory() as d:
    without()
    given(pathlib.Path(d))
    fixtures(pathlib.Path(d))
sys.exit(bool(failed))
