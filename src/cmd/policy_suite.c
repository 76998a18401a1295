#include "cmd/policy_suite.h"

#include <stdlib.h>

#include "cel/cel.h"
#include "check/check.h"
#include "cmd/policies.h"
#include "doc/doc.h"
#include "source/files.h"

enum { MOST_VERSIONS = 64, MOST_EXPECTED = 256, MOST_PARAMS = 16, MOST_OBJECTS = 1024 };

// What the comments at the head of a test file say.
struct head {
    str expected[MOST_EXPECTED];
    str unknown[MOST_EXPECTED]; // of a ClusterCheck: what must stay open
    unsigned minors[MOST_VERSIONS];
    unsigned n_expected, n_unknown, n_minors;
    str pss;
    bool applies_not;
};

struct path_list {
    str path;
    struct path_list *next;
};

// What one file's objects gave.
struct outcome {
    struct arena *arena;
    struct path_list *paths, *unknown;
    str message;
    unsigned results, applied, not_assessed;
};

struct suite {
    struct arena *all;   // the walk, and policies' texts
    struct arena file;   // one test file; reset for each
    struct buf *out;
    struct buf details;  // of the folder
    struct policy_suite_totals totals;
    // the folder
    str name;
    bool cross; // it has a ClusterCheck: a file's objects are judged together
    struct policies_text texts[1 + MOST_PARAMS]; // policy.yaml, then params/
    uint32_t n_texts;
    struct policy_set *set; // for these:
    unsigned minor;
    str pss;
    unsigned passes, fails, failed;
};

// ---- heads ----

static err_code read_versions(str list, struct head *h, struct err *e)
{
    for (str rest = list; rest.p;) {
        char text[16] = "";
        str word = str_trim(str_cut(&rest, ' '));
        if (!word.n)
            continue;
        if (word.n < sizeof text)
            memcpy(text, word.p, word.n);
        if (h->n_minors == MOST_VERSIONS || !policies_parse_version(text, &h->minors[h->n_minors]))
            return err_set(e, ERR_SYNTAX, "'# kubernetes-version:' takes versions from 1.0 to 1.%d, not '%.*s'",
                           CEL_NEWEST_MINOR, STR_FMT(word));
        h->n_minors++;
    }
    return ERR_OK;
}

static err_code read_setting(str key, str value, struct head *h, struct err *e)
{
    if (str_eq(key, S("expect"))) {
        if (h->n_expected == MOST_EXPECTED)
            return err_set(e, ERR_LIMIT, "more than %d '# expect:' lines", MOST_EXPECTED);
        h->expected[h->n_expected++] = value;
    } else if (str_eq(key, S("not-assessed"))) {
        if (h->n_unknown == MOST_EXPECTED)
            return err_set(e, ERR_LIMIT, "more than %d '# not-assessed:' lines", MOST_EXPECTED);
        h->unknown[h->n_unknown++] = value;
    } else if (str_eq(key, S("kubernetes-version"))) {
        return read_versions(value, h, e);
    } else if (str_eq(key, S("pss"))) {
        if (!str_eq(value, S("baseline")) && !str_eq(value, S("restricted")) &&
            !str_eq(value, S("privileged")))
            return err_set(e, ERR_SYNTAX, "'# pss:' takes privileged, baseline or restricted");
        h->pss = value;
    } else if (str_eq(key, S("applies"))) {
        if (!str_eq(value, S("no")))
            return err_set(e, ERR_SYNTAX, "'# applies:' takes only no");
        h->applies_not = true;
    }
    return ERR_OK;
}

static err_code read_head(str text, struct head *h, struct err *e)
{
    *h = (struct head){.pss = S("restricted")};
    for (str rest = text; rest.p;) {
        str line = str_trim(str_cut(&rest, '\n'));
        if (!line.n)
            continue;
        if (line.p[0] != '#')
            break;
        str value = str_skip(line, 1), key = str_trim(str_cut(&value, ':'));
        if (value.p)
            TRY(read_setting(key, str_trim(value), h, e));
    }
    if (h->n_minors == 0)
        h->minors[h->n_minors++] = CEL_NEWEST_MINOR;
    return ERR_OK;
}

// ---- judging ----

static bool has_path(const struct path_list *l, str path)
{
    while (l && !str_eq(l->path, path))
        l = l->next;
    return l != NULL;
}

