#!/usr/bin/env python3
"""attacks.py CASEMATE [-v]: each attack that `casemate rbac paths` knows, on manifests made for it, and on siblings of them that are harmless.

A case is objects and what must be found of them, or must not: (attack, from whom). A variant says the same in another way (initContainers,
a DaemonSet, CAP_ before the name, a directory above ...); a harmless sibling lacks the one thing that the attack needs. Of every way that is
found, too: each step has its evidence with file and line and its recommendation, and there is a cut.
"""
import argparse, json, pathlib, subprocess, sys, tempfile

RBAC = "rbac.authorization.k8s.io"
FREE = {"member-of", "any-of", "container-attach", "volume-discover", "volume-access", "permission-discover", "masters"}
BY_ITSELF = {"aws-auth-map", "token-steal", "identity-assume", "control-plane", "imds", "cloud-identity", "pod-create", "secret-read", "admin"} # what root on a node, or everything in a namespace, includes
CASES = []


def case(name, objects, found=(), absent=()):
    CASES.append((name, objects, list(found), list(absent)))


# ---- Pods

def spec_of(container, spec=None, where="containers", others=0):
    c = {"name": "c", "image": "i", **container}
    lists = {where: [c]}
    if where != "containers":
        lists["containers"] = [{"name": "main", "image": "i"}]
    lists["containers"] = lists["containers"] + [{"name": f"other{i}", "image": "i"} for i in range(others)]
    return {**lists, **(spec or {})}


def made(kind, spec, meta=None, ns="default"):
    meta = {"name": "x", "namespace": ns, **(meta or {})}
    template = {"metadata": {"labels": {"a": "b"}}, "spec": spec}
    if kind == "Pod":
        return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}
    if kind == "CronJob":
        return {"apiVersion": "batch/v1", "kind": kind, "metadata": meta, "spec": {"schedule": "@daily", "jobTemplate": {"spec": {"template": template}}}}
    group = "batch/v1" if kind == "Job" else "apps/v1"
    return {"apiVersion": group, "kind": kind, "metadata": meta, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template}}


def pod(name, container, spec=None, found=(), absent=(), where="containers", kind="Pod", more=(), others=0, meta=None):
    at = f"{kind}:default/x"
    case(name, [made(kind, spec_of(container, spec, where, others), meta), *more], [(a, at) for a in found], [(a, at) for a in absent])


def security(**fields):
    return {"securityContext": fields}


def caps(*add, drop=(), **fields):
    return security(capabilities={"add": list(add), "drop": list(drop)}, **fields)


def disk(path, mount=None, **volume):
    """A container and a spec with a hostPath."""
    return {"volumeMounts": [{"name": "v", "mountPath": "/host", **(mount or {})}]}, {"volumes": [{"name": "v", "hostPath": {"path": path}, **volume}]}


OFF = {"appArmorProfile": {"type": "Unconfined"}}
for kind in ("Pod", "Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Job", "CronJob"):
    pod(f"privileged {kind}", security(privileged=True), found=["ce-priv-mount", "ce-module-load"], absent=["ce-nsenter"], kind=kind)
for where in ("initContainers", "ephemeralContainers"):
    pod(f"privileged in {where}", security(privileged=True), found=["ce-priv-mount"], where=where)
pod("privileged is false", security(privileged=False), {"hostPID": True}, absent=["ce-priv-mount", "ce-module-load", "ce-nsenter"])
pod("privileged at the Pod", {}, security(privileged=True), absent=["ce-priv-mount"])  # there is no such field
pod("nsenter", security(privileged=True), {"hostPID": True}, found=["ce-nsenter", "ce-priv-mount"])
pod("nsenter without privileged", {}, {"hostPID": True}, absent=["ce-nsenter", "ce-sys-ptrace"])
pod("privileged in a user namespace", security(privileged=True), {"hostUsers": False}, absent=["ce-priv-mount", "ce-module-load"])
pod("privileged, hostUsers true", security(privileged=True), {"hostUsers": True}, found=["ce-priv-mount"])
for name in ("SYS_MODULE", "CAP_SYS_MODULE", "sys_module", "cap_sys_module", "ALL", "all"):
    pod(f"module load by {name}", caps(name), found=["ce-module-load"], absent=["ce-priv-mount"])
