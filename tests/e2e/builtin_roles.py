#!/usr/bin/env python3
"""builtin_roles.py CASEMATE [--update]: the roles that every cluster has, as the real API server makes them, against the table that
stands in for them where a binding names one that is not among the input (src/graph/rbac_builtin.def): no difference.
--update writes the table.
"""

import difflib
import pathlib
import sys

from cluster import Cluster
from judge import ROOT, finish

TABLE = ROOT / "src" / "graph" / "rbac_builtin.def"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
PREFIX = "rbac.authorization.k8s.io/"
HEAD = """\
// The roles that every cluster has, for bindings that name them where they are not among the input.
// ROLE(namespace, name, label that it carries, label that it aggregates)
// RULE(apiGroups, resources, verbs, nonResourceURLs, resourceNames) of the role before it; lists are comma-separated
// Source: the bootstrap policy of Kubernetes %s as its API server makes it. Written by tests/e2e/builtin_roles.py --update.
"""
WIDTH = 130  # of a line, about


def quoted(items):
    """A C string of a comma-separated list, broken at commas where it is long."""
    if items is None:
        return "NULL"
    lines, line = [], ""
    for i, item in enumerate(items):
        piece = item + ("," if i + 1 < len(items) else "")
        if line and len(line) + len(piece) > WIDTH:
            lines.append(line)
            line = ""
        line += piece
    return "\n     ".join(f'"{x}"' for x in [*lines, line])


def label_of(labels):
    found = [k[len(PREFIX):] for k, v in (labels or {}).items() if k.startswith(PREFIX) and v == "true"]
    if len(found) > 1:
        raise ValueError(f"a default role with several labels for aggregation: {found}")
    return found[0] if found else None


def text_of(role):
    meta, aggregated = role["metadata"], None
    if role.get("aggregationRule"):
        (selector,) = role["aggregationRule"]["clusterRoleSelectors"]
        aggregated = label_of(selector["matchLabels"])
    names = [meta.get("namespace", ""), meta["name"], label_of(meta.get("labels")), aggregated]
    yield "ROLE(%s)\n" % ", ".join("NULL" if n is None else f'"{n}"' for n in names)
    for rule in [] if aggregated else role.get("rules") or []:
        yield "RULE(%s)\n" % ", ".join(quoted(rule.get(k)) for k in ("apiGroups", "resources", "verbs", "nonResourceURLs", "resourceNames"))


def table(cluster):
    roles = [r for kind in ("clusterroles", "roles") for r in cluster.admin.get(f"{RBAC}/{kind}").expect(200).body["items"]
             if (r["metadata"].get("labels") or {}).get("kubernetes.io/bootstrapping") == "rbac-defaults"]
    version = cluster.admin.get("/version").expect(200).body
    roles.sort(key=lambda r: (r["metadata"].get("namespace", ""), r["metadata"]["name"].startswith("system:"), r["metadata"]["name"]))
    return len(roles), HEAD % f"{version['major']}.{version['minor']}" + "".join(line for r in roles for line in text_of(r))


def main():
    with Cluster() as cluster:
        n, text = table(cluster)
    if "--update" in sys.argv:
        TABLE.write_text(text)
        return False
    wrong = list(difflib.unified_diff(TABLE.read_text().splitlines(), text.splitlines(), str(pathlib.Path(TABLE).relative_to(ROOT)), "API server", lineterm=""))
    for line in wrong[:40]:
        print(line)
    print(f"builtin roles: {n} of the API server, " + ("as the table has them" if not wrong else "and the table differs"))
    return bool(wrong)


finish(main)
