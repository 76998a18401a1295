#include "doc/path.h"

#include "base/limits.h"

// One step of the way down: the container, and which child of it.
struct step {
    const struct node *in;
    uint32_t at;
};

enum { MOST_STEPS = LIMIT_DEPTH + 1 };

static const struct node *child(const struct node *n, uint32_t i)
{
    if (n->kind == NODE_LIST)
        return &n->items[i];
    return &n->members[i].value;
}

static bool is_container(const struct node *n)
{
    return n->kind == NODE_LIST || n->kind == NODE_MAP;
}

// Depth first, in the order of the file. What an alias shares with its anchor is found under
// whichever of them comes first. Where the span tells that the target cannot be below, the walk does
// not go there: children lie within their container's span unless they came through an alias or `<<`.
static bool may_hold(const struct node *n, const struct node *target)
{
    if (!is_container(n))
        return false;
    if (n->flags & (NODE_ALIAS | NODE_MERGED) || n->end == 0 || target->end == 0)
        return true;
    return target->start >= n->start && target->end <= n->end;
}

// Steps of the way, or -1. Reads each container's children once a visit; `strict` leaves out
// containers whose span cannot hold the target.
static int find(const struct node *root, const struct node *target, bool strict, struct step *steps)
{
    int n = 0;
    steps[n++] = (struct step){root, 0};
    while (n > 0) {
        struct step *s = &steps[n - 1];
        if (s->at == s->in->n) {
            n--;
            if (n > 0)
                steps[n - 1].at++;
            continue;
        }
        const struct node *c = child(s->in, s->at);
        if (c == target)
            return n;
        if (is_container(c) && n < MOST_STEPS && (!strict || may_hold(c, target)))
            steps[n++] = (struct step){c, 0};
        else
            s->at++;
    }
    return -1;
}

static void put_quoted(struct buf *out, str key)
{
    buf_put(out, S("[\""));
    for (size_t i = 0; i < key.n; i++) {
        unsigned char c = (unsigned char)key.p[i];
        if (c == '"' || c == '\\')
            buf_putc(out, '\\');
        if (c < 0x20 || c == 0x7F)
            buf_printf(out, "\\u%04x", c);
        else
            buf_putc(out, (char)c);
    }
    buf_put(out, S("\"]"));
}

void path_put_key(struct buf *out, str key, bool first)
{
    if (!str_is_identifier(key)) {
        put_quoted(out, key);
        return;
    }
    if (!first)
        buf_putc(out, '.');
    buf_put(out, key);
}

void path_put_index(struct buf *out, uint32_t index)
{
    buf_putc(out, '[');
    buf_put_u64(out, index);
    buf_putc(out, ']');
}

bool path_of(const struct node *root, const struct node *target, struct buf *out,
             const struct member **ret_member)
{
    const struct member *holder = NULL;
    if (root != target) {
        __attribute__((uninitialized)) struct step steps[MOST_STEPS]; // only what is used is written
        if (!is_container(root))
            return false;
        int n = find(root, target, true, steps);
        if (n < 0) // below an anchor that stands elsewhere, inside a container that only has aliases
            n = find(root, target, false, steps);
        if (n < 0)
            return false;
        for (int i = 0; i < n; i++) {
            if (steps[i].in->kind == NODE_LIST) {
                path_put_index(out, steps[i].at);
                continue;
            }
            holder = &steps[i].in->members[steps[i].at];
            path_put_key(out, member_key(holder), i == 0);
        }
    }
    if (ret_member)
        *ret_member = holder;
    return true;
}

// Takes a `["key"]` off the front of *path into *ret, unescaped in place of `room`.
static bool take_quoted(str *path, char *room, str *ret)
{
    size_t n = 0, i = 2;
    for (; i < path->n && path->p[i] != '"'; i++) {
        char c = path->p[i];
        if (c == '\\' && i + 1 < path->n && path->p[i + 1] == 'u') {
            unsigned v = 0;
            for (size_t j = i + 2; j < i + 6; j++) {
                char h = j < path->n ? path->p[j] : 'x';
                if (!((h >= '0' && h <= '9') || (h >= 'a' && h <= 'f')))
                    return false;
                v = v * 16 + (unsigned)(h <= '9' ? h - '0' : h - 'a' + 10);
            }
            if (v > 0x7F)
                return false;
            room[n++] = (char)v;
            i += 5;
            continue;
        }
        if (c == '\\' && ++i == path->n)
            return false;
        room[n++] = path->p[i];
        if (n == 512)
            return false;
    }
    if (i + 1 >= path->n || path->p[i + 1] != ']')
        return false;
    *path = str_skip(*path, i + 2);
    *ret = (str){room, n};
    return true;
}

const struct node *path_find(const struct node *root, str path)
{
    const struct node *at = root;
    bool first = true;
    while (path.n && at) {
        char room[512];
        str key;
        if (str_starts(path, S("[\""))) {
            if (!take_quoted(&path, room, &key))
                return NULL;
            at = node_get(at, key_of(key));
        } else if (path.p[0] == '[') {
            size_t i = 1;
            uint64_t index = 0;
            for (; i < path.n && path.p[i] >= '0' && path.p[i] <= '9' && index < UINT32_MAX; i++)
                index = index * 10 + (uint64_t)(path.p[i] - '0');
            if (i == 1 || i >= path.n || path.p[i] != ']' || at->kind != NODE_LIST || index >= at->n)
                return NULL;
            at = &at->items[index];
            path = str_skip(path, i + 1);
        } else {
            if (!first && path.p[0] != '.')
                return NULL;
            if (!first)
                path = str_skip(path, 1);
            size_t n = 0;
            while (n < path.n && path.p[n] != '.' && path.p[n] != '[')
                n++;
            if (n == 0)
                return NULL;
            at = node_get(at, key_of(str_head(path, n)));
            path = str_skip(path, n);
        }
        first = false;
    }
    return at;
}
