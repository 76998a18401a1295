// arena: memory with one owner and one lifetime, given back all at once.
//
// An arena reserves `cap` bytes of address space and pays only for the pages it touches, so the cap
// is a limit on what one scan or one request may use, not a cost. Nothing in an arena is freed by
// itself. A function that allocates takes the arena as a parameter: that is how you can tell.
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/cc.h"
#include "base/err.h"
#include "base/str.h"

struct arena {
    const char *name; // in messages: "arena 'admission' is full"
    char *base;
    size_t used, cap;
    size_t high; // the most that was in use before a reset or rewind
};

err_code arena_init(struct arena *a, const char *name, size_t cap, struct err *e) MUST_USE;
void arena_reset(struct arena *a); // keep the address space, forget the contents
void arena_done(struct arena *a);  // accepts one that was never initialised

// n zeroed objects, or NULL when the cap is reached.
void *arena_alloc(struct arena *a, size_t n, size_t size, size_t align)
    __attribute__((malloc, alloc_size(2, 3), alloc_align(4)));

// A copy of s that lives as long as the arena, NUL-ended behind its n bytes; p is NULL when the cap is reached.
str arena_dup(struct arena *a, str s);
// Formatted text in the arena, NUL-ended behind its n bytes; p is NULL when the cap is reached.
str arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);

// Forget what was allocated since the mark: `size_t m = arena_mark(a); ...; arena_rewind(a, m);`
static inline size_t arena_mark(const struct arena *a)
{
    return a->used;
}
void arena_rewind(struct arena *a, size_t mark);

// What nobody looks at any more: pages that lie in it whole are given back. Its addresses are not handed out again before a reset.
void arena_drop(struct arena *a, void *p, size_t n);

// Point `ptr` at n zeroed objects, or return ERR_LIMIT from this function.
#define TRY_NEW(ptr, a, n, e)                                                                      \
    do {                                                                                           \
        (ptr) = arena_alloc((a), (n), sizeof *(ptr), _Alignof(__typeof__(*(ptr))));                \
        if (!(ptr))                                                                                \
            return err_set((e), ERR_LIMIT, "arena '%s' is full (%zu bytes)", (a)->name, (a)->cap); \
    } while (0)

// Room for one more item in an array of an arena: it doubles; what was there before stays in the arena. n and cap are uint32_t.
#define TRY_GROW(items, n, cap, a, e)                                                              \
    do {                                                                                           \
        if ((n) == (cap)) {                                                                        \
            uint32_t grow_cap_ = (cap) ? (cap) * 2 : 16;                                           \
            __typeof__(items) grow_to_;                                                            \
            TRY_NEW(grow_to_, (a), grow_cap_, (e));                                                \
            if (n)                                                                                 \
                memcpy(grow_to_, (items), (n) * sizeof *(items));                                  \
            (items) = grow_to_;                                                                    \
            (cap) = grow_cap_;                                                                     \
        }                                                                                          \
    } while (0)

// The same of an array that nobody holds a pointer into: what was there before is given back.
#define TRY_GROW_MOVED(items, n, cap, a, e)                                                        \
    do {                                                                                           \
        __typeof__(items) moved_from_ = (items);                                                   \
        uint32_t moved_cap_ = (cap);                                                               \
        TRY_GROW(items, n, cap, a, e);                                                             \
        if (moved_from_ != (items))                                                                \
            arena_drop((a), moved_from_, moved_cap_ * sizeof *(items));                            \
    } while (0)

static inline void arena_done_(struct arena *a)
{
    arena_done(a);
}
#define OWN_ARENA __attribute__((cleanup(arena_done_)))

#endif
