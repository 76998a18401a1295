#include "cmd/rbac.h"

#include "cmd/command.h"
#include "doc/write.h"

static err_code set_option(void *ctx, enum args_id id, const char *value, struct err *e)
{
    struct rbac_request *q = ctx;
    (void)e;
    if (id == ARG_rbac_FORMAT)
        q->json = str_eq(str_of(value), S("json"));
    else if (id == ARG_rbac_NAMESPACE)
        q->ns = value;
    else if (id == ARG_rbac_LINES)
        q->lines = true;
    else if (id == ARG_rbac_STRICT)
        q->strict = true;
    else if (id == ARG_rbac_TO)
        q->to = value;
    else if (id == ARG_rbac_FROM)
        q->from = value;
    return ERR_OK;
}

void rbac_put_field(struct buf *b, bool *first, const char *key, str text)
{
    buf_printf(b, "%s\"%s\": ", *first ? "" : ", ", key);
    write_json_string(b, text);
    *first = false;
}

void rbac_put_place(struct buf *b, bool *first, const struct origin *at, uint32_t line)
{
    rbac_put_field(b, first, "file", at->file);
    if (line || at->line)
        buf_printf(b, ", \"line\": %u", line ? line : at->line);
}

// ---- input

static err_code take(void *ctx, const struct object *o, const struct origin *at, struct err *e)
{
    struct rbac_input *in = ctx;
    TRY(rbac_set_add(in->set, o, at, e));
    return in->more ? in->more(in->ctx, o, at, e) : ERR_OK;
}

err_code rbac_input_read(struct rbac_input *in, struct rbac_request *q, char **paths, unsigned n, struct err *e)
{
    const struct load_sink sink = {in, take};
    TRY(rbac_set_new(&q->memory, &in->load, &in->set, e));
    TRY(load_paths(&in->load, (const char *const *)paths, n, &sink, &q->memory, e));
    TRY(rbac_set_seal(in->set, &(struct rbac_seal_options){.no_builtin = q->strict}, e));
    verbs_print_problems(&in->load, false);
    if (in->load.n_errors)
        q->status = 2;
    return ERR_OK;
}

err_code rbac_input_open(struct rbac_input *in, struct rbac_request *q, char **paths, unsigned n, struct err *e)
{
    TRY(verbs_confine(&q->base, paths, n, e));
    return rbac_input_read(in, q, paths, n, e);
}

// ---- the command

static err_code run(void *ctx, struct err *e)
{
    struct rbac_request *q = ctx;
    static const struct {
        const char *verb;
        err_code (*run)(struct rbac_request *q, struct err *e);
    } verbs[] = {
        {"ask", rbac_ask_run},       {"who-can", rbac_who_run},   {"what-can", rbac_what_run}, {"diff", rbac_diff_run},
        {"matrix", rbac_matrix_run}, {"unused", rbac_unused_run}, {"paths", rbac_paths_run},
    };
    for (unsigned i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (str_eq(str_of(q->verb), str_of(verbs[i].verb)))
            return verbs[i].run(q, e);
    return err_set(e, ERR_INTERNAL, "rbac %s is in no table", q->verb);
}

int rbac_command(int argc, char **argv)
{
    struct rbac_request q = {0};
    return verbs_run(&(struct verbs){ARGS_rbac, set_option, run, &q, &q.base}, argc, argv);
}
