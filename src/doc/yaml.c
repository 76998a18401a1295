#include "doc/yaml_priv.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <yaml.h>

#include "base/limits.h"
#include "doc/build_priv.h"
#include "doc/number.h"
#include "doc/yaml_anchor_priv.h"
#include "doc/yaml_error_priv.h"
#include "doc/yaml_marks_priv.h"

// A collection that is open.
struct frame {
    uint32_t entry, first; // its own entry on the build stack, and its first child's
    uint32_t end;          // where its last child ends
    uint16_t height;       // of its highest child
    bool map, flow;
    bool has_key; // of a map: what comes next is a value
    bool merge;   // and its key is `<<`
    uint64_t decoded; // before it
    struct yaml_anchor *anchor;
};

struct reader {
    const struct doc_text *text;
    struct doc_chunk chunk;
    struct diags *diags;
    struct err *e;
    yaml_parser_t parser;
    yaml_event_t event;
    uint32_t start, end; // of the event, bytes of the text
    const char *feed; // what libyaml has not been given yet
    size_t feed_n;
    bool feed_newline; // and a line end behind it
    struct yaml_marks marks;
    struct yaml_anchors anchors;
    struct build build;
    // What go-yaml counts: values and keys decoded, an alias as one and all below its anchor; and how many
    // of those are below an alias.
    uint64_t decoded, aliased;
    uint64_t flow_work;
    uint32_t depth, flow_depth, frames_cap;
    struct frame *frames;
};

static COLD err_code refuse(struct reader *r, uint32_t start, uint32_t end, str hint, const char *fmt, ...)
    PRINTF(5, 6);
static err_code refuse(struct reader *r, uint32_t start, uint32_t end, str hint, const char *fmt, ...)
{
    char what[256];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    diag_add(r->diags, DIAG_ERROR, start, end, hint, "%s", what);
    return err_set(r->e, ERR_SYNTAX, "%s", what);
}

static COLD err_code too_much(struct reader *r, const char *what)
{
    (void)refuse(r, r->start, r->start + 1, (str){0}, "%s", what);
    return err_set(r->e, ERR_LIMIT, "%s", what);
}

// kubectl's lines all end in LF, the last one too.
static int feed(void *data, unsigned char *room, size_t size, size_t *ret_n)
{
    struct reader *r = data;
    size_t n = r->feed_n < size ? r->feed_n : size;
    if (n)
        memcpy(room, r->feed, n);
    r->feed += n;
    r->feed_n -= n;
    if (r->feed_n == 0 && r->feed_newline && n < size) {
        room[n++] = '\n';
        r->feed_newline = false;
    }
    *ret_n = n;
    return 1;
}

static err_code next_event(struct reader *r)
{
    if (!yaml_parser_parse(&r->parser, &r->event)) {
        struct yaml_error what = yaml_error_read(&r->parser, &r->marks);
        return refuse(r, what.start, what.end, what.hint, "%s%s", what.message, what.context);
    }
    r->start = yaml_marks_byte(&r->marks, r->event.start_mark.index);
    r->end = yaml_marks_byte(&r->marks, r->event.end_mark.index);
    return ERR_OK;
}

// go-yaml's bound on what aliases may blow a document up to.
static bool is_excessive(const struct reader *r)
{
    if (r->aliased <= 100 || r->decoded <= 1000)
        return false;
    double allowed = 0.99;
    if (r->decoded >= LIMIT_ALIAS_HIGH)
        allowed = 0.10;
    else if (r->decoded > LIMIT_ALIAS_LOW)
        allowed = 0.99 - 0.89 * ((double)(r->decoded - LIMIT_ALIAS_LOW) /
                                 (double)(LIMIT_ALIAS_HIGH - LIMIT_ALIAS_LOW));
    return (double)r->aliased / (double)r->decoded > allowed;
}

static inline err_code count(struct reader *r, uint64_t below_alias)
{
    r->decoded += 1 + below_alias;
    r->aliased += below_alias;
    if (r->aliased > 100 && is_excessive(r))
        return too_much(r, "aliases (*name) blow this document up beyond what Kubernetes reads");
    if (r->decoded > LIMIT_NODES)
        return too_much(r, "a document of more than 8 million values");
    return ERR_OK;
}

// libyaml takes the escape \/, go-yaml does not.
static err_code check_escapes(struct reader *r)
{
    const char *p = r->text->text.p;
    for (uint32_t i = r->start; i + 1 < r->end; i++) {
        if (p[i] != '\\')
            continue;
        if (p[i + 1] == '/')
            return refuse(r, i, i + 2, S("A slash needs no escape."), "Kubernetes knows no escape \\/ in YAML");
        i++;
    }
    return ERR_OK;
}

