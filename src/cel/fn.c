#include "cel/fn.h"

#include "cel/ast.h"

const struct regex *fn_regex(struct cel_call *c, str pattern, struct value *ret_error)
{
    const struct regex *r = c->node->call.regex;
    struct err e = {0};
    if (r)
        return r;
    if (!c->run->patterns) {
        *ret_error = value_error(c->arena, "no cache for patterns");
        return NULL;
    }
    err_code rc = regex_cache_get(c->run->patterns, pattern, &r, &e);
    if (rc == ERR_OK)
        return r;
    *ret_error = value_error(c->arena, "%s", e.msg);
    return NULL;
}

struct value *fn_new_values(struct cel_call *c, uint32_t n)
{
    return arena_alloc(c->arena, n, sizeof(struct value), _Alignof(struct value));
}

struct value fn_list(struct value *items, uint32_t n)
{
    return (struct value){.kind = CEL_LIST, .n = n, .items = items};
}

struct value fn_str(struct cel_call *c, str copy_of)
{
    str s = copy_of.n <= UINT32_MAX ? arena_dup(c->arena, copy_of) : (str){0};
    return s.p ? value_str(s) : value_fatal("out of memory");
}
