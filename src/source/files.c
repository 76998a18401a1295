#include "source/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/own.h"
#include "source/kustomize.h"

// Lists grow by doubling inside the arena: what is left behind is at most as much again.
struct walk {
    struct arena *arena;
    struct files_list *list;
    uint32_t cap, gaps_cap, problems_cap;
    struct err *e;
};

static void own_dir_(DIR **d)
{
    if (*d)
        (void)closedir(*d);
}
#define OWN_DIR __attribute__((cleanup(own_dir_)))

static err_code grow(struct walk *w, void **array, uint32_t n, uint32_t *cap, size_t size)
{
    if (n < *cap)
        return ERR_OK;
    uint32_t want = *cap ? *cap * 2 : 16;
    char *fresh = arena_alloc(w->arena, want, size, _Alignof(max_align_t));
    if (!fresh)
        return err_set(w->e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", w->arena->name,
                       w->arena->cap);
    if (n)
        memcpy(fresh, *array, n * size);
    *array = fresh;
    *cap = want;
    return ERR_OK;
}

static err_code add_entry(struct walk *w, str name, bool named)
{
    struct files_list *l = w->list;
    if (l->n >= LIMIT_FILES)
        return err_set(w->e, ERR_LIMIT, "more than %zu files", LIMIT_FILES);
    TRY(grow(w, (void **)&l->entries, l->n, &w->cap, sizeof *l->entries));
    l->entries[l->n++] = (struct files_entry){name, named};
    return ERR_OK;
}

static err_code add_gap(struct walk *w, str path, str reason, str remedy)
{
    struct files_list *l = w->list;
    TRY(grow(w, (void **)&l->gaps, l->n_gaps, &w->gaps_cap, sizeof *l->gaps));
    l->gaps[l->n_gaps++] = (struct files_gap){path, reason, remedy};
    return ERR_OK;
}

static err_code add_problem(struct walk *w, str path, const char *what)
{
    struct files_list *l = w->list;
    TRY(grow(w, (void **)&l->problems, l->n_problems, &w->problems_cap, sizeof *l->problems));
    l->problems[l->n_problems++] = (struct files_problem){path, arena_dup(w->arena, str_of(what))};
    return ERR_OK;
}

static bool is_manifest_name(str name)
{
    return str_ends(name, S(".yaml")) || str_ends(name, S(".yml")) || str_ends(name, S(".json"));
}