// memcmp, for the 4 to 30 bytes that scalars have.
static inline bool is_same(const char *a, const char *b, size_t n)
{
    uint64_t x, y;
    if (n < 8) {
        for (size_t i = 0; i < n; i++)
            if (a[i] != b[i])
                return false;
        return true;
    }
    for (size_t i = 0; i < n - 8; i += 8) {
        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        if (x != y)
            return false;
    }
    memcpy(&x, a + n - 8, 8); // overlaps what was compared
    memcpy(&y, b + n - 8, 8);
    return x == y;
}

// The scalar's text: the document's own bytes where it stands there as it is, otherwise a copy.
static err_code take_text(struct reader *r, str *ret)
{
    size_t n = r->event.data.scalar.length;
    const char *value = (const char *)r->event.data.scalar.value;
    yaml_scalar_style_t style = r->event.data.scalar.style;
    bool quoted = style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    if (style == YAML_DOUBLE_QUOTED_SCALAR_STYLE && r->end - r->start != n + 2)
        TRY(check_escapes(r));
    if ((quoted || style == YAML_PLAIN_SCALAR_STYLE) && r->end - r->start >= n + quoted) {
        const char *there = r->text->text.p + r->end - quoted - n;
        if (is_same(there, value, n)) {
            *ret = (str){there, n};
            return ERR_OK;
        }
    }
    char *room;
    TRY_NEW(room, r->build.arena, n, r->e);
    if (n)
        memcpy(room, value, n);
    *ret = (str){room, n};
    return ERR_OK;
}

// libyaml drops the tag `!`, which makes any scalar a string; it stands before the value, perhaps
// with an anchor.
static bool has_bare_tag(const struct reader *r, str value)
{
    const char *p = r->text->text.p + r->start, *end = r->text->text.p + r->end - value.n;
    bool at_start = true;
    for (; p < end; p++) {
        if (at_start && *p == '!')
            return true;
        at_start = *p == ' ' || *p == '\t' || *p == '\n' || *p == '\r';
        if (at_start && p + 1 < end && p[1] == '#')
            while (p + 1 < end && p[1] != '\n')
                p++;
    }
    return false;
}

static err_code resolve(struct reader *r, struct yaml_scalar *ret)
{
    str text;
    TRY(take_text(r, &text));
    const char *tag_name = (const char *)r->event.data.scalar.tag;
    bool implicit = r->event.data.scalar.plain_implicit;
    if (!tag_name) {
        bool plain = implicit && r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        unsigned char first = text.n ? (unsigned char)text.p[0] : '~';
        *ret = (struct yaml_scalar){.kind = YAML_IS_STRING, .text = text};
        if (!plain || !doc_yaml_first_bytes[first] || (r->end - r->start > text.n && has_bare_tag(r, text)))
            return ERR_OK;
        (void)doc_yaml_resolve(text, YAML_NO_TAG, r->build.arena, ret);
        return ERR_OK;
    }
    enum yaml_tag tag = doc_yaml_tag_of(tag_name);
    const char *wanted = doc_yaml_resolve(text, tag, r->build.arena, ret);
    if (wanted)
        return refuse(r, r->start, r->end, S("Kubernetes refuses it. Change the value or drop the tag."),
                      "the tag says this is %s, and it is not", wanted);
    return ERR_OK;
}

static bool is_infinite(const struct yaml_scalar *s)
{
    return s->kind == YAML_IS_FLOAT && !isfinite(s->d);
}

static void set_value(struct node *n, const struct yaml_scalar *s)
{
    switch (s->kind) {
    case YAML_IS_STRING:
        n->kind = NODE_STRING;
        n->s = s->text.p;
        n->n = (uint32_t)s->text.n;
        return;
    case YAML_IS_NULL:
        n->kind = NODE_NULL;
        return;
    case YAML_IS_BOOL:
        n->kind = NODE_BOOL;
        n->b = s->b;
        return;
    case YAML_IS_INT:
        n->kind = NODE_INT;
        n->i = s->i;
        return;
    case YAML_IS_UINT:
        n->kind = NODE_DOUBLE;
        n->d = (double)s->u;
        n->flags |= NODE_BIG;
        return;
    case YAML_IS_FLOAT: {
        number_set(n, s->d);
        bool digits = n->kind == NODE_DOUBLE && s->text.n > 18;
        for (size_t i = 0; digits && i < s->text.n; i++)
            digits = (s->text.p[i] >= '0' && s->text.p[i] <= '9') || (i == 0 && s->text.p[i] == '-');
        n->flags |= digits ? NODE_BIG : 0;
        return;
    }
    }
}

