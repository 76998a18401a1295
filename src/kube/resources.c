#include "kube/resources.h"

#define TEXT(lit) {"" lit, sizeof(lit) - 1}
#define NAMESPACED false
#define CLUSTER true
static const struct resource table[] = {
#define KIND(kind, group, plural, scope) {TEXT(kind), TEXT(group), TEXT(plural), scope},
#include "kube/resources.def"
#undef KIND
};

const struct resource *resources_find(str group, str kind)
{
    size_t low = 0, high = sizeof table / sizeof *table;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = str_cmp(kind, table[mid].kind);
        c = c ? c : str_cmp(group, table[mid].group);
        if (c == 0)
            return &table[mid];
        if (c < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

static bool hisses(str s)
{
    return str_ends(s, S("s")) || str_ends(s, S("x")) || str_ends(s, S("ch")) || str_ends(s, S("sh"));
}

static bool is_vowel(char c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

str resources_guess(str kind, struct arena *a)
{
    char *p = arena_alloc(a, kind.n + sizeof "es", 1, 1);
    if (!p)
        return (str){NULL, 0};
    for (size_t i = 0; i < kind.n; i++)
        p[i] = (char)(kind.p[i] >= 'A' && kind.p[i] <= 'Z' ? kind.p[i] - 'A' + 'a' : kind.p[i]);
    str lower = {p, kind.n}, stem = lower, tail = S("s");
    if (str_ends(lower, S("endpoints"))) { // the one word that Kubernetes leaves as it is
        tail = S("");
    } else if (hisses(lower)) {
        tail = S("es");
    } else if (str_ends(lower, S("y")) && !(lower.n > 1 && is_vowel(lower.p[lower.n - 2]))) {
        stem = str_head(lower, lower.n - 1);
        tail = S("ies");
    }
    for (size_t i = 0; i < tail.n; i++)
        p[stem.n + i] = tail.p[i];
    return (str){p, stem.n + tail.n};
}

// Source: the scheme packages of kube-apiserver, kubelet, kube-proxy, kube-scheduler, kube-controller-manager, kubeadm and
// client-go. Other groups below k8s.io are of custom resources.
bool resources_is_configuration(str group)
{
    static const char *const groups[] = {
        "",           "abac.authorization.kubernetes.io", "audit.k8s.io", "client.authentication.k8s.io",
        "componentconfig", "imagepolicy.k8s.io",          "kubeadm.k8s.io",
    };
    for (unsigned i = 0; i < sizeof groups / sizeof *groups; i++)
        if (str_eq(group, str_of(groups[i])))
            return true;
    return str_ends(group, S(".config.k8s.io")) || str_ends(group, S(".admission.k8s.io"));
}