static err_code add_path(struct path_list **list, struct arena *a, str path, struct err *e)
{
    struct path_list *l;
    if (has_path(*list, path))
        return ERR_OK;
    TRY_NEW(l, a, 1, e);
    *l = (struct path_list){arena_dup(a, path), *list};
    *list = l;
    return ERR_OK;
}

static err_code on_result(void *ctx, const struct policy_result *r, struct err *e)
{
    struct outcome *o = ctx;
    o->results++;
    o->not_assessed += r->status == FINDING_NOT_ASSESSED;
    o->message = arena_dup(o->arena, r->message);
    for (uint32_t i = 0; i < r->n_places; i++)
        TRY(add_path(&o->paths, o->arena, r->places[i].path, e));
    return ERR_OK;
}

// "Service shop/web spec.selector"
static err_code on_cross_result(void *ctx, uint32_t record, const struct object *object, bool made, const struct policy_result *r,
                                struct err *e)
{
    struct outcome *o = ctx;
    (void)record, (void)made;
    o->message = arena_dup(o->arena, r->message);
    for (uint32_t i = 0; i < r->n_places; i++) {
        str path = r->places[i].path, ns = object->ns;
        str where = arena_printf(o->arena, "%.*s %.*s%s%.*s%s%.*s", STR_FMT(object->kind), STR_FMT(ns), ns.n ? "/" : "",
                                 STR_FMT(object->name), path.n ? " " : "", STR_FMT(path));
        if (r->status == FINDING_NOT_ASSESSED) // of the object as a whole: where it came from says nothing
            where = str_head(where, where.n - path.n - (path.n > 0));
        o->results += r->status == FINDING_FAIL;
        TRY(add_path(r->status == FINDING_NOT_ASSESSED ? &o->unknown : &o->paths, o->arena, where, e));
    }
    return ERR_OK;
}

static void on_applied(void *ctx, uint32_t rule)
{
    struct outcome *o = ctx;
    (void)rule;
    o->applied++;
}

static err_code judge_chunk(struct suite *s, struct policy_worker *w, const struct doc_text *text,
                            struct doc_chunk chunk, struct outcome *o, struct err *e)
{
    const struct policy_sink sink = {.ctx = o, .result = on_result, .applied = on_applied};
    const struct node *root = NULL;
    const struct node *const *objects = NULL;
    struct diags d = {.arena = &s->file};
    size_t n = 0;
    TRY(doc_parse(text, chunk, &s->file, &root, &d, e));
    TRY(doc_objects(root, &s->file, &objects, &n, &d, e));
    for (size_t i = 0; i < n; i++) {
        struct object object;
        if (!object_view(objects[i], &object))
            return err_set(e, ERR_SYNTAX, "not a Kubernetes object");
        TRY(policy_evaluate(w, &object, false, &s->file, &sink, e));
    }
    return ERR_OK;
}

static err_code judge(struct suite *s, str name, str bytes, struct outcome *o, struct err *e)
{
    struct policy_worker *w = NULL;
    struct doc_text text = {0};
    struct doc_chunk chunk;
    TRY(doc_text_read(name, bytes, &s->file, &text, NULL, e));
    TRY(policy_worker_new(s->set, &w, e));
    struct doc_splitter splitter = {.text = &text};
    err_code rc = ERR_OK;
    while (rc == ERR_OK && doc_next(&splitter, &chunk))
        rc = judge_chunk(s, w, &text, chunk, o, e);
    policy_worker_free(w);
    return rc;
}

static err_code record_chunk(struct suite *s, const struct doc_text *text, struct doc_chunk chunk, struct check_record *records,
                             uint32_t *n_records, struct err *e)
{
    const struct node *root = NULL;
    const struct node *const *objects = NULL;
    struct diags d = {.arena = &s->file};
    struct tape_keys keys;
    size_t n = 0;
    tape_keys_init(&keys);
    TRY(doc_parse(text, chunk, &s->file, &root, &d, e));
    TRY(doc_objects(root, &s->file, &objects, &n, &d, e));
    for (size_t i = 0; i < n; i++) {
        struct object object;
        struct check_record *r = &records[*n_records];
        if (!object_view(objects[i], &object) || *n_records == MOST_OBJECTS)
            return err_set(e, ERR_SYNTAX, "not a Kubernetes object, or more than %d", MOST_OBJECTS);
        r->file = &text->name;
        r->line = chunk.line;
        TRY(tape_write(&object, true, &keys, &s->file, &s->file, &r->tape, e));
        (*n_records)++;
    }
    return ERR_OK;
}

