// fixture_test: an arena for a group of tests: *state is a struct arena *. Only *_test.c files include this.
#ifndef BASE_FIXTURE_TEST_H
#define BASE_FIXTURE_TEST_H

#include "base/arena.h"
#include "base/test.h"

static inline int fixture_arena(void **state)
{
    static struct arena a;
    *state = &a;
    return arena_init(&a, "test", 1 << 24, NULL) != ERR_OK;
}

static inline int fixture_arena_done(void **state)
{
    arena_done(*state);
    return 0;
}

#endif
