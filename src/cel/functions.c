// functions: functions.def as a table, and looking a name up in it.
#include "base/hash.h"
#include "cel/ast.h"

static struct value cel_fn_unbound(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (c->run->native)
        return c->run->native(c->run->native_ctx, c->node->call.name, c, args, n);
    return value_error(c->arena, "unbound function: %.*s", STR_FMT(c->node->call.name));
}

const struct cel_function cel_functions[CEL_FN_UNBOUND + 1] = {
#define FUNCTION(id, name, c_function, cost) {{name, sizeof name - 1}, c_function, CEL_COST_##cost},
#define OVERLOAD(...)
#include "cel/functions.def"
#undef FUNCTION
#undef OVERLOAD
    {{"", 0}, cel_fn_unbound, CEL_COST_CALL},
};

_Static_assert(CEL_FN_UNBOUND < 255, "cel_function_names holds bytes");

void cel_function_names_init(struct cel_function_names *t)
{
    *t = (struct cel_function_names){0};
    for (uint32_t i = 0; i < CEL_FN_UNBOUND; i++) {
        uint32_t at = hash_key(cel_functions[i].name) % 512;
        while (t->slots[at])
            at = (at + 1) % 512;
        t->slots[at] = (uint8_t)(i + 1);
    }
}

uint32_t cel_function_find(const struct cel_function_names *t, str name)
{
    for (uint32_t at = hash_key(name) % 512; t->slots[at]; at = (at + 1) % 512)
        if (str_eq(cel_functions[t->slots[at] - 1].name, name))
            return t->slots[at] - 1u;
    return CEL_FN_UNBOUND;
}