pod("module load dropped again", caps("SYS_MODULE", drop=["SYS_MODULE"]), absent=["ce-module-load"])
pod("module load dropped in other words", caps("SYS_MODULE", drop=["cap_sys_module"]), absent=["ce-module-load"])
pod("drop ALL, then added by name", caps("SYS_MODULE", drop=["ALL"]), found=["ce-module-load"])
pod("ALL but the module", caps("ALL", drop=["SYS_MODULE"]), found=["ce-sys-admin"], absent=["ce-module-load"])
pod("ALL added and dropped", caps("ALL", drop=["ALL"]), absent=["ce-module-load", "ce-sys-admin"])
pod("capabilities at the Pod", {}, caps("SYS_MODULE"), absent=["ce-module-load"])  # nor such a field
pod("a harmless capability", caps("NET_BIND_SERVICE"), absent=["ce-module-load", "ce-sys-admin", "ce-net-mitm"])
pod("ptrace", caps("SYS_PTRACE", "SYS_ADMIN", **OFF), {"hostPID": True}, found=["ce-sys-ptrace"])
pod("ptrace, AppArmor off at the Pod", caps("CAP_SYS_PTRACE", "sys_admin"), {"hostPID": True, "securityContext": OFF}, found=["ce-sys-ptrace"])
pod("ptrace, AppArmor off by the annotation", caps("SYS_PTRACE", "SYS_ADMIN"), {"hostPID": True}, found=["ce-sys-ptrace"],
    meta={"annotations": {"container.apparmor.security.beta.kubernetes.io/c": "unconfined"}})
CERTAIN = [len(CASES) - 1]  # without an assumption
pod("ptrace by ALL", caps("ALL"), {"hostPID": True}, found=["ce-sys-ptrace"])
pod("ptrace without hostPID", caps("SYS_PTRACE", "SYS_ADMIN"), absent=["ce-sys-ptrace"])
pod("ptrace without SYS_ADMIN", caps("SYS_PTRACE"), {"hostPID": True}, absent=["ce-sys-ptrace"])
pod("ptrace, SYS_ADMIN dropped", caps("SYS_PTRACE", "SYS_ADMIN", drop=["SYS_ADMIN"]), {"hostPID": True}, absent=["ce-sys-ptrace", "ce-sys-admin"])
pod("ptrace in one container, SYS_ADMIN in another", caps("SYS_PTRACE"),
    {"hostPID": True, "initContainers": [{"name": "i", "image": "i", **caps("SYS_ADMIN")}]}, absent=["ce-sys-ptrace"])
pod("SYS_ADMIN", caps("SYS_ADMIN"), found=["ce-sys-admin"])
pod("SYS_ADMIN, not root", caps("SYS_ADMIN", runAsUser=1000), absent=["ce-sys-admin"])
pod("SYS_ADMIN, root only in the container", caps("SYS_ADMIN", runAsUser=0), {"securityContext": {"runAsUser": 1000}}, found=["ce-sys-admin"])
pod("SYS_ADMIN, not root by the Pod", caps("SYS_ADMIN"), {"securityContext": {"runAsNonRoot": True}}, absent=["ce-sys-admin"])
pod("NET_ADMIN on the node's network", caps("NET_ADMIN"), {"hostNetwork": True}, found=["ce-net-mitm"])
pod("NET_ADMIN in initContainers", caps("cap_net_admin"), {"hostNetwork": True}, found=["ce-net-mitm"], where="initContainers")
pod("NET_ADMIN on its own network", caps("NET_ADMIN"), absent=["ce-net-mitm"])
pod("the node's network without NET_ADMIN", {}, {"hostNetwork": True}, absent=["ce-net-mitm"])

# ---- the node's disk

UMH, LOG, READ, WRITE, TRAVERSE, SOCK = ("ce-umh-core-pattern", "ce-var-log-symlink", "exploit-host-read", "exploit-host-write", "exploit-host-traverse",
                                         "exploit-containerd-sock")


def host(path, found=(), absent=(), mount=None, container=None, **kw):
    c, s = disk(path, mount)
    pod(kw.pop("name", f"hostPath {path} {mount or ''} {container or ''}"), {**c, **(container or {})}, {**s, **kw.pop("spec", {})}, found, absent, **kw)


RO = {"readOnly": True}
for path in ("/proc/sys/kernel", "/proc/sys/kernel/", "/proc/sys", "/proc", "/", "//proc//sys/kernel", "/proc/./sys/kernel"):
    host(path, found=[UMH])
    host(path, absent=[UMH, WRITE], mount=RO)
host("/proc/sys/kernel/core_pattern", found=[UMH])
host("/proc/sys/net", absent=[UMH, WRITE])
host("/proc", absent=[UMH], container=security(runAsUser=1000))
host("/", absent=[UMH, WRITE], mount={"subPath": "srv/data"}, name="subPath of the root")
host("/", found=[UMH], mount={"subPath": "proc/sys"}, name="subPath that is /proc/sys")
host("/var", found=[LOG], mount={"subPathExpr": "log/$(NAME)"}, name="subPathExpr below /var/log")
for path in ("/var/log", "/var/log/", "/var", "/", "/var/log/pods"):
    host(path, found=[LOG])
    host(path, absent=[LOG], mount=RO)
