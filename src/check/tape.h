// tape: what cross-object checks need of an object, as few bytes: kept for every object of a scan, so it must be small.
//
// A tree read back from a tape has the same fields at the same places of the file (lists keep their items, as null where
// nothing of one is kept), so whatever is found in it has its line. What is left out, docs/cluster-checks.md says.
#ifndef CHECK_TAPE_H
#define CHECK_TAPE_H

#include "base/arena.h"
#include "base/err.h"
#include "kube/object.h"

struct tape {
    const unsigned char *bytes;
    uint32_t n;
};

// Where common keys stand in the table of them, by hash: made once, for any number of objects.
struct tape_keys {
    uint8_t slots[256]; // place + 1
};
void tape_keys_init(struct tape_keys *k);

// Into `a`; places: keep where things stand (else every place is 0); n 0: nothing of such an object is kept. ERR_LIMIT where an arena is full.
err_code tape_write(const struct object *o, bool places, const struct tape_keys *keys, struct arena *scratch, struct arena *a,
                    struct tape *ret, struct err *e) MUST_USE;
// The tree; texts borrow from the tape. ERR_LIMIT where the arena is full, ERR_INTERNAL where the bytes are no tape.
err_code tape_read(struct tape t, struct arena *a, const struct node **ret, struct err *e) MUST_USE;

#endif
