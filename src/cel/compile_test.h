// compile_test: what the tests of the compiling half share. Only *_test.c files include this.
#ifndef CEL_COMPILE_TEST_H
#define CEL_COMPILE_TEST_H

#include "base/test.h"
#include "cel/ast.h"
#include "cel/type_priv.h"

struct fixture {
    struct arena arena;
    struct cel_env *env;
    struct diags diags;
    struct err e;
    const struct cel_program *program;
};

static inline struct fixture *fixture_of(void **state)
{
    return *state;
}

static inline int fixture_open_at(void **state, unsigned minor)
{
    static struct fixture f;
    f = (struct fixture){0};
    uint32_t slot;
    struct cel_env_options o = {.kubernetes_minor = minor, .container = S("")};
    if (arena_init(&f.arena, "test", (size_t)1 << 28, &f.e) || cel_env_new(&o, &f.arena, &f.env, &f.e) ||
        cel_env_variable(f.env, S("object"), type_simple(CEL_DYN), &slot, &f.e) ||
        cel_env_variable(f.env, S("request"), &type_admission_request, &slot, &f.e) ||
        cel_env_variable(f.env, S("namespaceObject"), &type_namespace, &slot, &f.e) ||
        cel_env_variable(f.env, S("authorizer"), type_simple(CEL_AUTHORIZER), &slot, &f.e) ||
        cel_env_variable(f.env, S("authorizer.requestResource"), type_simple(CEL_RESOURCE_CHECK), &slot,
                         &f.e) ||
        cel_env_lazy(f.env, S("image"), type_simple(CEL_STRING), &slot, &f.e))
        return -1;
    f.diags.arena = &f.arena;
    *state = &f;
    return 0;
}

static inline int fixture_open(void **state)
{
    return fixture_open_at(state, CEL_NEWEST_MINOR);
}

static inline int fixture_close(void **state)
{
    struct fixture *f = fixture_of(state);
    cel_env_free(f->env);
    arena_done(&f->arena);
    return 0;
}

// NULL where it compiled, else the first reason.
static inline const char *refusal(struct fixture *f, const char *text)
{
    f->diags = (struct diags){.arena = &f->arena};
    f->e = (struct err){0};
    if (cel_compile(f->env, str_of(text), NULL, &f->arena, &f->program, &f->diags, &f->e) == ERR_OK)
        return NULL;
    return f->diags.first ? f->diags.first->message.p : f->e.msg;
}

static inline void assert_compiles(struct fixture *f, const char *text)
{
    const char *why = refusal(f, text);
    if (why)
        fail_msg("%s: %s", text, why);
}

static inline void assert_refused(struct fixture *f, const char *text, const char *why)
{
    const char *said = refusal(f, text);
    if (!said)
        fail_msg("%s: compiled", text);
    assert_string_equal(said, why);
}

static inline void assert_type(struct fixture *f, const char *text, const char *type)
{
    assert_compiles(f, text);
    assert_string_equal(type_text(&f->arena, cel_program_type(f->program)).p, type);
}

#endif
