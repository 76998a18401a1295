// files: the paths a user names -> the list of files to read, and each file's bytes.
//
// Directories are walked in byte order of names, so the list is the same on every machine. Symbolic
// links to files are followed, links to directories are not (as kubectl), and say so.
#ifndef SOURCE_FILES_H
#define SOURCE_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct files_entry {
    str name; // as the user would name it, NUL-ended; "-" is standard input
    bool named; // the user named this very file: a pipe may be read
};

// Something the walk met and did not go into: texts as struct finding_gap.
struct files_gap {
    str path, reason, remedy;
};

struct files_problem {
    str path, message;
};

// All in the arena given to files_walk.
struct files_list {
    struct files_entry *entries;
    struct files_gap *gaps;
    struct files_problem *problems; // unreadable directories, paths that do not exist
    uint32_t n, n_gaps, n_problems;
};

// paths: n strings; "-" once at most. Only .yaml, .yml and .json files of directories are listed;
// Helm charts and kustomizations become gaps (of a chart only crds/ is listed, of a kustomization
// everything but itself and its patches). ERR_LIMIT for too many files; ERR_USAGE for "-" twice.
err_code files_walk(const char *const *paths, uint32_t n, struct arena *a, struct files_list *ret,
                    struct err *e) MUST_USE;

// The whole of one file, in the arena. Bounded by LIMIT_FILE_BYTES; never blocks on a FIFO that
// nobody writes to; a file that grows while it is read is ERR_IO.
err_code files_read(const struct files_entry *f, struct arena *a, str *ret, struct err *e) MUST_USE;

#endif
