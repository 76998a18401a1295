// Values as JSON, for people.
#include <math.h>

#include "base/base64.h"
#include "cel/cel.h"
#include "cel/number.h"
#include "cel/opaque.h"
#include "cel/timestamp.h"
#include "cel/value_priv.h"
#include "doc/write.h"

enum { OPAQUE_TEXT = 1 << 16 };

static void put_base64(struct buf *out, str s)
{
    buf_putc(out, '"');
    base64_put(out, s);
    buf_putc(out, '"');
}

void cel_value_put_opaque(struct buf *out, struct value v)
{
    struct arena a = {0};
    str s = {0};
    if (arena_init(&a, "text", OPAQUE_TEXT, NULL) == ERR_OK)
        s = cel_opaque_text(v, &a);
    write_json_string(out, s.p ? s : value_type_name(v));
    arena_done(&a);
}

str cel_value_special_double(double d)
{
    return isnan(d) ? S("NaN") : d > 0 ? S("Infinity") : S("-Infinity");
}

static void put_double(struct buf *out, double d)
{
    char text[NUMBER_G];
    size_t n = number_format_g(text, d);
    buf_put(out, (str){text, n});
    if (!memchr(text, '.', n) && !memchr(text, 'e', n))
        buf_put(out, S(".0"));
}

static void put_failure(struct buf *out, struct value v)
{
    if (v.kind == CEL_ERROR) {
        buf_put(out, S("{\"!error\": "));
        write_json_string(out, v.error->message);
    } else {
        buf_put(out, S("{\"!unknown\": ["));
        for (uint32_t i = 0; i < v.unknown->n; i++) {
            if (i)
                buf_put(out, S(", "));
            write_json_string(out, v.unknown->names[i]);
        }
        buf_putc(out, ']');
    }
    buf_putc(out, '}');
}

static void put_key(struct buf *out, struct value key)
{
    char text[VALUE_KEY_TEXT];
    write_json_string(out, key.kind == CEL_STRING ? value_text(key) : value_key_text(text, key));
}

static void put_list(struct buf *out, struct value v)
{
    uint32_t n = value_list_size(v);
    buf_putc(out, '[');
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            buf_put(out, S(", "));
        cel_value_print(out, value_list_at(v, i));
    }
    buf_putc(out, ']');
}

static void put_map(struct buf *out, struct value v)
{
    uint32_t n = value_map_size(v);
    buf_putc(out, '{');
    for (uint32_t i = 0; i < n; i++) {
        struct entry e = value_map_at(v, i);
        if (i)
            buf_put(out, S(", "));
        put_key(out, e.key);
        buf_put(out, S(": "));
        cel_value_print(out, e.value);
    }
    buf_putc(out, '}');
}

static void put_time(struct buf *out, struct value v)
{
    char text[TIMESTAMP_TEXT];
    size_t n = v.kind == CEL_TIMESTAMP ? timestamp_format(text, v)
                                       : timestamp_format_duration(text, v.i);
    write_json_string(out, (str){text, n});
}

void cel_value_print(struct buf *out, struct value v)
{
    switch (v.kind) {
    case CEL_NULL:
        buf_put(out, S("null"));
        break;
    case CEL_BOOL:
        buf_put(out, v.b ? S("true") : S("false"));
        break;
    case CEL_INT:
        buf_put_i64(out, v.i);
        break;
    case CEL_UINT:
        buf_put_u64(out, v.u);
        break;
    case CEL_DOUBLE:
        if (isfinite(v.d))
            put_double(out, v.d);
        else
            write_json_string(out, cel_value_special_double(v.d));
        break;
    case CEL_STRING:
        write_json_string(out, value_text(v));
        break;
    case CEL_BYTES:
        put_base64(out, value_text(v));
        break;
    case CEL_LIST:
        put_list(out, v);
        break;
    case CEL_MAP:
    case CEL_OBJECT:
        put_map(out, v);
        break;
    case CEL_TYPE:
        write_json_string(out, value_type_denoted(v));
        break;
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        put_time(out, v);
        break;
    case CEL_OPTIONAL:
        cel_value_print(out, v.some ? *v.some : value_null());
        break;
    case CEL_ERROR:
    case CEL_UNKNOWN:
        put_failure(out, v);
        break;
    default:
        cel_value_put_opaque(out, v);
    }
}
