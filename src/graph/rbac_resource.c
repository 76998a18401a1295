#include "graph/rbac_resource.h"

#include <strings.h>

#define TEXT(lit) {"" lit, sizeof(lit) - 1}
struct row {
    str kind, group, plural;
    bool cluster;
};
#define NAMESPACED false
#define CLUSTER true
static const struct row table[] = {
#define KIND(kind, group, plural, scope) {TEXT(kind), TEXT(group), TEXT(plural), scope},
#include "kube/resources.def"
#undef KIND
};
enum { ROWS = sizeof table / sizeof *table };

// kubectl api-resources, SHORTNAMES; of kinds that Kubernetes ships.
static const char *const shorts[][2] = {
    {"cs", "componentstatuses"},   {"cm", "configmaps"},          {"ep", "endpoints"},
    {"ev", "events"},              {"limits", "limitranges"},     {"ns", "namespaces"},
    {"no", "nodes"},               {"pvc", "persistentvolumeclaims"}, {"pv", "persistentvolumes"},
    {"po", "pods"},                {"rc", "replicationcontrollers"}, {"quota", "resourcequotas"},
    {"sa", "serviceaccounts"},     {"svc", "services"},           {"crd", "customresourcedefinitions"},
    {"crds", "customresourcedefinitions"}, {"ds", "daemonsets"},  {"deploy", "deployments"},
    {"rs", "replicasets"},         {"sts", "statefulsets"},       {"hpa", "horizontalpodautoscalers"},
    {"cj", "cronjobs"},            {"csr", "certificatesigningrequests"}, {"ing", "ingresses"},
    {"netpol", "networkpolicies"}, {"pdb", "poddisruptionbudgets"}, {"psp", "podsecuritypolicies"},
    {"pc", "priorityclasses"},     {"sc", "storageclasses"},      {"vac", "volumeattributesclasses"},
    {"ip", "ipaddresses"},
};

static bool same(str a, str b)
{
    return a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

// The row of a plural, a kind or a singular; the core group's first, one that is still served before extensions.
static const struct row *row_of(str name, str group)
{
    const struct row *found = NULL;
    for (unsigned i = 0; i < ROWS; i++) {
        if (!str_eq(name, table[i].plural) && !same(name, table[i].kind))
            continue;
        if (group.p && !str_eq(group, table[i].group))
            continue;
        if (!found || table[i].group.n == 0 || str_eq(found->group, S("extensions")))
            found = &table[i];
    }
    return found;
}

static bool is_version(str s)
{
    return s.n >= 2 && s.p[0] == 'v' && s.p[1] >= '0' && s.p[1] <= '9';
}

void rbac_resource_parse(str text, struct rbac_question *ret, bool *ret_cluster)
{
    *ret_cluster = false;
    ret->group = ret->resource = ret->subresource = S("");
    ret->path = (str){NULL, 0};
    if (str_starts(text, S("/"))) {
        ret->path = text;
        return;
    }
    str rest = text, sub = {NULL, 0}, group = {NULL, 0};
    rest = str_cut(&text, '/');
    sub = text; // "pods/exec.": kubectl takes the group before the slash or after it
    text = rest;
    str name = str_cut(&text, '.');
    group = text;
    if (!group.p && sub.p && str_find(sub, S(".")) != (size_t)-1) {
        str tail = sub;
        sub = str_cut(&tail, '.');
        group = tail;
    }
    if (group.p && is_version(group)) { // deployments.v1.apps; pods.v1. is the core group's
        str tail = group;
        str version = str_cut(&tail, '.');
        group = tail.p ? tail : (str){version.p + version.n, 0};
    }
    for (unsigned i = 0; i < sizeof shorts / sizeof *shorts; i++)
        if (str_eq(name, str_of(shorts[i][0])))
            name = str_of(shorts[i][1]);
    const struct row *row = row_of(name, group);
    ret->resource = row ? row->plural : name;
    ret->group = row ? row->group : group.p ? group : S("");
    ret->subresource = sub.p ? sub : S("");
    *ret_cluster = row && row->cluster;
}

err_code rbac_resource_subject(str text, struct arena *a, struct rbac_subject *ret, str *ret_user, struct err *e)
{
    static const char account[] = "system:serviceaccount:";
    str rest = text;
    size_t colon = str_find(text, S(":"));
    str kind = colon == (size_t)-1 ? S("") : str_head(text, colon);
    *ret = (struct rbac_subject){.kind = RBAC_USER, .ns = S(""), .name = text};
    *ret_user = text;
    if (same(kind, S("User")) || same(kind, S("Group"))) {
        ret->kind = same(kind, S("User")) ? RBAC_USER : RBAC_GROUP;
        ret->name = *ret_user = str_skip(text, colon + 1);
    } else if (same(kind, S("ServiceAccount")) || same(kind, S("sa"))) {
        rest = str_skip(text, colon + 1);
        str ns = str_cut(&rest, str_find(rest, S("/")) != (size_t)-1 ? '/' : ':');
        if (!rest.p || !ns.n || !rest.n)
            return err_set(e, ERR_USAGE, "'%.*s' is no service account: ServiceAccount:NAMESPACE/NAME is wanted", STR_FMT(text));
        *ret_user = arena_printf(a, "%s%.*s:%.*s", account, STR_FMT(ns), STR_FMT(rest));
        if (!ret_user->p)
            return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", a->name, a->cap);
    }
    if (ret->kind == RBAC_USER && str_starts(*ret_user, S("system:serviceaccount:"))) {
        rest = str_skip(*ret_user, sizeof account - 1);
        ret->kind = RBAC_ACCOUNT;
        ret->ns = str_cut(&rest, ':');
        ret->name = rest.p ? rest : S("");
    }
    if (!ret_user->n)
        return err_set(e, ERR_USAGE, "'%.*s' names nobody", STR_FMT(text));
    return ERR_OK;
}
