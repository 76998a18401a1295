#include <stdio.h>
#include <unistd.h>

#include "base/jail.h"
#include "base/limits.h"
#include "base/out.h"
#include "cel/cel.h"
#include "cmd/args.h"
#include "cmd/cel_lines.h"
#include "cmd/command.h"
#include "cmd/policies.h"
#include "doc/doc.h"
#include "source/files.h"

struct options {
    const char *file, *expr;
    unsigned minor;
    bool lines;
};

static err_code set_option(void *ctx, enum args_id id, const char *value, struct err *e)
{
    struct options *o = ctx;
    if (id == ARG_cel_VERSION)
        return policies_version_option(value, &o->minor, e);
    if (id == ARG_cel_LINES)
        o->lines = true;
    else
        o->file = value;
    return ERR_OK;
}

static err_code read_object(const char *file, struct arena *a, const struct node **ret, struct err *e)
{
    struct doc_text text = {0};
    struct doc_chunk chunk = {0};
    const struct files_entry entry = {str_of(file), true};
    struct diags d = {.arena = a};
    const struct node *root = NULL, *const *objects = NULL;
    size_t n = 0;
    str bytes = {0};
    TRY(files_read(&entry, a, &bytes, e));
    err_code rc = doc_text_read(entry.name, bytes, a, &text, &d, e);
    struct doc_splitter s = {.text = &text, .diags = &d};
    if (rc == ERR_OK && !doc_next(&s, &chunk))
        return err_set(e, ERR_NOTFOUND, "'%s' holds no object", file);
    if (rc == ERR_OK)
        rc = doc_parse(&text, chunk, a, &root, &d, e);
    if (rc == ERR_OK)
        rc = doc_objects(root, a, &objects, &n, &d, e);
    OWN_BUF struct buf b = buf_new((size_t)1 << 24);
    for (const struct diag *g = d.first; g; g = g->next)
        diag_print(&b, entry.name, text.text, g);
    (void)fwrite(b.p, 1, b.n, stderr);
    if (rc == ERR_OK && n == 0)
        return err_set(e, ERR_NOTFOUND, "'%s' holds no object", file);
    if (rc == ERR_OK)
        *ret = objects[0];
    return rc;
}

static err_code declare(struct cel_env *env, const struct node *object, struct arena *a,
                        struct value *slots, struct err *e)
{
    static const char *const names[] = {"object", "oldObject", "params", "request", "namespaceObject", "authorizer"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        uint32_t slot;
        const struct cel_type *type = i == 3   ? &type_admission_request
                                      : i == 4 ? &type_namespace
                                               : type_simple(i == 5 ? CEL_AUTHORIZER : CEL_DYN);
        TRY(cel_env_variable(env, str_of(names[i]), type, &slot, e));
        slots[slot] = i == 0 && object ? value_of_node(object) : value_unknown(a, str_of(names[i]));
    }
    return ERR_OK;
}

static void put_result(struct buf *b, struct value v, int *ret_status)
{
    *ret_status = value_failed(v);
    if (v.kind == CEL_ERROR) {
        buf_printf(b, "error: %.*s\n", STR_FMT(v.error->message));
    } else if (v.kind == CEL_UNKNOWN) {
        buf_put(b, S("unknown without a cluster or -f:"));
        for (uint32_t i = 0; i < v.unknown->n; i++)
            buf_printf(b, "%s %.*s", i ? "," : "", STR_FMT(v.unknown->names[i]));
        buf_putc(b, '\n');
    } else {
        cel_value_print(b, v);
        buf_putc(b, '\n');
    }
}

static err_code evaluate(const struct options *o, struct cel_env *env, struct arena *a,
                         struct out *out, int *ret_status, struct err *e)
{
    struct value slots[8];
    const struct node *object = NULL;
    const struct cel_program *p = NULL;
    struct diags d = {.arena = a};
    struct regex_cache *patterns = NULL;
    if (o->file)
        TRY(read_object(o->file, a, &object, e));
    TRY(declare(env, object, a, slots, e));
    err_code rc = cel_compile(env, str_of(o->expr), NULL, a, &p, &d, e);
    if (rc != ERR_OK) {
        OWN_BUF struct buf b = buf_new((size_t)1 << 24);
        for (const struct diag *g = d.first; g; g = g->next)
            diag_print(&b, S("expression"), str_of(o->expr), g);
        (void)fwrite(b.p, 1, b.n, stderr);
        return rc;
    }
    TRY(regex_cache_new(LIMIT_REGEX_CACHE, &patterns, e));
    struct cel_run run = {.arena = a, .slots = slots, .cost_limit = LIMIT_CEL_COST, .patterns = patterns};
    put_result(&out->b, cel_eval(p, &run), ret_status);
    regex_cache_free(patterns);
    return ERR_OK;
}

static err_code run(const struct options *o, struct arena *a, int *ret_status, struct err *e)
{
    const char *const reads[] = {"/usr/share/zoneinfo", o->file, NULL};
    bool confined = false;
    struct out out;
    struct cel_env *env = NULL;
    struct cel_env_options eo = {.kubernetes_minor = o->minor, .container = S("")};
    TRY(jail_enter(&(struct jail){.read_paths = reads}, &confined, e));
    out_open_fd(&out, STDOUT_FILENO, "standard output");
    err_code rc = ERR_OK;
    if (o->lines) {
        rc = cel_lines_run(o->minor, &out, e);
    } else {
        rc = cel_env_new(&eo, a, &env, e);
        if (rc == ERR_OK)
            rc = evaluate(o, env, a, &out, ret_status, e);
        cel_env_free(env);
    }
    if (rc == ERR_OK)
        return out_close(&out, e);
    out_abandon(&out);
    return rc;
}

int cel_command(int argc, char **argv)
{
    struct options o = {.minor = CEL_NEWEST_MINOR};
    OWN_ARENA struct arena memory = {0};
    struct args a;
    struct err e = {0};
    int status = 0;
    err_code rc = args_parse(ARGS_cel, argc, argv, set_option, &o, &a, &e);
    if (rc == ERR_OK && a.help)
        return 0;
    if (rc == ERR_OK && a.n != !o.lines)
        rc = err_set(&e, ERR_USAGE, o.lines ? "--lines takes no expression" : "one expression is wanted");
    if (rc == ERR_OK) {
        o.expr = a.rest[0];
        rc = arena_init(&memory, "command", (size_t)8 << 30, &e);
    }
    if (rc == ERR_OK)
        rc = run(&o, &memory, &status, &e);
    return rc == ERR_OK ? status : args_fail(rc, &e);
}
