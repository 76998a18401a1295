#include <unistd.h>

#include "base/jail.h"
#include "base/limits.h"
#include "base/out.h"
#include "cel/cel.h"
#include "cmd/args.h"
#include "cmd/builtin.h"
#include "cmd/command.h"
#include "cmd/guide_print.h"
#include "cmd/policies.h"
#include "cmd/terminal.h"
#include "doc/json.h"
#include "scan/rules.h"

enum { MOST_IDS = 256 };

static err_code set_option(void *ctx, enum args_id id, const char *value, struct err *e)
{
    (void)id, (void)e;
    *(str *)ctx = str_of(value);
    return ERR_OK;
}

static err_code read_guide(struct arena *a, struct guide *ret, struct err *e)
{
    const struct node *root = NULL;
    str json = {(const char *)builtin_guide[0].json, builtin_guide[0].n_json};
    TRY(json_parse(json, 0, (uint32_t)json.n, a, &root, NULL, e));
    return guide_read(root, a, ret, e);
}

static str example_of(const struct guide_entry *x)
{
    for (unsigned i = 1; x->example.n && i < builtin_guide_n; i++) {
        str name = str_of(builtin_guide[i].name);
        if (str_ends(name, x->example) && name.n > x->example.n && name.p[name.n - x->example.n - 1] == '/')
            return (str){(const char *)builtin_guide[i].yaml, builtin_guide[i].n};
    }
    return S("");
}

// "pod-6" for POD-06: what was perhaps meant.
static err_code no_such(const struct guide *g, const char *typed, struct err *e)
{
    OWN_BUF struct buf ids = buf_new(1 << 14);
    OWN_BUF struct buf upper = buf_new(256);
    unsigned n = 0;
    for (uint32_t i = 0; i < g->n; i++)
        buf_printf(&ids, "%s%.*s", i ? " " : "", STR_FMT(g->entries[i].id));
    for (const char *c = typed; *c; c++)
        buf_putc(&upper, *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c);
    buf_putc(&ids, '\0');
    buf_putc(&upper, '\0');
    const char *near = ids.failed || upper.failed ? NULL : args_nearest(ids.p, str_of(upper.p), &n);
    if (near)
        return err_set(e, ERR_USAGE, "there is no recommendation '%s': did you mean '%.*s'?", typed, (int)n, near);
    return err_set(e, ERR_USAGE, "there is no recommendation '%s'; `casemate guide` lists them", typed);
}

static void put_entries(struct buf *b, const struct guide_matrix *m, str format,
                        const struct guide_entry *const *found, uint32_t n)
{
    if (str_eq(format, S("json"))) {
        guide_print_json(b, m, found, n);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        buf_put(b, i ? S("\n") : S(""));
        if (str_eq(format, S("markdown")))
            guide_print_entry_markdown(b, m, found[i], example_of(found[i]));
        else
            guide_print_entry_text(b, m, found[i], example_of(found[i]));
    }
}

static void put_matrix(struct buf *b, const struct guide_matrix *m, str format)
{
    if (str_eq(format, S("json")))
        guide_print_json(b, m, NULL, 0);
    else if (str_eq(format, S("markdown")))
        guide_print_matrix_markdown(b, m);
    else
        guide_print_matrix_text(b, m);
}

static err_code print(const struct guide *g, const struct args *a, str format, struct arena *memory, struct buf *b,
                      struct err *e)
{
    static const struct policy_options everything = {.kubernetes_minor = CEL_NEWEST_MINOR, .ignore_bindings = true};
    const struct guide_entry *found[MOST_IDS];
    struct policy_set *set = NULL;
    if (a->n > MOST_IDS)
        return err_set(e, ERR_USAGE, "more than %d recommendations", MOST_IDS);
    for (unsigned i = 0; i < a->n; i++) {
        found[i] = guide_find(g, str_of(a->rest[i]));
        if (!found[i])
            return no_such(g, a->rest[i], e);
    }
    TRY(policies_load(&everything, true, NULL, 0, &set, e));
    struct guide_matrix m = {.guide = g, .width = terminal_style(STDOUT_FILENO, "never").width};
    struct rules rules = {0};
    err_code rc = rules_join(set, memory, &rules, e);
    m.rules = rules.all;
    m.n_rules = rules.n;
    if (rc == ERR_OK && a->n)
        put_entries(b, &m, format, found, a->n);
    else if (rc == ERR_OK)
        put_matrix(b, &m, format);
    policy_set_free(set);
    return rc;
}

static err_code run(const struct args *a, str format, struct err *e)
{
    OWN_ARENA struct arena memory = {0};
    struct guide g = {0};
    struct out out;
    bool confined = false;
    TRY(jail_enter(&(struct jail){0}, &confined, e));
    TRY(arena_init(&memory, "guide", LIMIT_DOC_ARENA, e));
    TRY(read_guide(&memory, &g, e));
    out_open_fd(&out, STDOUT_FILENO, "standard output");
    err_code rc = print(&g, a, format, &memory, &out.b, e);
    if (rc == ERR_OK)
        return out_close(&out, e);
    out_abandon(&out);
    return rc;
}

int guide_command(int argc, char **argv)
{
    str format = S("text");
    struct args a;
    struct err e = {0};
    err_code rc = args_parse(ARGS_guide, argc, argv, set_option, &format, &a, &e);
    if (rc == ERR_OK && a.help)
        return 0;
    if (rc == ERR_OK)
        rc = run(&a, format, &e);
    return rc == ERR_OK ? 0 : args_fail(rc, &e);
}