host("/var/logs", absent=[LOG])
for path in ("/root", "/root/.ssh", "/root/.ssh/", "/etc", "/etc/kubernetes", "/etc/kubernetes/admin.conf", "/", "/var/lib/kubelet/pki", "/var/lib/kubelet", "/home",
             "/home/ops", "/home/ops/.kube", "/etc/shadow", "/etc/ssh"):
    host(path, found=[READ], mount=RO)
for path in ("/tmp", "/srv/data", "/mnt", "/etcetera", "/rooted", "/var/lib/app", "/etc/localtime", "/home/ops/data", "/opt/app", "/data"):
    host(path, absent=[READ, WRITE, TRAVERSE, SOCK, LOG, UMH])
for path in ("/", "/etc", "/etc/cron.d", "/root", "/usr/bin", "/usr/local/bin", "/bin/", "/lib/modules", "/var/lib/kubelet", "/home/ops/.ssh", "/opt/cni/bin", "/boot", "/opt",
             "/etc/kubernetes/manifests", "/run/systemd/system", "/var/spool/cron"):
    host(path, found=[WRITE])
    host(path, absent=[WRITE], mount=RO)
for path in ("/var/lib/kubelet/pods", "/var/lib/kubelet/pods/", "/var/lib/kubelet", "/var/lib", "/var", "/"):
    host(path, found=[TRAVERSE], mount=RO)
host("/var/lib/kubelet/device-plugins", absent=[TRAVERSE, READ])
for path in ("/run/containerd/containerd.sock", "/var/run/docker.sock", "/var/run/docker.sock/", "/run", "/var/run", "/run/containerd", "/var/run/crio/crio.sock", "/run/crio/crio.sock",
             "/run/k3s/containerd/containerd.sock", "/var/run/cri-dockerd.sock"):
    host(path, found=[SOCK])
    host(path, found=[SOCK], mount=RO)  # a socket is connected to, not written
host("/run/app", absent=[SOCK, WRITE])
host("/var/run/app.sock", absent=[SOCK, WRITE])
for where in ("initContainers", "ephemeralContainers"):
    host("/etc", found=[WRITE], where=where, name=f"hostPath /etc in {where}")
for kind in ("DaemonSet", "CronJob"):
    host("/etc", found=[WRITE], kind=kind, name=f"hostPath /etc of a {kind}")
pod("a hostPath that nothing mounts", {}, {"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}, absent=[WRITE, READ, SOCK, TRAVERSE])
CLAIM = {"volumeMounts": [{"name": "v", "mountPath": "/v"}]}
VOLUME = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv"}, "spec": {"hostPath": {"path": "/etc/"}, "claimRef": {"namespace": "default", "name": "c"}}}
pod("hostPath by a claim", CLAIM, {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}]}, found=[WRITE, READ], more=[VOLUME])
pod("hostPath by a claim, read-only", CLAIM, {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "c", "readOnly": True}}]}, found=[READ], absent=[WRITE], more=[VOLUME])
pod("another claim", CLAIM, {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "d"}}]}, absent=[WRITE, READ], more=[VOLUME])
pod("emptyDir", CLAIM, {"volumes": [{"name": "v", "emptyDir": {}}]}, absent=[WRITE, READ, "volume-discover"])

# ---- in the Pod and around it

pod("shared processes", {}, {"shareProcessNamespace": True}, found=["share-ps-namespace", "container-attach"], others=1)
pod("shared processes of one container", {}, {"shareProcessNamespace": True}, absent=["share-ps-namespace", "container-attach"])
pod("processes not shared", {}, {"shareProcessNamespace": False}, absent=["share-ps-namespace"], others=2)
for volume in ({"secret": {"secretName": "s"}}, {"configMap": {"name": "m"}}, {"hostPath": {"path": "/srv"}}, {"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
               {"persistentVolumeClaim": {"claimName": "c"}}):
    pod(f"volume {next(iter(volume))}", CLAIM, {"volumes": [{"name": "v", **volume}]}, found=["volume-discover"])
    CASES[-1][2].append(("volume-access", "its Node"))
TOKEN = {"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}
NO_TOKEN = {"automountServiceAccountToken": False}
case("token of the Pod", [made("Pod", spec_of({}))], [("identity-assume", "Pod:default/x"), ("token-steal", "its Node")])
case("token on a node", [made("Pod", spec_of({}, {"nodeName": "n1"}))], [("token-steal", "Node:n1")], [("token-steal", "its Node")])
case("no token", [made("Pod", spec_of({}, NO_TOKEN))], [], [("identity-assume", "Pod:default/x"), ("token-steal", "its Node")])
case("no token by its account", [made("Pod", spec_of({}, {"serviceAccountName": "s"})), {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "s", "namespace": "default"},
                                                                                         "automountServiceAccountToken": False}],
     [], [("identity-assume", "Pod:default/x"), ("token-steal", "its Node")])
case("a projected token", [made("Pod", spec_of(CLAIM, {**NO_TOKEN, "volumes": [{"name": "v", **TOKEN}]}))], [("identity-assume", "Pod:default/x"), ("token-steal", "its Node")])
case("a projected token for somebody else", [made("Pod", spec_of(CLAIM, {**NO_TOKEN, "volumes": [{"name": "v", "projected": {"sources": [{"serviceAccountToken": {"path": "t", "audience": "vault"}}]}}]}))],
     [], [("identity-assume", "Pod:default/x")])
SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "default"}, "spec": {"selector": {"a": "b"}, "ports": [{"port": 80, "targetPort": 8080}]}}
pod("a port", {"ports": [{"containerPort": 80}]}, found=["endpoint-exploit"])
pod("a port of the node", {"ports": [{"containerPort": 80, "hostPort": 80}]}, found=["endpoint-exploit"])
pod("a Service without ports of the container", {}, found=["endpoint-exploit"], more=[SERVICE], meta={"labels": {"a": "b"}})
pod("a Service of a Deployment", {}, found=["endpoint-exploit"], more=[SERVICE], kind="Deployment")
pod("a Service of others", {}, absent=["endpoint-exploit"], more=[SERVICE], meta={"labels": {"a": "c"}})

