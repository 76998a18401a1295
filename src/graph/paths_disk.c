// What of a node's disk gives the node away: a hostPath of a place, of a directory above it, or of something in it.
#include "graph/paths_priv.h"

bool paths_disk_above(str path, const char *place)
{
    str p = str_of(place);
    return str_eq(path, S("/")) || str_eq(path, p) || (str_starts(p, path) && p.p[path.n] == '/');
}

bool paths_disk_below(str path, const char *place)
{
    str p = str_of(place);
    return str_starts(path, p) && (path.n == p.n || path.p[p.n] == '/');
}

static bool touches(str path, const char *const *places, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (paths_disk_above(path, places[i]) || paths_disk_below(path, places[i]))
            return true;
    return false;
}

#define TOUCHES(path, places) touches(path, places, sizeof(places) / sizeof *(places))

// "/var//log/" is /var/log: the path as it is compared.
err_code paths_disk_clean(str path, struct arena *a, str *ret, struct err *e)
{
    char *text;
    size_t n = 0;
    TRY_NEW(text, a, path.n + 1, e);
    for (size_t i = 0; i < path.n; i++) {
        bool slash = path.p[i] == '/';
        if (slash && n && text[n - 1] == '/')
            continue;
        if (path.p[i] == '.' && n && text[n - 1] == '/' && (i + 1 == path.n || path.p[i + 1] == '/'))
            continue;
        text[n++] = path.p[i];
    }
    while (n > 1 && text[n - 1] == '/')
        n--;
    *ret = (str){text, n};
    return ERR_OK;
}

// Somebody's home: the directory of all, or of one, or what is hidden in it (.ssh, .kube). Not what else is kept there.
static bool is_home(str path)
{
    static const char *const homes[] = {"/home", "/root"};
    for (unsigned i = 0; i < sizeof homes / sizeof *homes; i++) {
        if (paths_disk_above(path, homes[i]))
            return true;
        if (!paths_disk_below(path, homes[i]))
            continue;
        str rest = str_skip(path, str_of(homes[i]).n + 1);
        unsigned deep = i; // /home has a directory for each
        for (str part = {0}; rest.p; deep++) {
            part = str_cut(&rest, '/');
            if (str_starts(part, S(".")))
                return true;
        }
        if (deep <= 1)
            return true;
    }
    return false;
}

bool paths_disk_socket(str path)
{
    static const char *const names[] = {"/docker.sock", "/dockershim.sock", "/containerd.sock", "/crio.sock", "/podman.sock", "/cri-dockerd.sock",
                                        "/buildkitd.sock", "/frakti.sock"};
    static const char *const places[] = {"/run/containerd/containerd.sock", "/run/docker.sock", "/run/crio/crio.sock", "/run/cri-dockerd.sock",
                                         "/run/podman/podman.sock", "/run/k3s/containerd/containerd.sock", "/run/k0s/containerd.sock"};
    static const char run[] = "/var/run";
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (str_ends(path, str_of(names[i])))
            return true;
    str here = paths_disk_below(path, run) ? str_skip(path, 4) : path; // /var/run is a link to /run
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++)
        if (paths_disk_above(here, places[i]) || paths_disk_above(path, "/var/run"))
            return true;
    return false;
}

// Reading these gives credentials that lead to root.
bool paths_disk_credentials(str path)
{
    static const char *const places[] = {
        "/etc/shadow",      "/etc/kubernetes",   "/var/lib/kubelet/pki", "/etc/ssh",         "/var/lib/rancher",          "/var/lib/kubelet/kubeconfig",
        "/etc/cni/net.d",   "/etc/rancher",      "/var/lib/cloud",       "/var/lib/minikube", "/var/snap/microk8s/current", "/var/lib/k0s",
        "/etc/origin",      "/var/lib/kubelet/bootstrap-kubeconfig",
    };
    return is_home(path) || TOUCHES(path, places);
}

// Writing these makes the node run something, or lets somebody in.
bool paths_disk_runs(str path)
{
    static const char *const places[] = {
        "/etc",          "/usr",           "/bin",          "/sbin",           "/lib",             "/lib64",          "/boot",
        "/var/spool/cron", "/var/lib/kubelet", "/var/lib/docker", "/var/lib/containerd", "/var/lib/rancher", "/var/lib/k0s", "/opt/cni",
        "/opt/bin",      "/sys/fs/cgroup", "/sys/kernel",   "/run/systemd",    "/run/udev",        "/run/containerd", "/var/run/systemd",
        "/var/run/containerd", "/proc/sys/kernel", "/proc/sys/fs/binfmt_misc",
    };
    static const char *const harmless[] = {"/etc/localtime", "/etc/timezone", "/etc/machine-id", "/etc/os-release", "/etc/hostname", "/usr/share/zoneinfo"};
    for (unsigned i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (paths_disk_below(path, harmless[i]))
            return false;
    return !str_ends(path, S(".sock")) && (is_home(path) || TOUCHES(path, places));
}

// What is mounted into the node's Pods.
bool paths_disk_volumes(str path)
{
    static const char *const places[] = {"/var/lib/kubelet/pods"};
    return TOUCHES(path, places);
}

bool paths_disk_etcd(str path)
{
    static const char *const places[] = {"/var/lib/etcd", "/etc/kubernetes/pki"};
    return TOUCHES(path, places);
}