static err_code judge_cross(struct suite *s, str name, str bytes, struct outcome *o, struct err *e)
{
    struct check_record *records;
    struct doc_text text = {0};
    struct doc_chunk chunk;
    uint32_t n = 0;
    const struct check_sink sink = {.ctx = o, .result = on_cross_result, .applied = on_applied};
    TRY(doc_text_read(name, bytes, &s->file, &text, NULL, e));
    TRY_NEW(records, &s->file, MOST_OBJECTS, e);
    struct doc_splitter splitter = {.text = &text};
    while (doc_next(&splitter, &chunk))
        TRY(record_chunk(s, &text, chunk, records, &n, e));
    return check_run(s->set, records, n, &sink, e);
}

// The folder's policy for one version and level; the last one is kept.
static err_code need_set(struct suite *s, unsigned minor, str pss, struct err *e)
{
    if (s->set && s->minor == minor && str_eq(s->pss, pss))
        return ERR_OK;
    policy_set_free(s->set);
    s->set = NULL;
    const struct policy_options o = {.kubernetes_minor = minor, .pss = pss, .ignore_bindings = true};
    TRY(policies_load_texts(&o, s->texts, s->n_texts, &s->set, e));
    s->minor = minor;
    s->pss = arena_dup(s->all, pss);
    return ERR_OK;
}

// ---- verdicts ----

static void complain(struct suite *s, str name, unsigned minor, const char *what, str detail)
{
    buf_printf(&s->details, "      %.*s at 1.%u: %s%.*s\n", STR_FMT(name), minor, what,
               STR_FMT(detail));
}

// What must stay open does, and nothing else.
static bool check_unknown(struct suite *s, str name, const struct head *h, unsigned minor, const struct outcome *o)
{
    bool good = true;
    for (unsigned i = 0; i < h->n_unknown; i++)
        if (!has_path(o->unknown, h->unknown[i])) {
            complain(s, name, minor, "is assessed: ", h->unknown[i]);
            good = false;
        }
    for (const struct path_list *l = o->unknown; l; l = l->next) {
        unsigned i = 0;
        while (i < h->n_unknown && !str_eq(h->unknown[i], l->path))
            i++;
        if (i == h->n_unknown) {
            complain(s, name, minor, "not assessed: ", l->path);
            good = false;
        }
    }
    return good;
}

static bool check_pass(struct suite *s, str name, const struct head *h, unsigned minor,
                       const struct outcome *o)
{
    if (o->results) {
        complain(s, name, minor, o->not_assessed ? "not assessed: " : "has a finding: ", o->message);
        for (const struct path_list *l = o->paths; l; l = l->next)
            complain(s, name, minor, "  at ", l->path.n ? l->path : S("the object as a whole"));
        return false;
    }
    if (h->n_unknown == 0 && h->applies_not == (o->applied > 0)) {
        complain(s, name, minor,
                 h->applies_not ? "the policy applies, but '# applies: no'"
                                : "the policy applies to nothing here (where that is meant: "
                                  "'# applies: no')",
                 S(""));
        return false;
    }
    return true;
}

static bool check_fail(struct suite *s, str name, const struct head *h, unsigned minor,
                       const struct outcome *o)
{
    bool good = true;
    if (h->n_expected == 0) {
        complain(s, name, minor, "has no '# expect:' line", o->results ? S("") : S(", and no finding"));
        good = false;
    }
    for (unsigned i = 0; i < h->n_expected; i++)
        if (!has_path(o->paths, h->expected[i])) {
            complain(s, name, minor, "expected a finding at ", h->expected[i]);
            good = false;
        }
    for (const struct path_list *l = o->paths; l; l = l->next) {
        unsigned i = 0;
        while (i < h->n_expected && !str_eq(h->expected[i], l->path))
            i++;
        if (i == h->n_expected) {
            complain(s, name, minor, "found at ", l->path.n ? l->path : S("the object as a whole"));
            good = false;
        }
    }
    if (o->not_assessed) {
        complain(s, name, minor, "not assessed: ", o->message);
        good = false;
    }
    return good;
}