static err_code refuse_infinite(struct reader *r)
{
    return refuse(r, r->start, r->end, S("Quote it if a text is meant."),
                  "infinity and NaN cannot be sent to Kubernetes");
}

// An anchor on the event's value, if it has one.
static err_code add_anchor(struct reader *r, const unsigned char *name, struct yaml_anchor **ret)
{
    return name ? yaml_anchor_add(&r->anchors, (const char *)name, r->build.arena, ret, r->e) : ERR_OK;
}

static err_code add_scalar_anchor(struct reader *r, const struct yaml_scalar *s, const struct node *n)
{
    struct yaml_anchor *x = NULL;
    TRY(add_anchor(r, r->event.data.scalar.anchor, &x));
    if (!x)
        return ERR_OK;
    x->scalar = *s;
    x->node = *n;
    x->infinite = is_infinite(s);
    x->weight = 1;
    return ERR_OK;
}

static struct frame *top(struct reader *r)
{
    return r->depth ? &r->frames[r->depth - 1] : NULL;
}

// The entry that the value which begins now will stand in.
static err_code entry_for_value(struct reader *r, struct member **ret)
{
    struct frame *f = top(r);
    if (f && f->map) {
        *ret = &r->build.entries[r->build.n - 1];
        return ERR_OK;
    }
    TRY(build_push(&r->build, ret, r->e));
    **ret = (struct member){0};
    return ERR_OK;
}

static err_code refuse_merge(struct reader *r, const struct node *at)
{
    return refuse(r, at->start, at->end ? at->end : at->start, S("Kubernetes refuses anything else."),
                  "a merge key (<<) takes a map, an alias of one, or a list of those");
}

static err_code push_members(struct reader *r, const struct node *map)
{
    for (uint32_t i = 0; i < map->n; i++) {
        struct member *m;
        TRY(build_push(&r->build, &m, r->e));
        *m = map->members[i];
        m->value.flags |= NODE_MERGED;
    }
    return ERR_OK;
}

// The value of a `<<` is on top of the stack: its members take its place. Of a list the first map wins,
// so it comes last.
static err_code merge(struct reader *r)
{
    struct node v = r->build.entries[--r->build.n].value;
    if (v.kind == NODE_MAP)
        return push_members(r, &v);
    if (v.kind != NODE_LIST || v.flags & NODE_ALIAS)
        return refuse_merge(r, &v);
    for (uint32_t i = v.n; i-- > 0;) {
        if (v.items[i].kind != NODE_MAP)
            return refuse_merge(r, &v.items[i]);
        TRY(push_members(r, &v.items[i]));
    }
    return ERR_OK;
}

// A value has ended, `height` collections high.
static err_code finish_value(struct reader *r, unsigned height)
{
    struct frame *f = top(r);
    if (!f)
        return ERR_OK;
    f->end = r->build.entries[r->build.n - 1].value.end;
    if (f->height < height)
        f->height = (uint16_t)height;
    f->has_key = false;
    if (!f->merge)
        return ERR_OK;
    f->merge = false;
    return merge(r);
}

static err_code put_key(struct reader *r, const struct yaml_scalar *s)
{
    struct member *m;
    str key = doc_yaml_key_text(s, r->build.arena);
    if (!key.p && s->kind == YAML_IS_NULL)
        return refuse(r, r->start, r->end, S("Kubernetes refuses it. Quote it if a text is meant."),
                      "null is no key");
    if (!key.p && s->kind == YAML_IS_UINT)
        return refuse(r, r->start, r->end, S("Kubernetes refuses it. Quote it if a text is meant."),
                      "an integer beyond 64 bits is no key");
    if (!key.p)
        return too_much(r, "this document takes more memory than it may");
    TRY(build_push(&r->build, &m, r->e));
    *m = (struct member){.key = key.p,
                         .key_n = (uint32_t)key.n,
                         .hash = hash_key(key),
                         .key_start = r->start,
                         .key_end = r->end};
    m->value.reserved = (uint16_t)s->kind;
    m->value.start = m->value.end = r->end;
    return ERR_OK;
}

