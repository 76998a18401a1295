#include "cel/opaque.h"

#include "cel/lib_named_format.h"
#include "cel/lib_net.h"
#include "cel/lib_quantity.h"
#include "cel/lib_semver.h"
#include "cel/lib_url.h"

static bool same_ip(const struct ip *a, const struct ip *b)
{
    return a->v6 == b->v6 && memcmp(a->bytes, b->bytes, a->v6 ? 16 : 4) == 0;
}

static bool same_text(void (*put)(struct lib_text *, const struct lib_url *), const void *a, const void *b)
{
    struct arena room = {0};
    if (arena_init(&room, "urls", (size_t)1 << 28, NULL) != ERR_OK)
        return false;
    struct lib_text x = {.arena = &room}, y = {.arena = &room};
    put(&x, a);
    put(&y, b);
    bool same = str_eq(lib_text_str(&x), lib_text_str(&y));
    arena_done(&room);
    return same;
}

bool cel_opaque_equal(struct value a, struct value b)
{
    const struct lib_net_cidr *p = a.opaque, *q = b.opaque;
    switch ((unsigned)a.kind) {
    case CEL_QUANTITY:
        return lib_quantity_compare(a.opaque, b.opaque) == 0;
    case CEL_IP:
        return same_ip(a.opaque, b.opaque);
    case CEL_CIDR:
        return p->bits == q->bits && same_ip(&p->ip, &q->ip);
    case CEL_URL:
        return same_text(cel_lib_url_text, a.opaque, b.opaque);
    case CEL_SEMVER:
        return lib_semver_compare(a.opaque, b.opaque) == 0;
    default:
        return a.opaque == b.opaque;
    }
}

str cel_opaque_text(struct value v, struct arena *a)
{
    struct lib_text t = {.arena = a};
    switch ((unsigned)v.kind) {
    case CEL_QUANTITY:
        lib_quantity_text(&t, v.opaque);
        break;
    case CEL_IP:
        cel_lib_net_ip_text(&t, v.opaque);
        break;
    case CEL_CIDR:
        cel_lib_net_cidr_text(&t, v.opaque);
        break;
    case CEL_URL:
        cel_lib_url_text(&t, v.opaque);
        break;
    case CEL_SEMVER:
        lib_semver_text(&t, v.opaque);
        break;
    default:
        return lib_named_format_name(v);
    }
    return t.full ? (str){NULL, 0} : lib_text_str(&t);
}

uint64_t cel_opaque_size(struct value v)
{
    const struct lib_net_cidr *p = v.opaque;
    switch ((unsigned)v.kind) {
    case CEL_IP:
        return ((const struct ip *)v.opaque)->v6 ? 16 : 4;
    case CEL_CIDR:
        return (p->bits + 7u) / 8;
    case CEL_FORMAT:
        return lib_named_format_size(v);
    default:
        return 1;
    }
}