static int by_bytes(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

static str join(struct arena *a, str dir, str name)
{
    while (dir.n > 1 && dir.p[dir.n - 1] == '/')
        dir.n--;
    if (str_eq(dir, S("/")))
        return arena_printf(a, "/%.*s", STR_FMT(name));
    return arena_printf(a, "%.*s/%.*s", STR_FMT(dir), STR_FMT(name));
}

// Hidden files are read, as `kubectl apply -R` reads them. Not git's own store, and not the second copy that
// a mounted ConfigMap keeps under names that start with two dots.
static bool is_walked(const char *name)
{
    return strcmp(name, ".") != 0 && strncmp(name, "..", 2) != 0 && strcmp(name, ".git") != 0;
}

// The names in a directory that are walked, sorted.
static err_code read_names(struct walk *w, DIR *d, str **ret, uint32_t *ret_n)
{
    str *names = NULL;
    uint32_t n = 0, cap = 0;
    for (struct dirent *entry; (entry = readdir(d));) {
        if (!is_walked(entry->d_name))
            continue;
        TRY(grow(w, (void **)&names, n, &cap, sizeof *names));
        names[n++] = arena_dup(w->arena, str_of(entry->d_name));
    }
    if (n)
        qsort(names, n, sizeof *names, by_bytes);
    *ret = names;
    *ret_n = n;
    return ERR_OK;
}

static bool has_name(const str *names, uint32_t n, str name)
{
    return n && bsearch(&name, names, n, sizeof *names, by_bytes);
}

// The kustomizations around a file: each may use it as a patch.
struct around {
    const struct kustomize *k;
    size_t prefix; // of a path, up to what the kustomization would call it
    const struct around *up;
};

static err_code walk_directory(struct walk *w, str dir, unsigned depth, const struct around *up);

static bool is_patch(str path, const struct around *up)
{
    for (; up; up = up->up)
        if (kustomize_is_patch(up->k, str_skip(path, up->prefix)))
            return true;
    return false;
}

static err_code walk_chart(struct walk *w, str dir, const str *names, uint32_t n, unsigned depth)
{
    TRY(add_gap(w, dir, S("a Helm chart"),
                arena_printf(w->arena, "helm template %.*s | casemate scan -", STR_FMT(dir))));
    if (has_name(names, n, S("crds"))) // the one folder of a chart that is no template
        TRY(walk_directory(w, join(w->arena, dir, S("crds")), depth + 1, NULL));
    return ERR_OK;
}

static err_code walk_entry(struct walk *w, str path, str name, unsigned depth, const struct around *up)
{
    struct stat st;
    if (lstat(path.p, &st) != 0)
        return add_problem(w, path, strerrordesc_np(errno));
    if (S_ISDIR(st.st_mode))
        return walk_directory(w, path, depth + 1, up);
    if (S_ISLNK(st.st_mode)) {
        if (stat(path.p, &st) != 0)
            return is_manifest_name(name) ? add_problem(w, path, "a symbolic link to nothing")
                                          : ERR_OK;
        if (S_ISDIR(st.st_mode))
            return add_gap(w, path, S("a symbolic link to a directory, not followed"),
                           arena_printf(w->arena, "casemate scan %.*s/", STR_FMT(path)));
    }
    if (!is_manifest_name(name))
        return ERR_OK;
    if (!S_ISREG(st.st_mode))
        return add_problem(w, path, "not a regular file");
    return add_entry(w, path, false);
}

static err_code walk_directory(struct walk *w, str dir, unsigned depth, const struct around *up)
{
    if (depth > LIMIT_DIRECTORY_DEPTH)
        return add_problem(w, dir, "nested too deeply: a loop of mounts?");
    OWN_DIR DIR *d = opendir(dir.p);
    if (!d)
        return add_problem(w, dir, strerrordesc_np(errno));
    str *names = NULL;
    uint32_t n = 0;
    TRY(read_names(w, d, &names, &n));
    if (has_name(names, n, S("Chart.yaml")))
        return walk_chart(w, dir, names, n, depth);

    struct kustomize k = {0};
    for (uint32_t i = 0; i < n && !k.found; i++)
        if (kustomize_is_name(names[i]))
            TRY(kustomize_read(join(w->arena, dir, names[i]), w->arena, &k, w->e));
    if (k.found)
        TRY(add_gap(w, dir, S("a kustomization"),
                    arena_printf(w->arena, "kubectl kustomize %.*s | casemate scan -",
                                 STR_FMT(dir))));
    const struct around here = {&k, k.found ? join(w->arena, dir, S("")).n : 0, up};
    up = k.found ? &here : up;
    for (uint32_t i = 0; i < n; i++) {
        str path = join(w->arena, dir, names[i]);
        if (!path.p)
            return err_set(w->e, ERR_LIMIT, "too many names in '%.*s'", STR_FMT(dir));
        if ((k.found && kustomize_is_name(names[i])) || is_patch(path, up))
            continue; // a patch is no object: it is judged where it is rendered
        TRY(walk_entry(w, path, names[i], depth, up));
    }
    return ERR_OK;
}

err_code files_walk(const char *const *paths, uint32_t n, struct arena *a, struct files_list *ret,
                    struct err *e)
{
    struct files_list list = {0};
    struct walk w = {.arena = a, .list = &list, .e = e};
    bool seen_stdin = false;

    for (uint32_t i = 0; i < n; i++) {
        str path = str_of(paths[i]);
        if (str_eq(path, S("-"))) {
            if (seen_stdin)
                return err_set(e, ERR_USAGE, "'-' is given twice");
            seen_stdin = true;
            TRY(add_entry(&w, path, true));
            continue;
        }
        struct stat st;
        if (stat(path.p, &st) != 0)
            TRY(add_problem(&w, path, strerrordesc_np(errno)));
        else if (S_ISDIR(st.st_mode))
            TRY(walk_directory(&w, path, 0, NULL));
        else
            TRY(add_entry(&w, path, true));
    }
    *ret = list;
    return ERR_OK;
}

// A pipe or a terminal: its size is not known before its end.
static err_code read_stream(int fd, str name, struct arena *a, str *ret, struct err *e)
{
    OWN_BUF struct buf b = buf_new(LIMIT_FILE_BYTES + 1);
    for (;;) {
        char *at = buf_reserve(&b, 64 << 10);
        if (!at)
            return err_set(e, ERR_LIMIT, "'%.*s' is larger than %zu bytes", STR_FMT(name),
                           LIMIT_FILE_BYTES);
        ssize_t got = read(fd, at, 64 << 10);
        if (got > 0) {
            b.n += (size_t)got;
        } else if (got == 0) {
            break;
        } else if (errno == EAGAIN) {
            struct pollfd p = {.fd = fd, .events = POLLIN};
            (void)poll(&p, 1, -1);
        } else if (errno != EINTR) {
            return err_sys(e, "cannot read '%.*s'", STR_FMT(name));
        }
    }
    str copy = arena_dup(a, buf_str(&b));
    if (!copy.p)
        return err_set(e, ERR_LIMIT, "'%.*s' is too large", STR_FMT(name));
    *ret = copy;
    return ERR_OK;
}

static err_code read_regular(int fd, size_t size, str name, struct arena *a, str *ret,
                             struct err *e)
{
    if (size > LIMIT_FILE_BYTES)
        return err_set(e, ERR_LIMIT, "'%.*s' is larger than %zu bytes", STR_FMT(name),
                       LIMIT_FILE_BYTES);
    char *bytes = arena_alloc(a, size + 1, 1, 64);
    if (!bytes)
        return err_set(e, ERR_LIMIT, "arena '%s' is full (%zu bytes)", a->name, a->cap);
    size_t n = 0;
    while (n <= size) { // one byte more than it had: a file that grows is seen
        ssize_t got = read(fd, bytes + n, size + 1 - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_sys(e, "cannot read '%.*s'", STR_FMT(name));
        if (got == 0)
            break;
        n += (size_t)got;
    }
    if (n > size)
        return err_set(e, ERR_IO, "'%.*s' grew while it was read", STR_FMT(name));
    *ret = (str){bytes, n};
    return ERR_OK;
}

err_code files_read(const struct files_entry *f, struct arena *a, str *ret, struct err *e)
{
    if (str_eq(f->name, S("-")))
        return read_stream(STDIN_FILENO, S("standard input"), a, ret, e);

    // O_NONBLOCK: opening a FIFO must not wait for a writer that never comes
    OWN_FD int fd = open(f->name.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return err_sys(e, "cannot open '%.*s'", STR_FMT(f->name));
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_sys(e, "cannot read '%.*s'", STR_FMT(f->name));
    if (S_ISREG(st.st_mode))
        return read_regular(fd, (size_t)st.st_size, f->name, a, ret, e);
    if (S_ISDIR(st.st_mode))
        return err_set(e, ERR_IO, "'%.*s' is a directory", STR_FMT(f->name));
    if (!f->named || !S_ISFIFO(st.st_mode))
        return err_set(e, ERR_IO, "'%.*s' is not a regular file", STR_FMT(f->name));
    TRY(read_stream(fd, f->name, a, ret, e)); // <(helm template .) comes as a pipe
    return ret->n ? ERR_OK
                  : err_set(e, ERR_IO, "'%.*s' is a pipe that nobody writes to", STR_FMT(f->name));
}