static err_code refuse_key(struct reader *r)
{
    return refuse(r, r->start, r->start + 1,
                  S("In a template, quote {{ }} or render it first; Kubernetes takes only scalars as keys."),
                  "a map or a list cannot be a key");
}

static err_code read_key(struct reader *r)
{
    struct frame *f = top(r);
    struct yaml_scalar s;
    f->has_key = true;
    if (r->event.type == YAML_ALIAS_EVENT) {
        const char *name = (const char *)r->event.data.alias.anchor;
        const struct yaml_anchor *x = yaml_anchor_find(&r->anchors, name);
        if (!x)
            return refuse(r, r->start, r->end, (str){0}, "there is no anchor '&%.64s' before this alias", name);
        if (x->height)
            return refuse_key(r);
        TRY(count(r, 1));
        return put_key(r, &x->scalar);
    }
    const char *tag = (const char *)r->event.data.scalar.tag;
    bool implicit = r->event.data.scalar.plain_implicit;
    f->merge = r->event.data.scalar.length == 2 && !memcmp(r->event.data.scalar.value, "<<", 2) &&
               (implicit || doc_yaml_tag_of(tag) == YAML_TAG_MERGE);
    if (f->merge) {
        struct node none = {.kind = NODE_STRING, .n = 2, .s = "<<"};
        struct member *m;
        s = (struct yaml_scalar){.kind = YAML_IS_STRING, .text = S("<<")};
        TRY(build_push(&r->build, &m, r->e));
        *m = (struct member){.value = {.start = r->end, .end = r->end}};
        return add_scalar_anchor(r, &s, &none);
    }
    TRY(resolve(r, &s));
    TRY(count(r, 0));
    if (r->event.data.scalar.anchor) {
        struct node n = {.start = r->start, .end = r->end};
        if (!is_infinite(&s))
            set_value(&n, &s);
        TRY(add_scalar_anchor(r, &s, &n));
    }
    return put_key(r, &s);
}

// Bytes behind a block scalar that are blank belong to nobody.
static uint32_t trim_end(const struct reader *r)
{
    uint32_t end = r->end;
    const char *p = r->text->text.p;
    while (end > r->start && (p[end - 1] == '\n' || p[end - 1] == '\r' || p[end - 1] == ' '))
        end--;
    return end;
}

static err_code read_scalar(struct reader *r)
{
    struct yaml_scalar s;
    struct member *m;
    TRY(resolve(r, &s));
    TRY(count(r, 0));
    TRY(entry_for_value(r, &m));
    struct node *n = &m->value;
    n->start = r->start;
    n->end = r->end;
    yaml_scalar_style_t style = r->event.data.scalar.style;
    if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE)
        n->end = trim_end(r);
    if (is_infinite(&s))
        return refuse_infinite(r);
    set_value(n, &s);
    if (r->event.data.scalar.anchor)
        TRY(add_scalar_anchor(r, &s, n));
    return finish_value(r, 0);
}

static err_code read_alias(struct reader *r)
{
    struct member *m;
    const char *name = (const char *)r->event.data.alias.anchor;
    const struct yaml_anchor *x = yaml_anchor_find(&r->anchors, name);
    if (!x)
        return refuse(r, r->start, r->end, (str){0}, "there is no anchor '&%.64s' before this alias", name);
    if (x->open)
        return refuse(r, r->start, r->end, (str){0}, "the anchor '&%.64s' would contain itself", name);
    if (x->infinite)
        return refuse_infinite(r);
    TRY(count(r, x->weight));
    if (r->depth + x->height > LIMIT_DEPTH)
        return too_much(r, "nested too deep: more than 1000 levels");
    TRY(entry_for_value(r, &m));
    uint16_t key_was = m->value.reserved;
    m->value = x->node;
    m->value.reserved = key_was;
    m->value.flags |= NODE_ALIAS;
    m->value.start = r->start;
    m->value.end = r->end;
    return finish_value(r, x->height);
}

static err_code grow_frames(struct reader *r)
{
    struct frame *more;
    uint32_t cap = r->frames_cap ? 4 * r->frames_cap : 16;
    TRY_NEW(more, r->build.arena, cap, r->e);
    if (r->depth)
        memcpy(more, r->frames, r->depth * sizeof *more);
    r->frames = more;
    r->frames_cap = cap;
    return ERR_OK;
}

