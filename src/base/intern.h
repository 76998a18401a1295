// intern: one copy of each distinct text, in an arena. For texts that recur by the thousand (paths,
// kinds, messages). One thread; lives as long as its arena.
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct intern {
    struct arena *arena;
    str *slots; // open addressing, a power of two
    uint32_t n, cap;
};

// The one copy of s, NUL-ended behind its bytes; p is NULL when the arena is full.
str intern_str(struct intern *t, str s);

#endif
