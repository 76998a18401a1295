#include "base/edits.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "doc/path.h"
#include "kube/schema_priv.h"

// What was perhaps meant, what dropping it does, and which type a value should have had: looked up only
// where something is wrong.

enum { LEVELS_BELOW = 2, FARTHEST = 5, NAMED_PATH = 200 };

// ---- paths ----

static void put_steps(struct buf *b, const struct schema_step *at)
{
    if (!at->up)
        return;
    put_steps(b, at->up);
    if (at->member)
        path_put_key(b, member_key(at->member), b->n == 0);
    else
        path_put_index(b, at->index);
}

static str in_arena(const struct buf *b, struct arena *a)
{
    return b->failed ? (str){NULL, 0} : arena_dup(a, buf_str(b));
}

str schema_hint_path(const struct schema_step *at, const struct member *field, struct arena *a)
{
    OWN_BUF struct buf b = buf_new(LIMIT_FILE_BYTES);
    put_steps(&b, at);
    if (field)
        path_put_key(&b, member_key(field), b.n == 0);
    return in_arena(&b, a);
}

// ---- the field of this type that is spelled nearly so ----

static str lower(str s, char room[EDITS_WORD])
{
    size_t n = s.n < EDITS_WORD ? s.n : EDITS_WORD;
    for (size_t i = 0; i < n; i++)
        room[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] - 'A' + 'a') : s.p[i];
    return (str){room, n};
}

// Empty where no name is near. A name that the map has, too, is not what was meant.
static str nearest(const struct schema_step *at, str name, unsigned *ret_edits)
{
    char room[EDITS_WORD], other[EDITS_WORD];
    struct schema_table_shape type = schema_shape_of(at->shape);
    str best = {"", 0}, word = lower(name, room);
    unsigned most = name.n < 8 ? (unsigned)(name.n + 3) / 4 : (unsigned)name.n / 4;
    if (name.n > EDITS_WORD)
        return best;
    *ret_edits = (most < FARTHEST ? most : FARTHEST) + 1;
    for (uint32_t i = 0; i < type.n; i++) {
        str known = schema_table_name(schema_table_fields[type.first + i].name);
        if (known.n > name.n + *ret_edits || name.n > known.n + *ret_edits)
            continue; // each byte more is an edit
        unsigned edits = edits_between(word, lower(known, other));
        bool nearer = edits < *ret_edits || (edits == *ret_edits && best.n && str_cmp(known, best) < 0);
        if (nearer && known.n <= EDITS_WORD && !node_member(at->node, key_of(known))) {
            best = known;
            *ret_edits = edits;
        }
    }
    return best;
}

// ---- the type nearby that has a field of this name ----

struct search {
    str name;
    uint32_t hash;
    uint16_t in; // the type that has it; 0: none yet
    bool several, no_lists;
    struct buf path, best; // of that type, from where the search began
};

static void search_down(struct search *s, uint16_t type, unsigned levels)
{
    if (levels == 0) {
        if (!schema_table_find(type, s->name, s->hash))
            return;
        s->several = s->several || (s->in && s->in != type);
        if (!s->in || s->path.n < s->best.n) {
            s->best.n = 0;
            buf_put(&s->best, buf_str(&s->path));
        }
        s->in = type;
        return;
    }
    struct schema_table_shape t = schema_shape_of(type);
    for (uint32_t i = 0; i < t.n; i++) {
        const struct schema_table_field *f = &schema_table_fields[t.first + i];
        bool list = f->shape >= SHAPE_FIRST_TYPE && schema_is_list(f->shape);
        uint16_t shape = list ? schema_shape_of(f->shape).first : f->shape;
        str name = schema_table_name(f->name);
        if (!schema_is_type(shape) || (list && s->no_lists) || str_eq(name, S("status")))
            continue;
        size_t before = s->path.n;
        path_put_key(&s->path, name, before == 0);
        buf_put(&s->path, list ? S("[]") : S(""));
        search_down(s, shape, levels - 1);
        s->path.n = before;
    }
}

