#include "base/arena.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
enum { REDZONE = 16 };
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
enum { REDZONE = 0 };
#endif

err_code arena_init(struct arena *a, const char *name, size_t cap, struct err *e)
{
    void *p =
        mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return err_sys(e, "cannot reserve %zu bytes for arena '%s'", cap, name);
    *a = (struct arena){.name = name, .base = p, .cap = cap};
    return ERR_OK;
}

void *arena_alloc(struct arena *a, size_t n, size_t size, size_t align)
{
    size_t start, bytes, end;
    if (__builtin_add_overflow(a->used, align - 1, &start))
        return NULL;
    start &= ~(align - 1);
    if (__builtin_mul_overflow(n, size, &bytes) || __builtin_add_overflow(start, bytes, &end) ||
        __builtin_add_overflow(end, (size_t)REDZONE, &end) || end > a->cap)
        return NULL;
    a->used = end;
    UNPOISON(a->base + start, bytes);
    POISON(a->base + start + bytes, (size_t)REDZONE);
    return a->base + start; // mmap and MADV_DONTNEED hand out zero pages, and reset clears the
                            // rest: this is zeroed
}

// Below this, clearing by hand is cheaper than giving pages back and faulting them in again.
enum { KEEP = 256 * 1024 };

void arena_reset(struct arena *a)
{
    size_t used = a->used; // what was never handed out was never poisoned: the cap may be huge
    if (a->high < used)
        a->high = used;
    UNPOISON(a->base, used);
    memset(a->base, 0, used < KEEP ? used : KEEP);
    if (used > KEEP)
        (void)madvise(a->base + KEEP, used - KEEP, MADV_DONTNEED);
    a->used = 0;
    POISON(a->base, used);
}

void arena_rewind(struct arena *a, size_t mark)
{
    size_t n = a->used - mark;
    if (a->high < a->used)
        a->high = a->used;
    UNPOISON(a->base + mark, n);
    memset(a->base + mark, 0, n);
    POISON(a->base + mark, n);
    a->used = mark;
}

void arena_drop(struct arena *a, void *p, size_t n)
{
    enum { PAGE = 4096, WORTH = 4 * PAGE };
    if (!p)
        return;
    size_t at = (size_t)((char *)p - a->base), from = (at + PAGE - 1) / PAGE * PAGE, to = (at + n) / PAGE * PAGE;
    POISON(p, n);
    if (to >= from + WORTH)
        (void)madvise(a->base + from, to - from, MADV_DONTNEED);
}

str arena_dup(struct arena *a, str s)
{
    char *p = arena_alloc(a, s.n + 1, 1, 1);
    if (!p)
        return (str){NULL, 0};
    if (s.n)
        memcpy(p, s.p, s.n);
    return (str){p, s.n};
}

str arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1, 1, 1);
    if (p)
        (void)vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return (str){p, p ? (size_t)n : 0};
}

void arena_done(struct arena *a)
{
    if (!a->base)
        return;
    UNPOISON(a->base, a->high > a->used ? a->high : a->used);
    (void)munmap(a->base, a->cap);
    *a = (struct arena){0};
}
