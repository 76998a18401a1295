"""What is judged: objects from files, made ready for a server that has never seen them.

    Case.obj       the object for the server: named as the API wants it, in a namespace, with the label that bindings select
    Case.stands    what casemate judges: the same object, or for a Pod of a template the workload that has the template
    Case.policy    of a fixture: the policy whose pass/ or fail/ it is in
"""

import concurrent.futures
import functools
import json
import re

from judge import CORPORA, ROOT, folders

LABEL = "casemate.dev/e2e"
NAMESPACE = "e2e"
TEMPLATES = {"CronJob": ("spec", "jobTemplate", "spec", "template"), "PodTemplate": ("template",)}
CRD_PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class Case:
    def __init__(self, origin, obj, stands=None, policy=None):
        self.origins, self.obj, self.stands, self.policy = [origin], obj, stands or obj, policy

    def key(self):
        return json.dumps([self.obj, self.stands, self.policy], sort_keys=True)

    def __str__(self):
        more = f" and {len(self.origins) - 1} more" if len(self.origins) > 1 else ""
        return f"{self.origins[0]}{more}" + (" (its Pod)" if self.obj is not self.stands else "")


def is_object(x):
    return isinstance(x.get("kind"), str) and isinstance(x.get("apiVersion"), str) and bool(x["kind"]) and bool(x["apiVersion"])


def read(casemate, files):
    """(origin, object) of each."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for f, objects in zip(files, pool.map(casemate.read, files)):
            for n, x in enumerate(objects):
                yield f"{shorter(f)}#{n}" if n else shorter(f), x


def shorter(f):
    return str(f.relative_to(ROOT)) if f.is_relative_to(ROOT) else str(f.relative_to(CORPORA))


def fixtures(casemate):
    """(origin, object, policy's name) of everything in pass/ and fail/ folders."""
    for folder in folders():
        files = sorted(f for kind in ("pass", "fail") for f in (folder / kind).rglob("*") if f.is_file())
        for origin, x in read(casemate, files):
            yield origin, x, folder.name


def corpus(casemate, name):
    files = sorted(f for f in (CORPORA / name).rglob("*") if f.suffix in (".yaml", ".yml", ".json") and f.is_file())
    for origin, x in read(casemate, files):
        yield origin, x, None


# ---- making ready

def copy(x):
    return json.loads(json.dumps(x))


def ready(x, namespaced):
    """A copy of object x that the server can take if it is otherwise valid."""
    x = copy(x)
    meta = x.get("metadata")
    if not isinstance(meta, dict):
        meta = x["metadata"] = {}
    if not meta.get("name") and not meta.get("generateName"):
        meta["name"] = "unnamed"
    if x["kind"] == "Pod" and isinstance(meta.get("name"), str):
        meta["name"] = re.sub(r"[^a-z0-9.-]+", "-", meta["name"].lower()).strip("-.") or "unnamed"
    if namespaced and not meta.get("namespace"):
        meta["namespace"] = NAMESPACE
    mark(meta)
    return x


def mark(meta):
    if isinstance(meta.get("labels") or {}, dict):
        meta["labels"] = {**(meta.get("labels") or {}), LABEL: "warn"}


def template_of(x):
    """The Pod template that stands in x, or None."""
    for step in TEMPLATES.get(x["kind"], ("spec", "template")):
        x = x.get(step) if isinstance(x, dict) else None
    good = isinstance(x, dict) and isinstance(x.get("spec"), dict) and isinstance(x["spec"].get("containers"), list)
    return x if good else None


def pod_of(workload):
    """The Pod that the workload's controller would make, and the workload with the same label on its template."""
    workload = copy(workload)
    template = template_of(workload)
    template["metadata"] = template.get("metadata") or {}
    mark(template["metadata"])
    meta = dict(template["metadata"], generateName=str(workload["metadata"].get("name", "unnamed")) + "-")
    meta.pop("name", None)
    meta["namespace"] = meta.get("namespace") or workload["metadata"].get("namespace") or NAMESPACE
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"]}, workload


def cases(client, found, skipped):
    """Distinct cases of (origin, object, policy); what the server does not serve is counted in skipped."""
    distinct = {}
    for origin, x, policy in found:
        if not is_object(x):
            skipped["no Kubernetes object"] += 1
            continue
        served = client.resource(x["apiVersion"], x["kind"])
        made = []
        if served and "create" in served["verbs"]:
            made.append(Case(origin, ready(x, served["namespaced"]), None, policy))
        else:
            skipped[f"{x['apiVersion']} {x['kind']} is not served"] += 1
        if x["kind"] != "Pod" and template_of(x):
            made.append(Case(origin, *pod_of(ready(x, True)), policy))
        for c in made:
            same = distinct.setdefault(c.key(), c)
            if same is not c:
                same.origins += c.origins
    return list(distinct.values())


# ---- kinds that the server lacks

def stand_ins(objects, client):
    """CustomResourceDefinitions that take anything, for the kinds among objects that no server serves: so that policies about
    a KubeletConfiguration meet one in the real engine."""
    wanted, lacks = {}, functools.cache(lambda group: client.get(f"/apis/{group}").status == 404)
    for x in objects:
        group, _, version = x["apiVersion"].rpartition("/")
        if "." in group and re.fullmatch(r"v\d\w*", version) and lacks(group):
            wanted.setdefault((group, x["kind"]), set()).add(version)
    return [definition(group, kind, sorted(versions)) for (group, kind), versions in sorted(wanted.items())]


def plural(kind):
    """As the API conventions give it: a consonant's y becomes ies, a sibilant takes es."""
    k = kind.lower()
    if k.endswith("y") and k[-2:-1] not in tuple("aeiou"):
        return k[:-1] + "ies"
    return k + ("es" if k.endswith(("s", "x", "ch", "sh")) else "s")


def definition(group, kind, versions):
    anything = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural(kind)}.{group}", "annotations": {"api-approved.kubernetes.io": "unapproved, a stand-in for tests"}},
            "spec": {"group": group, "scope": "Namespaced", "names": {"kind": kind, "plural": plural(kind), "listKind": kind + "List"},
                     "versions": [{"name": v, "served": True, "storage": v == versions[0], "schema": anything} for v in versions]}}
