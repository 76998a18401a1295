// lib: what the library functions share: building text and lists in the run's arena, code points,
// cel-go's wording of a call that no overload takes.
#ifndef CEL_LIB_H
#define CEL_LIB_H

#include "cel/ast.h"

// "no such overload: NAME(type, type)", as cel-go's dispatcher says it.
struct value lib_no_overload(struct cel_call *c, const struct value *args, uint32_t n);
struct value lib_full(void); // the arena is full: fatal

// True where args are exactly n and of these kinds, one letter each: s string, i int, b bool, l list, * any.
bool lib_takes(const struct value *args, uint32_t n, const char *kinds);

// Text that grows in an arena. Failure (a full arena, 4 GiB) is sticky.
struct lib_text {
    struct arena *arena;
    char *p;
    size_t n, cap;
    bool full;
};
void lib_text_put(struct lib_text *t, str s);
void lib_text_putc(struct lib_text *t, char c);
void lib_text_fill(struct lib_text *t, char c, uint64_t n);
void lib_text_rune(struct lib_text *t, uint32_t code_point);
void lib_text_u64(struct lib_text *t, uint64_t v, unsigned base, bool upper);
void lib_text_i64(struct lib_text *t, int64_t v, unsigned base, bool upper);
void lib_text_quote(struct lib_text *t, str s); // as Go's %q
struct value lib_text_value(const struct lib_text *t);
static inline str lib_text_str(const struct lib_text *t)
{
    return (str){t->p, t->n};
}
// s as Go's %q writes it, for messages; empty where the arena is full.
str lib_quoted(struct arena *a, str s);

// A list that grows in an arena.
struct lib_items {
    struct arena *arena;
    struct value *items;
    uint32_t n, cap;
    bool full;
};
void lib_items_add(struct lib_items *l, struct value v);
struct value lib_items_value(const struct lib_items *l);

// The code point at s[*i] (U+FFFD, one byte, where it is no UTF-8); moves *i behind it. *i < s.n.
uint32_t lib_rune(str s, size_t *i);
size_t lib_rune_count(str s);
// The byte where code point `index` begins; s.n where index is the count; SIZE_MAX beyond.
size_t lib_rune_offset(str s, uint64_t index);

// Values by equality, for set operations that are not to be quadratic: scalars and lists of them
// hash; what does not (opaque kinds) shares a chain.
struct lib_set {
    const struct value *items;
    uint32_t *slots; // position + 1
    uint32_t mask;
};
// Room for n values of `items`; false where the arena is full.
bool lib_set_init(struct lib_set *s, struct arena *a, const struct value *items, uint32_t n);
// Adds items[i] if no equal one is there. False where one is.
bool lib_set_add(struct lib_set *s, uint32_t i);
bool lib_set_has(const struct lib_set *s, struct value v);

#endif
