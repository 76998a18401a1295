// load: PATHs, or standard input, read once: every object is handed over with the place it stands at.
//
// One pass, one thread. What is wrong with the input is a problem with its place, never an error, and
// costs nothing but the document it is in. A consumer adds problems of its own (a bad selector, a
// duplicate) to the same list with load_problem.
#ifndef GRAPH_LOAD_H
#define GRAPH_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/intern.h"
#include "kube/object.h"
#include "source/files.h"

// Where something stands: small enough to be kept with every record.
struct origin {
    str file;      // as the user would name it; lives as long as the load's arena
    uint32_t line; // 1-based; 0: the file as a whole
};

struct load_problem {
    struct origin at;
    uint32_t column; // 1-based, in bytes; 0 where only the line is known
    bool warning;    // it was taken, but not as its author may think
    str message, hint;
    str class; // one word for machines: "syntax", "duplicate", "selector" ...; docs/net.md lists them
    struct load_problem *next;
};

struct load {
    struct arena *arena;
    struct intern intern; // in the arena: consumers may use it for what they keep
    struct files_list files; // its gaps are what was not read, with reasons; its problems are among `first`
    struct load_problem *first, *last; // in the order they were met
    uint32_t n_errors, n_warnings;
    uint64_t n_objects, n_other; // objects handed over; documents that are no Kubernetes objects
    uint64_t bytes;

    // Private: the document under way.
    const struct doc_text *text;
    struct {
        uint32_t offset, line;
    } cursor;
};

// Called for every object, in the order of files and documents (a List's items one by one). The tree's
// memory is used again after the call: copy what is kept. An error ends the load.
struct load_sink {
    void *ctx;
    err_code (*object)(void *ctx, const struct object *o, const struct origin *at, struct err *e);
};

// paths as files_walk takes them. l: zeroed, owns nothing; everything it refers to is in `a`. ERR_LIMIT where
// the arena is full, ERR_USAGE as files_walk, and what the sink gives.
err_code load_paths(struct load *l, const char *const *paths, uint32_t n, const struct load_sink *sink,
                    struct arena *a, struct err *e) MUST_USE;
// The same of a text that is there already; name is what places will say. For tests and fuzzing.
err_code load_text(struct load *l, str name, str bytes, const struct load_sink *sink, struct arena *a,
                   struct err *e) MUST_USE;

// Only while the sink is called: where a node of its object stands. NULL: the file as a whole.
struct diag_position load_locate(struct load *l, const struct node *n);
// Only while the sink is called: something is wrong at the node.
err_code load_problem(struct load *l, bool warning, const struct node *n, struct err *e, const char *fmt, ...)
    PRINTF(5, 6) MUST_USE;
// The same with the class of the fault, a constant. Without one it is "input".
err_code load_fault(struct load *l, const char *class, bool warning, const struct node *n, struct err *e, const char *fmt,
                    ...) PRINTF(6, 7) MUST_USE;
err_code load_fault_at(struct load *l, const char *class, bool warning, struct origin at, struct err *e, const char *fmt,
                       ...) PRINTF(6, 7) MUST_USE;
// At any time: something is wrong with what was kept of a place.
err_code load_problem_at(struct load *l, bool warning, struct origin at, struct err *e, const char *fmt, ...)
    PRINTF(5, 6) MUST_USE;
// Only while the sink is called: takes over what a parser (selector_parse ...) reported of the object.
err_code load_diags(struct load *l, const char *class, const struct diags *d, struct err *e) MUST_USE;

// "file:line:column: error: message", a line each, as a compiler; warnings too. Of each class the first `most`, then how many
// more there are; 0: all.
void load_print_problems(const struct load *l, unsigned most, struct buf *out);

#endif
