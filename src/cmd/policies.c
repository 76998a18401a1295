#include "cmd/policies.h"

#include <stdio.h>

#include "base/limits.h"
#include "cel/cel.h"
#include "cmd/builtin.h"
#include "source/files.h"

static void print_diags(const struct diags *d, str name, str text)
{
    OWN_BUF struct buf out = buf_new((size_t)1 << 24);
    for (const struct diag *g = d->first; g; g = g->next)
        diag_print(&out, name, text, g);
    (void)fwrite(out.p, 1, out.n, stderr);
}

static err_code load_builtin(struct policy_set *set, struct err *e)
{
    const struct builtin *tables[] = {builtin_policies, builtin_checks};
    const unsigned n[] = {builtin_policies_n, builtin_checks_n};
    for (unsigned t = 0; t < 2; t++)
        for (unsigned i = 0; i < n[t]; i++) {
            const struct builtin *b = &tables[t][i];
            TRY(policy_set_load_later(set, str_of(b->name), (str){(const char *)b->json, b->n_json}, e));
        }
    return ERR_OK;
}

static err_code load_file(struct policy_set *set, const struct files_entry *f, struct arena *a,
                          struct err *e)
{
    str bytes = {0};
    TRY(files_read(f, a, &bytes, e));
    struct diags d = {.arena = a};
    err_code rc = policy_set_load(set, f->name, bytes, &d, e);
    print_diags(&d, f->name, bytes);
    return rc;
}

// "F/pass/..." beside "F/policy.yaml" or "F/check.yaml", where a directory is walked: what policies are tested with, not policies.
static bool is_fixture(const struct files_list *l, uint32_t at)
{
    static const char *const kinds[] = {"/pass/", "/fail/", "/params/"};
    str name = l->entries[at].name;
    for (unsigned i = 0; i < 3; i++)
        for (size_t from = 0, n; (n = str_find(str_skip(name, from), str_of(kinds[i]))) != (size_t)-1; from += n + 1) {
            str folder = str_head(name, from + n + 1);
            for (uint32_t k = at; k < l->n && str_starts(l->entries[k].name, folder); k++) // names are in order
                if (str_eq(str_skip(l->entries[k].name, folder.n), S("policy.yaml")) ||
                    str_eq(str_skip(l->entries[k].name, folder.n), S("check.yaml")))
                    return true;
        }
    return false;
}

static err_code load_paths(struct policy_set *set, const char *const *paths, uint32_t n,
                           struct arena *a, struct err *e)
{
    struct files_list list = {0};
    err_code worst = ERR_OK;
    TRY(files_walk(paths, n, a, &list, e));
    if (list.n_problems)
        return err_set(e, ERR_NOTFOUND, "%.*s: %.*s", STR_FMT(list.problems[0].path),
                       STR_FMT(list.problems[0].message));
    for (uint32_t i = 0; i < list.n; i++) { // every file's errors are shown, not the first one's
        if (!list.entries[i].named && is_fixture(&list, i))
            continue;
        err_code rc = load_file(set, &list.entries[i], a, e);
        worst = rc != ERR_OK ? rc : worst;
    }
    return worst;
}

static err_code build(struct policy_set *set, bool builtin, const char *const *paths,
                      uint32_t n_paths, struct err *e)
{
    OWN_ARENA struct arena a = {0};
    TRY(arena_init(&a, "policy files", (size_t)4 << 30, e));
    if (builtin)
        TRY(load_builtin(set, e));
    if (n_paths)
        TRY(load_paths(set, paths, n_paths, &a, e));
    struct diags d = {.arena = &a};
    err_code rc = policy_set_seal(set, &d, e);
    print_diags(&d, S("policies"), S(""));
    return rc;
}

err_code policies_load(const struct policy_options *o, bool builtin, const char *const *paths,
                       uint32_t n_paths, struct policy_set **ret, struct err *e)
{
    struct policy_set *set = NULL;
    TRY(policy_set_new(o, &set, e));
    err_code rc = build(set, builtin, paths, n_paths, e);
    if (rc != ERR_OK)
        policy_set_free(set);
    else
        *ret = set;
    return rc;
}

static err_code build_texts(struct policy_set *set, const struct policies_text *texts, uint32_t n, struct err *e)
{
    OWN_ARENA struct arena a = {0};
    TRY(arena_init(&a, "policy file", (size_t)1 << 30, e));
    for (uint32_t i = 0; i < n; i++) {
        struct diags d = {.arena = &a};
        err_code rc = policy_set_load(set, texts[i].name, texts[i].text, &d, e);
        print_diags(&d, texts[i].name, texts[i].text);
        if (rc != ERR_OK)
            return rc;
    }
    return policy_set_seal(set, NULL, e);
}

err_code policies_load_texts(const struct policy_options *o, const struct policies_text *texts, uint32_t n,
                             struct policy_set **ret, struct err *e)
{
    struct policy_set *set = NULL;
    TRY(policy_set_new(o, &set, e));
    err_code rc = build_texts(set, texts, n, e);
    if (rc != ERR_OK)
        policy_set_free(set);
    else
        *ret = set;
    return rc;
}

bool policies_parse_version(const char *text, unsigned *ret_minor)
{
    str s = str_of(text);
    if (str_starts(s, S("v")))
        s = str_skip(s, 1);
    if (!str_starts(s, S("1.")))
        return false;
    s = str_skip(s, 2);
    str digits = str_cut(&s, '.');
    unsigned minor = 0;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9' || minor > 999)
            return false;
        minor = minor * 10 + (unsigned)(digits.p[i] - '0');
    }
    if (digits.n == 0 || minor > CEL_NEWEST_MINOR)
        return false;
    *ret_minor = minor;
    return true;
}

err_code policies_version_option(const char *value, unsigned *ret_minor, struct err *e)
{
    if (policies_parse_version(value, ret_minor))
        return ERR_OK;
    return err_set(e, ERR_USAGE, "--kubernetes-version takes 1.0 to 1.%d, not '%s'", CEL_NEWEST_MINOR, value);
}