// Two types that are taken for each other: of these also what lies beside is searched.
static bool is_security_context(uint16_t type)
{
    return type == SHAPE_core_v1_SecurityContext || type == SHAPE_core_v1_PodSecurityContext;
}

// The nearest place where the name is a field, if that is a single type: below the map (a field stands too
// high), else a map around it (it is indented too far). *ret stays empty where there is no such place.
// False where the arena is full.
static bool elsewhere(const struct schema_step *at, const struct member *field, struct arena *a, str *ret)
{
    struct search s = {.name = member_key(field), .hash = field->hash, .path = buf_new(1 << 12), .best = buf_new(1 << 12)};
    const struct schema_step *from = at;
    for (; from && !s.in; from = s.in ? from : from->up)
        for (unsigned levels = from == at; levels <= LEVELS_BELOW && !s.in; levels++) {
            s.no_lists = from == at && levels > 1; // two levels down and into a list is a guess
            if (schema_is_type(from->shape))
                search_down(&s, from->shape, levels);
            if (from != at && levels > 0 && !is_security_context(s.in))
                s = (struct search){.name = s.name, .hash = s.hash, .path = s.path, .best = s.best};
        }
    bool ok = !s.path.failed && !s.best.failed;
    if (ok && s.in && !s.several) {
        OWN_BUF struct buf b = buf_new(LIMIT_FILE_BYTES);
        put_steps(&b, from);
        if (b.n && s.best.n)
            buf_putc(&b, '.');
        buf_put(&b, buf_str(&s.best));
        *ret = b.n ? in_arena(&b, a) : S("the top level of the object");
        ok = ret->p != NULL;
    }
    buf_done(&s.path);
    buf_done(&s.best);
    return ok;
}

// ---- what becomes of the object ----

enum when { ALWAYS, WITH, WITHOUT };
static const struct effect {
    uint16_t type;
    uint8_t when;
    const char *field, *other, *text;
} effects[] = {
#define EFFECT(type, field, when, other, text) {SHAPE_##type, when, field, other, text},
#include "kube/schema_effects.def"
#undef EFFECT
};

static bool holds_something(const struct node *map, const char *field)
{
    const struct node *n = node_get(map, key_of(str_of(field)));
    return n && n->kind != NODE_NULL && ((n->kind != NODE_LIST && n->kind != NODE_MAP) || n->n);
}

// meant: the field that is missed here, or the unknown one itself where it belongs elsewhere.
static str effect_of(const struct schema_step *at, str meant, str unknown)
{
    for (size_t i = 0; i < sizeof effects / sizeof *effects; i++) {
        const struct effect *x = &effects[i];
        if (x->type != at->shape || !str_eq(str_of(x->field), meant))
            continue;
        bool other = *x->other && holds_something(at->node, x->other);
        bool missing = str_eq(meant, unknown) || !holds_something(at->node, x->field);
        if (missing && (x->when == ALWAYS || other == (x->when == WITH)))
            return str_of(x->text);
    }
    return S("");
}

bool schema_hint_unknown(const struct schema_step *at, const struct member *field, struct arena *a,
                         struct kube_schema_problem *problem)
{
    unsigned edits = 0;
    str name = member_key(field), near = nearest(at, name, &edits), place = {"", 0};
    if (!near.n || edits > 1) {
        if (!elsewhere(at, field, a, &place))
            return false;
        if (place.n > NAMED_PATH)
            place = S("");
    }
    problem->effect = effect_of(at, place.n || !near.n ? name : near, name);
    problem->hint = S("");
    if (place.n)
        problem->hint = arena_printf(a, "it belongs in %.*s", STR_FMT(place));
    else if (near.n)
        problem->hint = arena_printf(a, "did you mean %.*s?", STR_FMT(near));
    return problem->hint.p != NULL;
}

// ---- wrong types ----