static err_code run_file(struct suite *s, const struct files_entry *f, bool pass, struct err *e)
{
    struct head h;
    str bytes = {0}, short_name = str_skip(f->name, s->name.n + 1);
    bool good = true;
    arena_reset(&s->file);
    TRY(files_read(f, &s->file, &bytes, e));
    err_code rc = read_head(bytes, &h, e);
    for (unsigned i = 0; i < h.n_minors && rc == ERR_OK; i++) {
        struct outcome o = {.arena = &s->file, .message = S("")};
        rc = need_set(s, h.minors[i], h.pss, e);
        if (rc == ERR_OK)
            rc = s->cross ? judge_cross(s, f->name, bytes, &o, e) : judge(s, f->name, bytes, &o, e);
        if (rc == ERR_OK)
            good &= check_unknown(s, short_name, &h, h.minors[i], &o);
        if (rc == ERR_OK && pass)
            good &= check_pass(s, short_name, &h, h.minors[i], &o);
        else if (rc == ERR_OK)
            good &= check_fail(s, short_name, &h, h.minors[i], &o);
    }
    if (rc != ERR_OK)
        return err_wrap(e, rc, "%.*s", STR_FMT(f->name));
    s->passes += pass;
    s->fails += !pass;
    s->failed += !good;
    return ERR_OK;
}

// "X/pass/...", "X/fail/..." or "X/params/..." of folder X.
static bool is_of(str name, str folder, const char *kind)
{
    str rest = str_skip(name, folder.n);
    return str_starts(name, folder) && str_starts(rest, str_of(kind));
}

static err_code add_text(struct suite *s, const struct files_entry *f, struct err *e)
{
    if (s->n_texts == 1 + MOST_PARAMS)
        return err_set(e, ERR_LIMIT, "%.*s: more than %d files in params/", STR_FMT(s->name), MOST_PARAMS);
    struct policies_text *t = &s->texts[s->n_texts++];
    t->name = f->name;
    return files_read(f, s->all, &t->text, e);
}

static err_code run_folder(struct suite *s, const struct files_list *l, uint32_t at, struct err *e)
{
    const struct files_entry *policy = &l->entries[at];
    s->cross = str_ends(policy->name, S("/check.yaml"));
    s->name = str_head(policy->name, policy->name.n - (s->cross ? S("/check.yaml").n : S("/policy.yaml").n));
    s->passes = s->fails = s->failed = 0;
    s->details.n = 0;
    s->n_texts = 0;
    TRY(add_text(s, policy, e));
    for (uint32_t i = 0; i < l->n; i++)
        if (is_of(l->entries[i].name, s->name, "/params/"))
            TRY(add_text(s, &l->entries[i], e));
    policy_set_free(s->set);
    s->set = NULL;
    TRY(need_set(s, CEL_NEWEST_MINOR, S("restricted"), e)); // an unreadable policy is told without files too
    for (uint32_t i = 0; i < l->n; i++) {
        bool pass = is_of(l->entries[i].name, s->name, "/pass/");
        if (pass || is_of(l->entries[i].name, s->name, "/fail/"))
            TRY(run_file(s, &l->entries[i], pass, e));
    }
    if (s->fails == 0)
        buf_put(&s->details, S("      no file in fail/: nothing shows that the policy finds anything\n"));
    bool good = s->failed == 0 && s->fails > 0;
    buf_printf(s->out, "%s  %.*s  %u pass, %u fail\n%.*s", good ? "ok  " : "FAIL", STR_FMT(s->name),
               s->passes, s->fails, STR_FMT(buf_str(&s->details)));
    s->totals.folders++;
    s->totals.files += s->passes + s->fails;
    s->totals.failed += !good;
    return ERR_OK;
}

static err_code run_all(struct suite *s, const struct files_list *l, struct err *e)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (str_ends(l->entries[i].name, S("/policy.yaml")) || str_ends(l->entries[i].name, S("/check.yaml")))
            TRY(run_folder(s, l, i, e));
    if (s->totals.folders == 0)
        return err_set(e, ERR_NOTFOUND, "there is no folder with a policy.yaml or check.yaml");
    return s->out->failed ? err_set(e, ERR_LIMIT, "too much to report") : ERR_OK;
}

err_code policy_suite_run(const char *const *paths, unsigned n, struct arena *a, struct buf *out,
                          struct policy_suite_totals *ret, struct err *e)
{
    struct files_list list = {0};
    struct suite s = {.all = a, .out = out, .details = buf_new(1 << 20)};
    TRY(files_walk(paths, n, a, &list, e));
    if (list.n_problems)
        return err_set(e, ERR_NOTFOUND, "%.*s: %.*s", STR_FMT(list.problems[0].path),
                       STR_FMT(list.problems[0].message));
    TRY(arena_init(&s.file, "test file", (size_t)1 << 30, e));
    err_code rc = run_all(&s, &list, e);
    policy_set_free(s.set);
    arena_done(&s.file);
    buf_done(&s.details);
    *ret = s.totals;
    return rc;
}
