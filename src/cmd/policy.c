#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/jail.h"
#include "base/out.h"
#include "cel/cel.h"
#include "cmd/args.h"
#include "cmd/builtin.h"
#include "cmd/command.h"
#include "cmd/policies.h"
#include "cmd/policy_suite.h"
#include "doc/write.h"
#include "scan/rules.h"

struct request {
    const char *verb;
    const char *const *paths;
    unsigned n_paths;
    bool json;
};

// ---- list ----

static void put_recommendations(struct buf *out, const struct rule *r)
{
    for (uint32_t i = 0; i < r->n_recommendations; i++)
        buf_printf(out, "%s%.*s", i ? " " : "", STR_FMT(r->recommendations[i]));
}

static void put_cell(struct buf *out, str text, size_t width)
{
    buf_put(out, text);
    buf_pad(out, ' ', text.n < width ? width - text.n + 2 : 2);
}

// A rule to list: of a policy, or one of the program's own (scan/rules.h).
struct row {
    const struct rule *rule;
    struct policy_facts facts;
};

static err_code rows_of(const struct policy_set *s, bool own, struct arena *a, struct row **ret, uint32_t *ret_n,
                        struct err *e)
{
    struct rules rules;
    uint32_t n = 0;
    (void)policy_set_rules(s, &n);
    TRY(rules_join(s, a, &rules, e));
    TRY_NEW(*ret, a, rules.n, e);
    for (uint32_t i = 0; i < rules.n; i++)
        (*ret)[i] = (struct row){rules.all[i], {.level = S("")}};
    for (uint32_t i = 0; i < n; i++)
        TRY(policy_set_facts(s, i, &(*ret)[rules.of_policy[i]].facts, e));
    *ret_n = rules.n;
    for (int f = 0; f < KUBE_SCHEMA_FAULTS && !own; f++)
        for (uint32_t i = 0; i < *ret_n; i++)
            if ((*ret)[i].rule == &rules_strict[f]) {
                memmove(*ret + i, *ret + i + 1, (*ret_n - i - 1) * sizeof **ret);
                --*ret_n;
            }
    return ERR_OK;
}

static void list_text(struct buf *out, const struct row *rows, uint32_t n)
{
    size_t id = S("POLICY").n, ids = S("GUIDE").n;
    for (uint32_t i = 0; i < n; i++) {
        const struct rule *r = rows[i].rule;
        size_t width = 0;
        for (uint32_t k = 0; k < r->n_recommendations; k++)
            width += r->recommendations[k].n + (k > 0);
        id = r->id.n > id ? r->id.n : id;
        ids = width > ids ? width : ids;
    }
    put_cell(out, S("POLICY"), id);
    put_cell(out, S("SEVERITY"), 8);
    put_cell(out, S("LEVEL"), 10);
    put_cell(out, S("GUIDE"), ids);
    buf_put(out, S("TITLE\n"));
    for (uint32_t i = 0; i < n; i++) {
        const struct rule *r = rows[i].rule;
        put_cell(out, r->id, id);
        put_cell(out, finding_severity_name(r->severity), 8);
        put_cell(out, rows[i].facts.level.n ? rows[i].facts.level : S("-"), 10);
        size_t before = out->n;
        put_recommendations(out, r);
        put_cell(out, S(""), out->n - before < ids ? ids - (out->n - before) : 0);
        buf_put(out, r->title);
        buf_putc(out, '\n');
    }
}

static void list_needing_params(struct buf *out, const struct row *rows, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (rows[i].rule->needs_params) {
            buf_printf(out, "\n%.*s ", STR_FMT(rows[i].rule->id));
            buf_put(out, finding_params_missing());
            buf_putc(out, '\n');
        }
}

static void put_field(struct buf *out, const char *name, str text)
{
    buf_printf(out, ",\"%s\":", name);
    write_json_string(out, text);
}