# ---- RBAC

CRB, RB = "ClusterRoleBinding", "RoleBinding"
SUBJECTS = {"sa": {"kind": "ServiceAccount", "namespace": "default", "name": "u"}, "user": {"kind": "User", "apiGroup": RBAC, "name": "u"},
            "group": {"kind": "Group", "apiGroup": RBAC, "name": "u"}}
AT = {"sa": "ServiceAccount:default/u", "user": "User:u", "group": "Group:u"}


def rule(verbs, resources, groups=("",), names=()):
    r = {"apiGroups": list(groups), "resources": resources.split(","), "verbs": verbs.split(",")}
    return {**r, "resourceNames": list(names)} if names else r


def bound(rules, binding=CRB, role="ClusterRole", who="sa", ns="default", name="b"):
    at = {"namespace": ns} if binding == RB else {}
    return [{"apiVersion": f"{RBAC}/v1", "kind": role, "metadata": {"name": name, **({"namespace": ns} if role == "Role" else {})}, "rules": rules},
            {"apiVersion": f"{RBAC}/v1", "kind": binding, "metadata": {"name": name, **at}, "roleRef": {"apiGroup": RBAC, "kind": role, "name": name}, "subjects": [SUBJECTS[who]]}]


TARGET = [made("Pod", spec_of(security(privileged=True)), {"name": "t"}),
          {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "strong", "namespace": "default"}},
          {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": {"name": "admin", "namespace": "default"}, "rules": [rule("*", "*", "*")]},
          {"apiVersion": f"{RBAC}/v1", "kind": RB, "metadata": {"name": "strong", "namespace": "default"}, "roleRef": {"kind": "Role", "name": "admin"},
           "subjects": [{"kind": "ServiceAccount", "namespace": "default", "name": "strong"}]}]


def right(name, rules, found=(), absent=(), namespaced=True, more=(), **kw):
    """By each way to bind; where a resource is in no namespace a RoleBinding gives nothing."""
    forms = [(CRB, "ClusterRole"), (RB, "ClusterRole"), (RB, "Role")] if "binding" not in kw else [(kw.pop("binding"), kw.pop("role", "ClusterRole"))]
    for binding, role in forms:
        gives = binding == CRB or namespaced
        for who in SUBJECTS:
            case(f"{name}, {binding} to a {role}, {who}", bound(rules, binding, role, who, **kw) + TARGET + list(more),
                 [(a, AT[who]) for a in found] if gives else [], [(a, AT[who]) for a in absent] + ([] if gives else [(a, AT[who]) for a in found]))


right("create pods", [rule("create", "pods")], ["pod-create"])
right("get pods", [rule("get,list,watch", "pods")], absent=["pod-create", "pod-exec", "pod-patch"])
right("create pods of another group", [rule("create", "pods", ("metrics.k8s.io",))], absent=["pod-create"])
right("create pods with a name", [rule("create", "pods", names=["t"])], absent=["pod-create"])
right("every verb of pods", [rule("*", "pods")], ["pod-create", "pod-patch"], absent=["pod-exec", "pod-attach"])
right("every verb of pods and below", [rule("*", "*")], ["pod-create", "pod-patch", "pod-exec", "pod-attach", "token-list", "token-request"])
right("a pattern that is none", [rule("create", "pods/*")], absent=["pod-exec", "pod-attach"])
for kind, group in (("deployments", "apps"), ("daemonsets", "apps"), ("statefulsets", "apps"), ("replicasets", "apps"), ("jobs", "batch"), ("cronjobs", "batch"), ("replicationcontrollers", "")):
    for verb in ("create", "update", "patch"):
        right(f"{verb} {kind}", [rule(verb, kind, (group,))], ["workload-write"])
    right(f"read {kind}", [rule("get,list,watch,delete", kind, (group,))], absent=["workload-write"])
