// intern: one copy of each distinct text, in an arena, under a small number. For texts that recur by the thousand (paths,
// kinds, messages, labels). One thread; lives as long as its arena.
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include <stdint.h>

#include "base/arena.h"
#include "base/slots.h"
#include "base/str.h"

struct intern {
    struct arena *arena;
    str *texts; // of each number, NUL-ended behind their bytes
    uint32_t n, cap;
    struct slots slots;
};

// The number of s, which is new where it has not been seen. ERR_LIMIT.
err_code intern_put(struct intern *t, str s, uint32_t *ret, struct err *e) MUST_USE;
// The number of a text that is known, or SLOTS_NONE.
uint32_t intern_find(const struct intern *t, str s);
// The one copy of s; p is NULL when the arena is full.
str intern_str(struct intern *t, str s);

#endif