static err_code open_collection(struct reader *r, bool map)
{
    struct member *m;
    struct yaml_anchor *x = NULL;
    TRY(count(r, 0));
    if (r->depth == LIMIT_DEPTH)
        return too_much(r, "nested too deep: more than 1000 levels");
    TRY(entry_for_value(r, &m));
    m->value.start = r->start;
    m->value.end = r->end;
    TRY(add_anchor(r, map ? r->event.data.mapping_start.anchor : r->event.data.sequence_start.anchor, &x));
    if (x) {
        x->open = true;
        x->height = 1;
    }
    bool flow = map ? r->event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
                    : r->event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    if (r->depth == r->frames_cap)
        TRY(grow_frames(r));
    r->frames[r->depth++] = (struct frame){.entry = r->build.n - 1,
                                           .first = r->build.n,
                                           .end = r->start,
                                           .map = map,
                                           .flow = flow,
                                           .decoded = r->decoded - 1,
                                           .anchor = x};
    r->flow_depth += flow;
    return ERR_OK;
}

static err_code close_collection(struct reader *r)
{
    struct frame f = r->frames[--r->depth];
    struct node v = r->build.entries[f.entry].value;
    r->flow_depth -= f.flow;
    if (f.flow)
        v.end = r->end;
    else if (f.end > v.end)
        v.end = f.end;
    TRY(f.map ? build_map(&r->build, f.first, &v, r->e) : build_list(&r->build, f.first, &v, r->e));
    r->build.entries[f.entry].value = v;
    if (f.anchor) {
        f.anchor->open = false;
        f.anchor->node = v;
        f.anchor->height = (uint16_t)(f.height + 1);
        f.anchor->weight = r->decoded - f.decoded;
    }
    return finish_value(r, f.height + 1u);
}

// libyaml looks at every open flow collection for every token. Nobody nests them like this, so what
// that costs is bounded and paid for only by those who do.
enum { FLOW_FREE = 64 };
#define FLOW_WORK ((uint64_t)1 << 24)

// To go-yaml `,` and brackets are letters of a tag; to libyaml they end it. Where they touch, the two read
// different things.
static err_code check_tag(struct reader *r)
{
    str rest = {r->text->text.p + r->start, r->chunk.end - r->start};
    if (rest.n && rest.p[0] == '&') {
        size_t n = 1;
        while (n < rest.n && !strchr(" \t\r\n,[]{}", rest.p[n]))
            n++;
        rest = str_trim(str_skip(rest, n));
    }
    if (rest.n < 2 || rest.p[0] != '!' || rest.p[1] == '<')
        return ERR_OK;
    size_t n = 1;
    while (n < rest.n && !strchr(" \t\r\n,[]{}", rest.p[n]))
        n++;
    if (n == rest.n || !strchr(",[]{}", rest.p[n]))
        return ERR_OK;
    uint32_t at = (uint32_t)(rest.p - r->text->text.p);
    return refuse(r, at, at + (uint32_t)n, S("Put a blank between them: Kubernetes takes both for the tag."),
                  "a tag that touches a comma or a bracket");
}

static bool begins_node(yaml_event_type_t type)
{
    return type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT;
}

static err_code read_event(struct reader *r)
{
    const struct frame *f = top(r);
    char first = r->start < r->chunk.end ? r->text->text.p[r->start] : 0;
    if ((first == '!' || first == '&') && begins_node(r->event.type))
        TRY(check_tag(r));
    if (r->flow_depth > FLOW_FREE && (r->flow_work += r->flow_depth) > FLOW_WORK)
        return too_much(r, "nested too deep: this much within more than 64 brackets");
    bool key = f && f->map && !f->has_key;
    switch (r->event.type) {
    case YAML_SCALAR_EVENT:
        return key ? read_key(r) : read_scalar(r);
    case YAML_ALIAS_EVENT:
        return key ? read_key(r) : read_alias(r);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return key ? refuse_key(r) : open_collection(r, r->event.type == YAML_MAPPING_START_EVENT);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_collection(r);
    case YAML_DOCUMENT_START_EVENT: {
        const yaml_version_directive_t *v = r->event.data.document_start.version_directive;
        if (v && (v->major != 1 || v->minor != 1))
            return refuse(r, r->start, r->end, S("Remove the line: Kubernetes reads YAML 1.1 and takes no other number."),
                          "%%YAML %d.%d is not what Kubernetes reads", v->major, v->minor);
        return ERR_OK;
    }
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return ERR_OK;
}

// The events of one document, up to and with its end.
static err_code read_events(struct reader *r)
{
    for (;;) {
        TRY(next_event(r));
        yaml_event_type_t type = r->event.type;
        err_code rc = read_event(r);
        if (type != YAML_SEQUENCE_END_EVENT && type != YAML_MAPPING_END_EVENT) // those own nothing
            yaml_event_delete(&r->event);
        TRY(rc);
        if (type == YAML_DOCUMENT_END_EVENT || type == YAML_STREAM_END_EVENT)
            return ERR_OK;
    }
}

// kubectl drops what follows the end of the first document (`...`, or a `---` that it does not see
// because no LF stands before it).
static void warn_of_rest(struct reader *r)
{
    str text = r->text->text;
    for (uint32_t i = r->end; i < r->chunk.end;) {
        char c = text.p[i];
        bool fresh = i == r->chunk.start || text.p[i - 1] == '\n' || text.p[i - 1] == '\r';
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            i++;
        } else if (c == '#') {
            while (i < r->chunk.end && text.p[i] != '\n' && text.p[i] != '\r')
                i++;
        } else if (fresh && str_starts(str_skip(text, i), S("..."))) {
            i += 3;
        } else {
            uint32_t to = i;
            while (to < r->chunk.end && text.p[to] != '\n' && text.p[to] != '\r')
                to++;
            diag_add(r->diags, DIAG_WARNING, i, to,
                     S("Put `---` on a line of its own, with line feeds as line ends."),
                     "Kubernetes ignores this and all up to the next `---` line: the document has ended");
            return;
        }
    }
}

