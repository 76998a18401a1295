#!/usr/bin/env python3
"""A real Kubernetes API server on 127.0.0.1, for tests. As a program:

    cluster.py run [OPTIONS] COMMAND...   starts one, runs COMMAND with KUBECONFIG set and kubectl first in PATH, stops it
    cluster.py start [OPTIONS]            starts one in the background and prints its KUBECONFIG
    cluster.py stop                       stops that one

    --controllers         kube-controller-manager too: type checking of policies, service accounts
    --service-accounts    keep the ServiceAccount admission plugin
    --emulated-version V  behave as Kubernetes V (1.33 to 1.36)
    --flag FLAG           one more flag of kube-apiserver; may be repeated

As a module:

    with Cluster(controllers=True) as cluster:
        cluster.namespace("shop", {"tier": "front"})
        answer = cluster.admin.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}, "shop", dry_run=True)
        answer.status, answer.body, answer.warnings
        cluster.many(lambda pod: cluster.admin.create(pod, "shop", dry_run=True), pods)   # in order, on a few connections
        cluster.client("developer").get("/api/v1/pods").status                            # 403: may do nothing
        cluster.admin.acting_as("jane", ["staff"]).get("/api/v1/pods")                    # impersonation
        cluster.kubectl("apply", "-f", "policy.yaml").stdout
        cluster.audit()                                                                   # audit.k8s.io/v1 events so far

Everything is in a temporary directory and gone afterwards, and every process ends: when the block is left by any
way, on SIGTERM and Ctrl-C, and if this process is killed. Raises binaries.Unavailable, with the reason, where there is
nothing to start.
"""

import contextlib
import ctypes
import getopt
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import binaries  # noqa: E402
from client import Client  # noqa: E402

READY_SECONDS = 120     # a loaded machine; 3 s on an idle one
STOP_SECONDS = 10
GARBAGE = "400"  # collects a quarter as often as by default: a quarter less CPU, some hundred MB more
PORTS = range(20000, 32000)  # below the ports that the kernel gives to clients
CONTROLLERS = ("validatingadmissionpolicy-status-controller", "serviceaccount-controller", "root-ca-certificate-publisher-controller")
AUDIT_POLICY = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"], "rules": [{"level": "Metadata"}]}
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


class Died(Exception):
    """A process of the control plane ended; the text has the end of its log."""