static void list_json(struct buf *out, const struct row *rows, uint32_t n)
{
    buf_put(out, S("{\"schema\":\"casemate.dev/policies/v1\",\"policies\":["));
    for (uint32_t i = 0; i < n; i++) {
        const struct rule *r = rows[i].rule;
        struct policy_facts f = rows[i].facts;
        buf_put(out, i ? S(",\n{\"policy\":") : S("\n{\"policy\":"));
        write_json_string(out, r->id);
        put_field(out, "severity", finding_severity_name(r->severity));
        put_field(out, "level", f.level);
        put_field(out, "title", r->title);
        put_field(out, "description", r->description);
        put_field(out, "remedy", r->remedy);
        put_field(out, "url", r->url);
        buf_printf(out, ",\"sensitive\":%s,\"needsParameters\":%s", r->sensitive ? "true" : "false",
                   r->needs_params ? "true" : "false");
        buf_printf(out, ",\"since\":\"1.%u\",\"needs\":\"1.%u\",\"recommendations\":[", f.since_minor,
                   f.needs_minor);
        for (uint32_t k = 0; k < r->n_recommendations; k++) {
            buf_put(out, k ? S(",") : S(""));
            write_json_string(out, r->recommendations[k]);
        }
        buf_put(out, S("]}"));
    }
    buf_put(out, S("\n]}\n"));
}

// Every policy that is there, of all levels.
static const struct policy_options everything = {
    .kubernetes_minor = CEL_NEWEST_MINOR, .pss = {"", 0}, .ignore_bindings = true};

static err_code list(const struct request *q, struct buf *out, struct err *e)
{
    OWN_ARENA struct arena a = {0};
    struct policy_set *s = NULL;
    struct row *rows = NULL;
    uint32_t n = 0;
    bool own = q->n_paths == 0;
    TRY(arena_init(&a, "list", (size_t)1 << 30, e));
    TRY(policies_load(&everything, own, q->paths, q->n_paths, &s, e));
    err_code rc = rows_of(s, own, &a, &rows, &n, e);
    if (rc == ERR_OK && q->json)
        list_json(out, rows, n);
    else if (rc == ERR_OK)
        list_text(out, rows, n);
    if (rc == ERR_OK && !q->json)
        list_needing_params(out, rows, n);
    policy_set_free(s);
    return rc;
}

// ---- explain, export, test ----

static const struct rule *own_rule(const char *name)
{
    for (int f = 0; f < KUBE_SCHEMA_FAULTS; f++)
        if (str_eq(rules_strict[f].id, str_of(name)))
            return &rules_strict[f];
    return NULL;
}

static void explain_own(struct buf *out, const struct rule *r)
{
    buf_printf(out, "%s%.*s: no policy, but a check of the program itself (docs/strict.md)\n\n%.*s\nfix: %.*s\n%.*s\n",
               out->n ? "\n" : "", STR_FMT(r->id), STR_FMT(r->description), STR_FMT(r->remedy), STR_FMT(r->url));
}

static err_code explain_files(const char *const *paths, unsigned n_paths, struct buf *out, struct err *e)
{
    struct policy_set *s = NULL;
    uint32_t n = 0;
    TRY(policies_load(&everything, false, paths, n_paths, &s, e));
    const struct rule *const *rules = policy_set_rules(s, &n);
    err_code rc = ERR_OK;
    for (uint32_t i = 0; i < n && rc == ERR_OK; i++) {
        struct policy_facts f = {0};
        rc = policy_set_facts(s, i, &f, e);
        buf_printf(out, "%s%.*s: ", i ? "\n" : "", STR_FMT(rules[i]->id));
        if (f.needs_minor > 30)
            buf_printf(out, "needs Kubernetes 1.%u or newer\n", f.needs_minor);
        else
            buf_put(out, S("any Kubernetes with ValidatingAdmissionPolicy v1 (1.30 or newer) takes it\n"));
        if (rc == ERR_OK)
            rc = policy_set_explain(s, i, out, e);
    }
    policy_set_free(s);
    return rc;
}