right("scale deployments", [rule("update,patch", "deployments/scale", ("apps",))], absent=["workload-write"])
right("tekton", [rule("create", "taskruns", ("tekton.dev",))], ["workload-write"])
right("argo cd", [rule("patch", "applications", ("argoproj.io",))], ["deployer-write"])
right("flux", [rule("create", "kustomizations", ("kustomize.toolkit.fluxcd.io",))], ["deployer-write"])
right("read argo cd", [rule("get,list", "applications", ("argoproj.io",))], absent=["deployer-write"])
right("external secrets", [rule("create", "externalsecrets", ("external-secrets.io",))], ["external-secret-write"])
for sub, attack in (("exec", "pod-exec"), ("attach", "pod-attach")):
    for verb in ("create", "get"):
        right(f"{verb} pods/{sub}", [rule(verb, f"pods/{sub}")], [attack])
    right(f"pods/{sub} of one Pod", [rule("create", f"pods/{sub}", names=["t"])], [attack])
    right(f"delete pods/{sub}", [rule("delete", f"pods/{sub}")], absent=[attack])
for verb in ("update", "patch"):
    right(f"{verb} pods", [rule(verb, "pods")], ["pod-patch"])
    right(f"{verb} one Pod", [rule(verb, "pods", names=["t"])], ["pod-patch"])
    right(f"{verb} ephemeralcontainers", [rule(verb, "pods/ephemeralcontainers")], ["pod-ephemeral-containers"], absent=["pod-patch"])
right("port-forward", [rule("create", "pods/portforward")], ["pod-portforward"], absent=["pod-exec"])
right("proxy to Pods and Services", [rule("get", "services/proxy")], ["pod-portforward"])
right("list secrets", [rule("list", "secrets")], ["token-list"], absent=["token-bruteforce"])
right("watch secrets", [rule("watch", "secrets")], ["token-list"])
right("get secrets", [rule("get", "secrets")], ["token-bruteforce"], absent=["token-list"])
right("get secrets of any group", [rule("get", "secrets", ("*",))], ["token-bruteforce"])
right("get configmaps", [rule("get,list", "configmaps")], absent=["token-bruteforce", "token-list"])
right("delete secrets", [rule("delete", "secrets")], absent=["token-bruteforce", "token-list", "token-secret-create"])
right("create and get secrets", [rule("create,get", "secrets")], ["token-secret-create"])
right("create secrets", [rule("create", "secrets")], absent=["token-secret-create"])
right("request tokens", [rule("create", "serviceaccounts/token")], ["token-request"])
right("request one account's token", [rule("create", "serviceaccounts/token", names=["strong"])], ["token-request"])
right("create accounts", [rule("create,get", "serviceaccounts")], absent=["token-request"])
right("impersonate accounts", [rule("impersonate", "serviceaccounts")], ["identity-impersonate"])
right("impersonate one account", [rule("impersonate", "serviceaccounts", names=["strong"])], ["identity-impersonate"])
right("impersonate users", [rule("impersonate", "users")], ["identity-impersonate"], namespaced=False)
right("impersonate users and groups", [rule("impersonate", "users,groups")], ["identity-impersonate"], namespaced=False)
right("impersonate groups only", [rule("impersonate", "groups")], absent=["identity-impersonate"])
right("impersonate uids and extras only", [rule("impersonate", "uids,userextras/scopes", ("authentication.k8s.io",))], absent=["identity-impersonate"])
right("get users", [rule("get", "users,serviceaccounts")], absent=["identity-impersonate"])
BIND_ALL = rule("bind", "clusterroles", (RBAC,))
for verb in ("create", "*"):
    right(f"{verb} clusterrolebindings, bind", [rule(verb, "clusterrolebindings", (RBAC,)), BIND_ALL], ["role-bind"], namespaced=False)
    right(f"{verb} rolebindings, bind clusterroles", [rule(verb, "rolebindings", (RBAC,)), BIND_ALL], ["role-bind"])
    right(f"{verb} rolebindings, bind roles", [rule(verb, "rolebindings", (RBAC,)), rule("bind", "roles", (RBAC,))], ["role-bind"])