// libyaml compares every %TAG line with every other.
enum { MOST_DIRECTIVES = 100 };

static err_code check_directives(struct reader *r)
{
    str rest = {r->text->text.p + r->chunk.start, r->chunk.end - r->chunk.start};
    unsigned n = 0;
    while (rest.n && (rest.p[0] == '%' || rest.p[0] == '#' || rest.p[0] == '\n' || rest.p[0] == '\r')) {
        n += rest.p[0] == '%';
        if (n > MOST_DIRECTIVES) {
            r->start = (uint32_t)(rest.p - r->text->text.p);
            return too_much(r, "more than 100 lines that begin with %");
        }
        size_t i = 0;
        while (i < rest.n && rest.p[i] != '\n' && rest.p[i] != '\r')
            i++;
        rest = str_skip(rest, i + 1);
    }
    return ERR_OK;
}

// go-yaml takes a byte order mark for one wherever its *buffer* starts with one, and then drops the first
// character of lines, and for text everywhere else; libyaml drops it at the start of lines. Rather than
// guess, only the one at the chunk's start is taken.
static err_code check_byte_order_marks(struct reader *r)
{
    if (r->marks.ascii)
        return ERR_OK;
    size_t found = str_find(str_head(str_skip(r->text->text, r->marks.base), r->chunk.end - r->marks.base),
                            S("\xEF\xBB\xBF"));
    if (found == SIZE_MAX)
        return ERR_OK;
    uint32_t at = r->marks.base + (uint32_t)found;
    return refuse(r, at, at + 3, S("Remove it, or write it as \"\\uFEFF\": kubectl's reader loses characters over it."),
                  "a byte order mark (U+FEFF) inside a document");
}

err_code yaml_parse(const struct doc_text *text, struct doc_chunk chunk, struct arena *a,
                    const struct node **ret_root, struct diags *d, struct err *e)
{
    struct node *root;
    struct reader *r; // big: in the arena, which is cleared already
    TRY_NEW(r, a, 1, e);
    TRY_NEW(root, a, 1, e);
    r->text = text;
    r->chunk = chunk;
    r->diags = d;
    r->e = e;
    r->build = (struct build){.arena = a, .diags = d};
    r->decoded = 1; // the document
    r->feed = text->text.p + chunk.start;
    r->feed_n = chunk.end - chunk.start;
    r->feed_newline = r->feed_n && r->feed[r->feed_n - 1] != '\n';
    r->start = r->end = chunk.start;
    TRY(check_directives(r));
    yaml_marks_init(&r->marks, text->text, chunk.start, chunk.end);
    TRY(check_byte_order_marks(r));
    if (!yaml_parser_initialize(&r->parser))
        return err_set(e, ERR_LIMIT, "out of memory");
    yaml_parser_set_input(&r->parser, feed, r);
    err_code rc = read_events(r);
    yaml_parser_delete(&r->parser);
    TRY(rc);
    root->start = root->end = chunk.start;
    if (r->build.n)
        *root = r->build.entries[0].value;
    warn_of_rest(r);
    *ret_root = root;
    return ERR_OK;
}