class Cluster:
    """controllers, service_accounts, emulated: as the options. flags: more of kube-apiserver's. audit_policy: an
    audit.k8s.io/v1 Policy as a dict; None: everything at level Metadata."""

    def __init__(self, controllers=False, service_accounts=False, emulated=None, flags=(), audit_policy=None):
        self.binaries = binaries.folder()
        self.controllers, self.service_accounts = controllers, service_accounts
        self.emulated, self.flags, self.audit_policy = emulated, list(flags), audit_policy or AUDIT_POLICY
        self.processes, self.clients, self.folder = [], {}, None

    # ---- life

    def __enter__(self):
        try:
            for attempt in range(3):  # somebody may take a port between our look and the server's
                try:
                    self.start()
                    return self
                except Died as why:
                    if "address already in use" not in str(why) or attempt == 2:
                        raise
                    self.stop()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="casemate-e2e-"))
        subprocess.run([self.binaries / "pki", self.folder], check=True)
        (self.folder / "audit.json").write_text(json.dumps(self.audit_policy))
        self.port, *etcd = free_ports(3)
        self.url = f"https://127.0.0.1:{self.port}"
        self.kubeconfig = self.write_kubeconfig("admin")
        self.admin = self.client("admin")
        self.spawn("etcd", etcd_flags(self.folder, *etcd))
        server = self.spawn("kube-apiserver", self.server_flags(etcd[0]))
        self.wait(server, lambda: self.admin.get("/readyz").status == 200, "kube-apiserver is not ready")
        if self.controllers:
            self.spawn("kube-controller-manager", self.controller_flags())
        self.wait(server, lambda: self.admin.get("/api/v1/namespaces/default").status == 200, "there is no namespace default")
        if self.service_accounts:
            self.account("default")

    def stop(self):
        """Ends what was started, the last first, and removes the directory. A second Ctrl-C does not stop that half way."""
        with undisturbed():
            self.end()

    def end(self):
        for process, _ in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        for client in self.clients.values():
            client.close()
        self.processes, self.clients = [], {}
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def spawn(self, program, flags):
        log = self.folder / f"{program}.log"
        with open(log, "wb") as out:
            process = subprocess.Popen([self.binaries / program, *flags], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                       start_new_session=True, preexec_fn=die_with_parent, env=dict(os.environ, GOGC=GARBAGE))
        self.processes.append((process, log))
        return process

    def check(self):
        """Raises Died where a process has ended."""
        for process, log in self.processes:
            if process.poll() is not None:
                raise Died(f"{log.stem} ended with status {process.returncode}:\n{tail(log)}")

    def wait(self, process, ready, what, seconds=READY_SECONDS):
        end = time.monotonic() + seconds
        while True:
            self.check()
            with contextlib.suppress(OSError):
                if ready():
                    return
            if time.monotonic() > end:
                raise Died(f"{what} after {seconds} s:\n{tail(next(log for p, log in self.processes if p is process))}")
            time.sleep(0.05)

    # ---- flags

    def server_flags(self, etcd_port):
        at = self.folder
        return [f"--etcd-servers=http://127.0.0.1:{etcd_port}", "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
                f"--secure-port={self.port}", f"--cert-dir={at}", f"--tls-cert-file={at}/server.crt",
                f"--tls-private-key-file={at}/server.key", f"--client-ca-file={at}/ca.crt", "--authorization-mode=RBAC",
                "--service-cluster-ip-range=10.0.0.0/24", "--endpoint-reconciler-type=none",
                "--service-account-issuer=https://kubernetes.default.svc", f"--service-account-key-file={at}/sa.pub",
                f"--service-account-signing-key-file={at}/sa.key",
                "--allow-privileged=true",  # else API validation refuses each privileged Pod before any policy sees it
                f"--audit-policy-file={at}/audit.json", f"--audit-log-path={at}/audit.log",
                *([] if self.service_accounts else ["--disable-admission-plugins=ServiceAccount"]),
                *([f"--emulated-version={self.emulated}"] if self.emulated else []), *self.flags]

    def controller_flags(self):
        at = self.folder
        return [f"--kubeconfig={self.kubeconfig}", "--secure-port=0", "--leader-elect=false", f"--root-ca-file={at}/ca.crt",
                f"--service-account-private-key-file={at}/sa.key", "--controllers=" + ",".join(CONTROLLERS)]

    def write_kubeconfig(self, user):
        at, path = self.folder, self.folder / f"{user}.kubeconfig"
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "e2e",
            "clusters": [{"name": "e2e", "cluster": {"server": self.url, "certificate-authority": f"{at}/ca.crt"}}],
            "users": [{"name": user, "user": {"client-certificate": f"{at}/{user}.crt", "client-key": f"{at}/{user}.key"}}],
            "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": user}}]}))
        return path

    # ---- use

    def client(self, user):
        """The HTTP client of user: "admin", or "developer", who is in group developers and may do nothing."""
        if user not in self.clients:
            self.clients[user] = Client(self.port, *(self.folder / f"{name}" for name in ("ca.crt", f"{user}.crt", f"{user}.key")))
        return self.clients[user]

    def many(self, function, items):
        """[function(item) for item in items] on a few threads; a client has a connection in each."""
        return self.admin.many(function, items)

    def namespace(self, name, labels=None):
        """Creates a namespace, and in it the account that the ServiceAccount plugin wants."""
        self.admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels or {}}}).expect(201, 409)
        if self.service_accounts:
            self.account(name)

    def account(self, namespace):
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
        self.admin.create(account, namespace).expect(201, 409)

    def kubectl(self, *arguments, stdin=None):
        return subprocess.run([self.binaries / "kubectl", f"--kubeconfig={self.kubeconfig}", *arguments], input=stdin,
                              capture_output=True, text=True, check=False, env=dict(os.environ, HOME=str(self.folder)))

    def audit(self):
        """Every audit event that is in the log now."""
        with open(self.folder / "audit.log", encoding="utf-8") as log:
            return [json.loads(line) for line in log if line.endswith("\n")]


