#include "doc/doc.h"

#include "doc/json.h"
#include "doc/yaml_priv.h"

// JSON that is broken is tried as YAML, which says unhelpful things about it.
static bool looks_like_json(str chunk)
{
    str rest = str_trim(chunk);
    if (rest.n == 0 || rest.p[0] != '{')
        return false;
    rest = str_trim(str_skip(rest, 1));
    return rest.n && rest.p[0] == '"';
}

err_code doc_parse(const struct doc_text *text, struct doc_chunk chunk, struct arena *a,
                   const struct node **ret_root, struct diags *d, struct err *e)
{
    if (chunk.format == DOC_JSON)
        return json_parse(text->text, chunk.start, chunk.end, a, ret_root, d, e);
    str bytes = {text->text.p + chunk.start, chunk.end - chunk.start};
    if (!d || !looks_like_json(bytes))
        return yaml_parse(text, chunk, a, ret_root, d, e);
    struct diags yaml_says = {.arena = d->arena};
    const struct node *root;
    err_code rc = yaml_parse(text, chunk, a, &root, &yaml_says, e);
    struct diags json_says = {.arena = d->arena};
    const struct node *unused;
    if (rc == ERR_SYNTAX &&
        json_parse(text->text, chunk.start, chunk.end, a, &unused, &json_says, e) != ERR_OK)
        yaml_says = json_says;
    for (const struct diag *g = yaml_says.first; g; g = g->next)
        diag_add(d, g->level, g->start, g->end, g->hint, "%.*s", STR_FMT(g->message));
    if (rc == ERR_OK)
        *ret_root = root;
    return rc;
}