static err_code explain(const struct request *q, struct buf *out, struct err *e)
{
    OWN_ARENA struct arena a = {0};
    const char **files;
    unsigned n = 0;
    if (q->n_paths == 0)
        return err_set(e, ERR_USAGE, "policy explain: name files or directories of policies");
    TRY(arena_init(&a, "explain", 1 << 20, e));
    TRY_NEW(files, &a, q->n_paths, e);
    for (unsigned i = 0; i < q->n_paths; i++)
        if (!own_rule(q->paths[i]))
            files[n++] = q->paths[i];
    if (n)
        TRY(explain_files(files, n, out, e));
    for (unsigned i = 0; i < q->n_paths; i++)
        if (own_rule(q->paths[i]))
            explain_own(out, own_rule(q->paths[i]));
    return ERR_OK;
}

static err_code export_all(struct buf *out)
{
    for (unsigned i = 0; i < builtin_policies_n; i++) {
        const struct builtin *b = &builtin_policies[i];
        str text = {(const char *)b->yaml, b->n};
        buf_printf(out, "---\n# %s\n", b->name);
        buf_put(out, text);
        if (!str_ends(text, S("\n")))
            buf_putc(out, '\n');
    }
    return ERR_OK;
}

static err_code test(const struct request *q, struct buf *out, int *ret_status, struct err *e)
{
    OWN_ARENA struct arena a = {0};
    struct policy_suite_totals t = {0};
    if (q->n_paths == 0)
        return err_set(e, ERR_USAGE, "policy test: name folders with a policy.yaml, or folders above them");
    TRY(arena_init(&a, "policies", (size_t)4 << 30, e));
    TRY(policy_suite_run(q->paths, q->n_paths, &a, out, &t, e));
    buf_printf(out, "%u policies, %u files, %u failed\n", t.folders, t.files, t.failed);
    *ret_status = t.failed ? 1 : 0;
    return ERR_OK;
}

// ---- the command ----

static err_code set_option(void *ctx, enum args_id id, const char *value, struct err *e)
{
    (void)id, (void)e;
    struct request *q = ctx;
    q->json = str_eq(str_of(value), S("json"));
    return ERR_OK;
}

static err_code enter_jail(const struct request *q, struct err *e)
{
    OWN_ARENA struct arena a = {0};
    const char **paths;
    bool confined = false;
    TRY(arena_init(&a, "command", 1 << 20, e));
    TRY_NEW(paths, &a, (size_t)q->n_paths + 2, e);
    paths[0] = "/usr/share/zoneinfo"; // CEL's getHours('Europe/Paris')
    for (unsigned i = 0; i < q->n_paths; i++)
        paths[i + 1] = q->paths[i];
    return jail_enter(&(struct jail){.read_paths = paths}, &confined, e);
}

static err_code run(const struct request *q, struct buf *out, int *ret_status, struct err *e)
{
    str verb = str_of(q->verb);
    if (str_eq(verb, S("list")))
        return list(q, out, e);
    if (str_eq(verb, S("explain")))
        return explain(q, out, e);
    if (str_eq(verb, S("export")))
        return export_all(out);
    return test(q, out, ret_status, e);
}

int policy_command(int argc, char **argv)
{
    struct request q = {0};
    struct out out;
    struct args a;
    struct err e = {0};
    int status = 0;
    err_code rc = args_parse(ARGS_policy, argc, argv, set_option, &q, &a, &e);
    if (rc == ERR_OK && a.help)
        return 0;
    if (rc == ERR_OK)
        rc = args_subcommand(ARGS_policy, &a, &e);
    if (rc != ERR_OK)
        return args_fail(rc, &e);
    q.verb = a.rest[0];
    q.paths = (const char *const *)a.rest + 1;
    q.n_paths = a.n - 1;
    out_open_fd(&out, STDOUT_FILENO, "standard output");
    rc = enter_jail(&q, &e);
    if (rc == ERR_OK)
        rc = run(&q, &out.b, &status, &e);
    err_code closed = out_close(&out, rc == ERR_OK ? &e : NULL);
    rc = rc == ERR_OK ? closed : rc;
    return rc == ERR_OK ? status : args_fail(rc, &e);
}