right("bind one role", [rule("create", "rolebindings", (RBAC,)), rule("bind", "roles", (RBAC,), ["admin"])], ["role-bind"])
right("bind a role that is not there", [rule("create", "rolebindings", (RBAC,)), rule("bind", "roles", (RBAC,), ["nowhere"])], absent=["role-bind"])
right("change rolebindings, bind", [rule("update,patch", "rolebindings", (RBAC,)), rule("bind", "roles", (RBAC,))], ["role-bind"])
right("create rolebindings without bind", [rule("create,update,patch", "rolebindings", (RBAC,))], absent=["role-bind"])
right("bind without bindings", [rule("bind", "roles,clusterroles", (RBAC,))], absent=["role-bind"])
right("bind a ClusterRole by a binding of another kind", [rule("create", "clusterrolebindings", (RBAC,)), rule("bind", "roles", (RBAC,))], absent=["role-bind"])
right("escalate its own role", [rule("update,escalate", "clusterroles", (RBAC,))], ["role-escalate"], binding=CRB)
right("escalate its own Role", [rule("patch,escalate", "roles", (RBAC,))], ["role-escalate"], binding=RB, role="Role")
right("change roles without escalate", [rule("update,patch", "roles,clusterroles", (RBAC,))], absent=["role-escalate"])
right("escalate without changing roles", [rule("escalate", "roles,clusterroles", (RBAC,))], absent=["role-escalate"])
case("bind in one namespace, bindings in another",
     bound([rule("create", "rolebindings", (RBAC,))], RB, "Role", ns="shop", name="w") + bound([rule("bind", "roles,clusterroles", (RBAC,))], RB, "Role", ns="default", name="b") + TARGET,
     [], [("role-bind", AT["sa"])])
case("bind everywhere, bindings in one", bound([rule("create", "rolebindings", (RBAC,))], RB, "Role", name="w") + bound([rule("bind", "roles", (RBAC,))], CRB, name="b") + TARGET,
     [("role-bind", AT["sa"])])
right("nodes/proxy", [rule("get", "nodes/proxy")], ["nodes-proxy"], namespaced=False)
right("create nodes/proxy", [rule("create", "nodes/proxy")], ["nodes-proxy"], namespaced=False)
right("nodes", [rule("get,list", "nodes,nodes/metrics,nodes/stats")], absent=["nodes-proxy", "node-write"])
CSR = "certificates.k8s.io"
right("approve a request", [rule("create", "certificatesigningrequests", (CSR,)), rule("update", "certificatesigningrequests/approval", (CSR,)), rule("approve", "signers", (CSR,))],
      ["csr-approve"], namespaced=False)
right("approve for one signer", [rule("create", "certificatesigningrequests", (CSR,)), rule("update", "certificatesigningrequests/approval", (CSR,)),
                                 rule("approve", "signers", (CSR,), ["kubernetes.io/kube-apiserver-client"])], ["csr-approve"], namespaced=False)
right("approve for a harmless signer", [rule("create", "certificatesigningrequests", (CSR,)), rule("update", "certificatesigningrequests/approval", (CSR,)),
                                        rule("approve", "signers", (CSR,), ["example.com/web"])], absent=["csr-approve"])
right("approval without the signer", [rule("create", "certificatesigningrequests", (CSR,)), rule("update", "certificatesigningrequests/approval", (CSR,))], absent=["csr-approve"])
NODES = bound([rule("list", "pods")], name="nodes")[:1] + [{"apiVersion": f"{RBAC}/v1", "kind": CRB, "metadata": {"name": "nodes"}, "roleRef": {"kind": "ClusterRole", "name": "nodes"},
                                                           "subjects": [{"kind": "Group", "name": "system:nodes"}]}]
right("a node's certificate", [rule("create", "certificatesigningrequests,certificatesigningrequests/nodeclient", (CSR,))], ["csr-node-client"], namespaced=False, more=NODES)
right("a request only", [rule("create", "certificatesigningrequests", (CSR,))], absent=["csr-node-client"], more=NODES)
ADMISSION = "admissionregistration.k8s.io"
for verb in ("create", "update", "patch"):
    right(f"{verb} mutating webhooks", [rule(verb, "mutatingwebhookconfigurations", (ADMISSION,))], ["webhook-write"], namespaced=False)
    right(f"{verb} mutating policies", [rule(verb, "mutatingadmissionpolicies", (ADMISSION,))], ["mutating-policy-write"], namespaced=False)
right("read webhooks", [rule("get,list", "mutatingwebhookconfigurations,validatingwebhookconfigurations", (ADMISSION,))], absent=["webhook-write", "validating-webhook-write"])
for verb in ("patch", "delete", "deletecollection"):
    for resource in ("validatingwebhookconfigurations", "validatingadmissionpolicies", "validatingadmissionpolicybindings"):
        right(f"{verb} {resource}", [rule(verb, resource, (ADMISSION,))], ["validating-webhook-write"], namespaced=False)
right("persistent volumes", [rule("create", "persistentvolumes,persistentvolumeclaims,pods")], ["pv-create"], binding=CRB)
right("claims", [rule("create", "persistentvolumeclaims,pods")], absent=["pv-create"])
right("label namespaces", [rule("patch", "namespaces")], ["namespace-write"])
right("create namespaces", [rule("create,get,delete", "namespaces")], absent=["namespace-write"])
for resource in ("nodes", "nodes/status"):
    right(f"write {resource}", [rule("patch", resource)], ["node-write"], namespaced=False)
