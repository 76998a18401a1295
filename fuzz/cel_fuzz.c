// Any bytes as a CEL expression: no crash, no hang; what parses prints to text that parses and prints
// to the same text; what compiles evaluates within its cost.
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cel/ast.h"
#include "doc/json.h"

static const char object[] =
    "{\"metadata\":{\"name\":\"a\",\"labels\":{\"app\":\"x\"}},\"spec\":{\"replicas\":3,\"ratio\":1.5,"
    "\"on\":true,\"none\":null,\"containers\":[{\"name\":\"c\",\"image\":\"i:1\",\"ports\":[80,443]},"
    "{\"name\":\"d\",\"securityContext\":{\"privileged\":false}}]}}";

static const struct node *read_object(struct arena *a)
{
    const struct node *root = NULL;
    if (json_parse((str){object, sizeof object - 1}, 0, sizeof object - 1, a, &root, NULL, NULL) != ERR_OK)
        abort();
    return root;
}

// print(parse(print(x))) == print(x)
static void check_print(const struct cel_node *n, struct arena *a)
{
    OWN_BUF struct buf once = buf_new((size_t)8 << 20), twice = buf_new((size_t)8 << 20);
    struct cel_node *again;
    struct err e;
    cel_print(n, &once);
    // parentheses that the author left out may be what makes the text too long or too deep
    if (once.failed || cel_parse(buf_str(&once), a, &again, NULL, &e) != ERR_OK) {
        if (!once.failed && once.n < LIMIT_CEL_SOURCE && e.code == ERR_SYNTAX &&
            str_find(str_of(e.msg), S("limit exceeded")) == (size_t)-1)
            abort();
        return;
    }
    cel_print(again, &twice);
    if (!str_eq(buf_str(&once), buf_str(&twice)))
        abort();
}

static void run(struct cel_env *env, str text, struct arena *a, const struct value *slots)
{
    const struct cel_program *p;
    struct diags d = {.arena = a};
    struct err e;
    if (cel_compile(env, text, NULL, a, &p, &d, &e) != ERR_OK)
        return;
    OWN_BUF struct buf out = buf_new((size_t)1 << 20);
    cel_program_explain(p, &out);
    struct cel_run r = {.arena = a, .slots = slots, .cost_limit = 10000};
    (void)cel_eval(p, &r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena a; // one for all runs: its address space is big
    struct err e;
    if (!a.base && arena_init(&a, "fuzz", (size_t)256 << 20, &e) != ERR_OK)
        abort();
    arena_reset(&a);
    str text = {(const char *)data, size};
    struct cel_node *n;
    if (cel_parse(text, &a, &n, NULL, &e) == ERR_OK)
        check_print(n, &a);
    struct value slots[2] = {value_of_node(read_object(&a)), value_unknown(&a, S("request"))};
    struct cel_env_options o = {.kubernetes_minor = CEL_NEWEST_MINOR, .unchecked = size % 4 == 3};
    struct cel_env *env;
    uint32_t slot;
    if (cel_env_new(&o, &a, &env, &e) != ERR_OK ||
        cel_env_variable(env, S("object"), type_simple(CEL_DYN), &slot, &e) != ERR_OK ||
        cel_env_variable(env, S("request"), &type_admission_request, &slot, &e) != ERR_OK)
        abort();
    run(env, text, &a, slots);
    cel_env_free(env);
    return 0;
}