static const char *const leaf_names[SHAPE_LEAVES] = {
    [SHAPE_string] = "a string",
    [SHAPE_boolean] = "true or false",
    [SHAPE_int32] = "an integer of 32 bits",
    [SHAPE_int64] = "an integer of 64 bits",
    [SHAPE_number] = "a number",
    [SHAPE_bytes] = "base64",
    [SHAPE_quantity] = "a quantity like 500m or 1Gi",
    [SHAPE_int_or_string] = "a string or an integer of 32 bits",
    [SHAPE_time] = "a time like 2026-01-31T12:00:00Z",
    [SHAPE_micro_time] = "a time like 2026-01-31T12:00:00.000000Z",
    [SHAPE_any] = "anything",
    [SHAPE_schema_or_bool] = "true, false or a schema",
    [SHAPE_schema_or_list] = "a schema or a list of schemas",
    [SHAPE_schema_or_strings] = "a schema or a list of strings",
};

static str name_of_value(const struct node *n)
{
    static const char *const names[] = {
        [NODE_NULL] = "null",       [NODE_BOOL] = "a boolean", [NODE_INT] = "an integer", [NODE_DOUBLE] = "a number",
        [NODE_STRING] = "a string", [NODE_LIST] = "a list",    [NODE_MAP] = "a map",
    };
    return str_of(names[n->kind]);
}

static bool is_bare_word(str s) // that YAML would read as a boolean or an integer without its quotes
{
    if (str_eq(s, S("true")) || str_eq(s, S("false")))
        return true;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0 && s.n < 10;
}

bool schema_hint_wrong(const struct schema_step *at, struct arena *a, struct kube_schema_problem *problem)
{
    const struct node *n = at->node;
    uint16_t shape = at->shape;
    const char *want = shape < SHAPE_LEAVES ? leaf_names[shape] : schema_is_list(shape) ? "a list" : "a map";
    bool scalar = n->kind == NODE_BOOL || n->kind == NODE_INT || n->kind == NODE_DOUBLE;
    bool by_text = shape == SHAPE_bytes || shape == SHAPE_quantity || shape == SHAPE_time || shape == SHAPE_micro_time;
    bool by_size = n->kind == NODE_INT && (shape == SHAPE_int32 || shape == SHAPE_int_or_string);
    const char *more = "";
    if (shape == SHAPE_string && scalar)
        more = " (quotes make it one)";
    else if ((shape == SHAPE_boolean || shape == SHAPE_int32 || shape == SHAPE_int64) && n->kind == NODE_STRING &&
             is_bare_word(node_str(n)))
        more = " (take the quotes away)";
    if ((by_text && n->kind == NODE_STRING) || by_size) // the right type, and not what it may hold
        problem->hint = arena_printf(a, "must be %s", want);
    else
        problem->hint = arena_printf(a, "must be %s, not %.*s%s", want, STR_FMT(name_of_value(n)), more);
    return problem->hint.p != NULL;
}

// ---- the sentence ----

// A path of a message: what is longer is cut, and says so.
static void put_path(struct buf *b, str path)
{
    size_t n = path.n <= NAMED_PATH ? path.n : NAMED_PATH;
    while (n < path.n && n > 0 && utf8_tail(path.p[n]))
        n--; // not within a character
    buf_put(b, str_head(path, n));
    buf_put(b, n < path.n ? S("...") : S(""));
}

str kube_schema_message(const struct kube_schema_problem *p, struct arena *a)
{
    OWN_BUF struct buf b = buf_new(1 << 14);
    bool unknown = p->fault == KUBE_SCHEMA_UNKNOWN;
    buf_put(&b, unknown ? S("unknown field ") : S(""));
    put_path(&b, p->first->path);
    if (p->n_places > 1)
        buf_printf(&b, " and %u more like it", p->n_places - 1);
    if (unknown && p->hint.n)
        buf_printf(&b, " (%.*s)", STR_FMT(p->hint));
    else if (!unknown)
        buf_printf(&b, " %.*s", STR_FMT(p->hint));
    buf_put(&b, unknown ? S(": refused under strict field validation, kubectl's default; otherwise dropped")
                        : S(": the API server refuses the object"));
    if (p->effect.n)
        buf_printf(&b, ", and %.*s", STR_FMT(p->effect));
    if (p->dropped)
        buf_printf(&b, " (the object has %u more %s)", p->dropped, unknown ? "unknown fields" : "values of wrong types");
    return in_arena(&b, a);
}