for verb in ("delete", "deletecollection"):
    right(f"{verb} pods", [rule(verb, "pods")], ["pod-evict"], absent=["pod-create", "pod-patch"])
right("evict", [rule("create", "pods/eviction")], ["pod-evict"], absent=["pod-create"])
right("steal Pods", [rule("delete", "pods"), rule("patch", "nodes")], ["steal-pods"], binding=CRB)
right("Pods' status", [rule("patch", "pods/status")], ["pod-status-write"], absent=["pod-patch"])
right("Services' status", [rule("patch", "services/status")], ["service-status-write"])
right("endpoints", [rule("patch", "endpoints")], ["endpoint-write"])
right("endpointslices", [rule("create", "endpointslices", ("discovery.k8s.io",))], ["endpoint-write"])
right("read endpoints", [rule("get,list,watch", "endpoints")], absent=["endpoint-write"])
right("ingresses", [rule("create", "ingresses", ("networking.k8s.io",))], ["ingress-write"])
right("gateways", [rule("update", "gateways", ("gateway.networking.k8s.io",))], ["ingress-write"])
right("network policies", [rule("delete", "networkpolicies", ("networking.k8s.io",))], ["network-policy-write"])
right("API services", [rule("create", "apiservices", ("apiregistration.k8s.io",))], ["apiservice-write"], namespaced=False)
right("definitions", [rule("patch", "customresourcedefinitions", ("apiextensions.k8s.io",))], ["crd-write"], namespaced=False)
right("snapshots", [rule("create", "volumesnapshotcontents", ("snapshot.storage.k8s.io",))], ["volume-snapshot-write"], namespaced=False)
right("own snapshots", [rule("create", "volumesnapshots", ("snapshot.storage.k8s.io",))], absent=["volume-snapshot-write"])
right("use a policy", [rule("use", "podsecuritypolicies", ("policy",))], ["pod-security-use"])
right("configuration of components", [rule("patch", "configmaps")], ["component-config-write"], binding=RB, ns="kube-system")
right("coredns", [rule("patch", "configmaps", names=["coredns"])], ["component-config-write"], binding=RB, ns="kube-system")
right("a ConfigMap of kube-system", [rule("patch", "configmaps", names=["mine"])], absent=["component-config-write", "aws-auth-write"], binding=RB, ns="kube-system")
right("configmaps elsewhere", [rule("patch", "configmaps")], absent=["component-config-write", "aws-auth-write"], binding=RB)
AWS = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "aws-auth", "namespace": "kube-system"}, "data": {}}]
right("aws-auth", [rule("patch", "configmaps", names=["aws-auth"])], ["aws-auth-write"], binding=RB, ns="kube-system", more=AWS)
MAP = {"mapRoles": "- rolearn: arn:aws:iam::1:role/nodes\n  username: system:node:{{EC2PrivateDNSName}}\n  groups: [system:bootstrappers, system:nodes]\n"
                   "- rolearn: arn:aws:iam::1:role/ops\n  username: ops\n  groups:\n  - system:masters\n", "mapUsers": "- userarn: arn:aws:iam::1:user/jane\n  groups: [admins]\n"}
ROLE = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "s", "namespace": "default", "annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/ops"}}}
case("mapped by aws-auth", [dict(AWS[0], data=MAP), ROLE], [("aws-auth-map", "User:ops"), ("masters", "Group:system:masters"), ("cloud-identity", "ServiceAccount:default/s")],
     [("aws-auth-map", "User:system:node:{{EC2PrivateDNSName}}")])
case("mapped to an administrator", [dict(AWS[0], data=MAP), {"apiVersion": f"{RBAC}/v1", "kind": CRB, "metadata": {"name": "a"}, "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
                                                            "subjects": [{"kind": "Group", "name": "admins"}]}], [("aws-auth-map", "User:arn:aws:iam::1:user/jane")])
case("mapped elsewhere, or not YAML", [dict(AWS[0], data={"mapRoles": "{ nonsense", "mapUsers": "3"}),
                                       {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "aws-auth", "namespace": "shop"}, "data": MAP}], [], [("aws-auth-map", "User:ops")])
right("no aws-auth", [rule("patch", "configmaps", names=["aws-auth"])], absent=["aws-auth-write"], binding=RB, ns="kube-system")
right("leases of kube-system", [rule("update", "leases", ("coordination.k8s.io",))], ["lease-write"], binding=RB, ns="kube-system")
right("leases elsewhere", [rule("update", "leases", ("coordination.k8s.io",))], absent=["lease-write"], binding=RB)
right("review tokens", [rule("create", "tokenreviews,subjectaccessreviews", ("authentication.k8s.io", "authorization.k8s.io"))],
      absent=["token-request", "identity-impersonate", "token-list"])
