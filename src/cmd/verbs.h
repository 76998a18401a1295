// verbs: what commands that answer questions about a set of objects (net, rbac) share: a subcommand's request, from the
// command line to the exit status, and its confinement to the PATHs it is asked about.
#ifndef CMD_VERBS_H
#define CMD_VERBS_H

#include "base/out.h"
#include "cmd/args.h"
#include "graph/load.h"

// What every request has:
//   command, verb  as they stand on the command line
//   words          what follows the subcommand: its words, then PATHs; NULL behind the last of n
//   status         the exit status of a request that did not fail
//   memory, out    for the whole answer; standard output
#define VERBS_FIELDS                                                                               \
    const char *command, *verb;                                                                    \
    char **words;                                                                                  \
    unsigned n;                                                                                    \
    int status;                                                                                    \
    struct arena memory;                                                                           \
    struct out out;

struct verbs_request {
    VERBS_FIELDS
};
// Stands first in a command's own request, whose options follow: q->memory is q->base.memory.
#define VERBS_REQUEST                                                                              \
    union {                                                                                        \
        struct verbs_request base;                                                                 \
        struct {                                                                                   \
            VERBS_FIELDS                                                                           \
        };                                                                                         \
    };

// A command: ctx is its own request, base the part of it that is shared. run answers; the subcommand is one of commands.def.
struct verbs {
    enum args_command id;
    err_code (*set)(void *ctx, enum args_id id, const char *value, struct err *e);
    err_code (*run)(void *ctx, struct err *e);
    void *ctx;
    struct verbs_request *base; // zeroed
};
// The exit status. What was written before a failure is printed all the same.
int verbs_run(const struct verbs *v, int argc, char **argv);

// From here on the process reads no other files than paths, n of them and NULL behind. ERR_USAGE where there are none.
err_code verbs_confine(const struct verbs_request *q, char **paths, unsigned n, struct err *e) MUST_USE;
// Prints on stderr what is wrong with the input, and what of it was not read (charts, kustomizations); gaps_only: where the
// answer has the problems itself.
void verbs_print_problems(const struct load *l, bool gaps_only);

#endif