def etcd_flags(folder, client_port, peer_port):
    peer = f"http://127.0.0.1:{peer_port}"
    return [f"--data-dir={folder}/etcd", f"--listen-client-urls=http://127.0.0.1:{client_port}",
            f"--advertise-client-urls=http://127.0.0.1:{client_port}", f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=default={peer}", "--unsafe-no-fsync"]


def free_ports(n):
    """n ports of 127.0.0.1 on which nobody listens."""
    found = []
    with contextlib.ExitStack() as held:
        for port in random.sample(PORTS, len(PORTS)):
            s = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                s.bind(("127.0.0.1", port))
                found.append(port)
            if len(found) == n:
                return found
    raise Died("no free port on 127.0.0.1")


@contextlib.contextmanager
def undisturbed():
    """Without SIGINT and SIGTERM. Only the main thread may say so, and only it gets them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {s: signal.signal(s, signal.SIG_IGN) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for s, handler in before.items():
            signal.signal(s, handler)


def die_with_parent():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def tail(log, lines=15):
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


# ---- the program

def state_file():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return pathlib.Path(base) / "casemate" / "e2e-cluster.json"


def holder():
    """(process id, kubeconfig) of the cluster that `start` left in the background, or None."""
    try:
        state = json.loads(state_file().read_text())
        words = pathlib.Path(f"/proc/{state['pid']}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return (state["pid"], state["kubeconfig"]) if b"hold" in words and any(w.endswith(b"cluster.py") for w in words) else None


def hold(options):
    """The background process of `start`: keeps the cluster until SIGTERM."""
    with make(options) as cluster:
        state_file().parent.mkdir(parents=True, exist_ok=True)
        state_file().write_text(json.dumps({"pid": os.getpid(), "kubeconfig": str(cluster.kubeconfig)}))
        print(cluster.kubeconfig, flush=True)
        while True:
            time.sleep(1)
            cluster.check()


def start(arguments):
    if holder():
        sys.exit(f"one runs already, its kubeconfig is {holder()[1]}; cluster.py stop ends it")
    child = subprocess.Popen([sys.executable, __file__, "hold", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             text=True, start_new_session=True)
    line = child.stdout.readline()
    print(line, end="")
    return 0 if line else child.wait()


def stop():
    found = holder()
    if not found:
        sys.exit("none was started")
    os.kill(found[0], signal.SIGTERM)
    end = time.monotonic() + 4 * STOP_SECONDS
    while holder() and time.monotonic() < end:
        time.sleep(0.1)
    if holder():
        sys.exit(f"process {found[0]} does not end")
    state_file().unlink(missing_ok=True)
    return 0


def run(options):
    with make(options) as cluster:
        path = f"{cluster.binaries}{os.pathsep}{os.environ.get('PATH', '')}"
        return subprocess.run(options.command, env=dict(os.environ, KUBECONFIG=str(cluster.kubeconfig), PATH=path), check=False).returncode


def make(options):
    return Cluster(options.controllers, options.service_accounts, options.emulated, options.flags)


class Options:
    controllers, service_accounts, emulated = False, False, None

    def __init__(self, words):
        """Ends at the first word that is no option: the rest is a command with options of its own."""
        given, self.command = getopt.getopt(words, "", ["controllers", "service-accounts", "emulated-version=", "flag="])
        self.flags = [value for name, value in given if name == "--flag"]
        for name, value in given:
            if name == "--emulated-version":
                self.emulated = value
            elif name != "--flag":
                setattr(self, name[2:].replace("-", "_"), True)


def main():
    verb, words = (sys.argv[1:2] or ["--help"])[0], sys.argv[2:]
    if verb in ("-h", "--help", "help"):
        print(__doc__)
        return 0
    if verb not in ("run", "start", "stop", "hold"):
        sys.exit(f"cluster.py: run, start or stop, not {verb!r}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        options = Options(words)
    except getopt.GetoptError as why:
        sys.exit(f"cluster.py: {why}")
    if verb == "run" and not options.command:
        sys.exit("cluster.py: run what?")
    return {"start": lambda: start(words), "stop": stop, "hold": lambda: hold(options), "run": lambda: run(options)}[verb]()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except binaries.Unavailable as why:
        print(f"skipped: {why}", file=sys.stderr)
        sys.exit(77)
    except Died as why:
        sys.exit(str(why))