def shipped(name, rules, subjects, role=None):
    """As the API server makes them, or as somebody makes them look."""
    meta = {"name": name, "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}
    return [{"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": dict(meta, name=role or name), "rules": rules},
            {"apiVersion": f"{RBAC}/v1", "kind": CRB, "metadata": meta, "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role or name},
             "subjects": [{"kind": "ServiceAccount", "namespace": ns, "name": n} for ns, n in subjects]}]


JOBS = "system:controller:job-controller"
case("a component of Kubernetes", shipped(JOBS, [rule("create", "pods")], [("kube-system", "job-controller")]), [], [("pod-create", "ServiceAccount:kube-system/job-controller")])
case("a component that a Pod runs as", shipped(JOBS, [rule("create", "pods")], [("kube-system", "job-controller")]) +
     [made("Pod", spec_of({}, {"serviceAccountName": "job-controller"}), ns="kube-system")], [("pod-create", "ServiceAccount:kube-system/job-controller")])
case("somebody beside a component", shipped(JOBS, [rule("create", "pods")], [("kube-system", "job-controller"), ("kube-system", "controller"), ("default", "job-controller")]),
     [("pod-create", "ServiceAccount:kube-system/controller"), ("pod-create", "ServiceAccount:default/job-controller")], [("pod-create", "ServiceAccount:kube-system/job-controller")])
case("a component with more", shipped(JOBS, [rule("create", "pods")], [("kube-system", "job-controller")]) + shipped("mine", [rule("get", "configmaps")], [("kube-system", "job-controller")]),
     [("pod-create", "ServiceAccount:kube-system/job-controller")])
case("what looks like a component", shipped("system:controller:backdoor", [rule("*", "*", "*")], [("kube-system", "backdoor")]), [("admin", "ServiceAccount:kube-system/backdoor")])
case("another role of that name", shipped(JOBS, [rule("*", "*", "*")], [("kube-system", "job-controller")], role="cluster-admin"), [("admin", "ServiceAccount:kube-system/job-controller")])
right("everything", [rule("*", "*", "*")], ["admin"])
right("read everything", [rule("get,list,watch", "*", "*")], ["token-list", "token-bruteforce", "pod-exec"], absent=["admin", "pod-create", "role-bind"])
right("the verb in capitals", [rule("CREATE,LIST", "pods,secrets")], absent=["pod-create", "token-list"])


# ---- the comparison

def report(casemate, path):
    done = subprocess.run([casemate, "rbac", "paths", "-f", "json", str(path)], capture_output=True, text=True, timeout=60)
    if done.returncode > 1:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def faults_of_ways(paths):
    for p in paths:
        where = f"from {p['from']} to {p['to']}"
        if not p["cut"] and any(s["cuts"] for s in p["steps"]):
            yield f"{where}: no cut"
        singles = {c["remove"] for s in p["steps"] for c in s["cuts"] if c["ends"]}
        if singles and (len(p["cut"]) != 1 or p["cut"][0] not in singles):
            yield f"{where}: {sorted(singles)} each end it, but the cut is {p['cut']}"
        for s in p["steps"]:
            if s["attack"] in FREE:
                continue
            if not s.get("recommendation") or not s.get("fix"):
                yield f"{where}: {s['attack']} has no recommendation"
            if not s["evidence"] and s["attack"] not in BY_ITSELF:
                yield f"{where}: {s['attack']} has no evidence"
            for x in s["evidence"]:
                if "file" not in x or ("line" not in x and x["file"] != "Kubernetes"):
                    yield f"{where}: the evidence of {s['attack']} has no place"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("casemate")
    parser.add_argument("-v", action="store_true")
    o = parser.parse_args()
    failed, n, known = [], 0, set()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "set.json"
        for name, objects, found, absent in CASES:
            path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}, indent=1))
            r = report(o.casemate, path)
            seen = {(a["attack"], a["from"]) for a in r["attacks"] if not a.get("part")} | {(s["attack"], s["from"]) for p in r["paths"] for s in p["steps"]}
            n += len(found) + len(absent)
            known |= {a for a, _ in found}
            failed += [f"{name}: {a} is not found from {who}" for a, who in found if (a, who) not in seen]
            failed += [f"{name}: {a} is found from {who}" for a, who in absent if (a, who) in seen]
            failed += [f"{name}: {fault}" for fault in faults_of_ways(r["paths"])]
            if CASES[CERTAIN[0]][0] == name and not any(p["certain"] and p["to"] == "node" for p in r["paths"]):
                failed.append(f"{name}: is not certain")
            if o.v:
                print(name, sorted(a for a, who in seen))
    for line in failed:
        print("FAIL", line)
    print(f"attacks: {len(CASES)} sets, {len(known)} attacks, {n} that must be found or must not: {len(failed)} faults")
    return int(bool(failed) or not CASES)


if __name__ == "__main__":
    sys.exit(main())
