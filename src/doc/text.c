#include "base/limits.h"
#include "base/utf8.h"
#include "doc/doc.h"

// kubectl decodes UTF-16 that has a byte order mark, drops a UTF-8 byte order mark, and turns what is no
// UTF-8 into U+FFFD (golang.org/x/text's BOMOverride over its UTF-8 decoder).

// Where the first bytes are that are no UTF-8, or s.n. ASCII is looked over 32 bytes at a time.
static size_t valid_prefix(str s)
{
    size_t i = 0;
    while (i < s.n) {
        uint64_t w[4];
        while (s.n - i >= sizeof w) {
            memcpy(w, s.p + i, sizeof w);
            if ((w[0] | w[1] | w[2] | w[3]) & 0x8080808080808080u)
                break;
            i += sizeof w;
        }
        size_t stop = s.n - i < sizeof w ? s.n : i + sizeof w;
        while (i < stop) {
            size_t n = (unsigned char)s.p[i] < 0x80 ? 1 : utf8_len(str_skip(s, i));
            if (n == 0)
                return i;
            i += n;
        }
    }
    return s.n;
}

// Bytes of the ill-formed sequence at the start of s that one U+FFFD stands for: the longest beginning
// of a well-formed one (Unicode 3.9, "maximal subpart").
static size_t ill_formed_len(str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    if (p[0] < 0xC2 || p[0] > 0xF4 || s.n < 2)
        return 1;
    unsigned char lo = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char hi = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < lo || p[1] > hi)
        return 1;
    if (p[0] < 0xF0 || s.n < 3 || (p[2] & 0xC0) != 0x80)
        return 2;
    return 3;
}

static err_code replace_ill_formed(str in, size_t first, struct arena *a, struct doc_text *ret,
                                   struct diags *d, struct err *e)
{
    size_t bad = 0, n;
    for (size_t i = first; i < in.n; i += n) {
        n = utf8_len(str_skip(in, i));
        if (n == 0) {
            n = ill_formed_len(str_skip(in, i));
            bad++;
        }
    }
    char *room;
    TRY_NEW(room, a, in.n + 3 * bad, e);
    memcpy(room, in.p, first);
    char *to = room + first;
    for (size_t i = first; i < in.n; i += n) {
        str rest = str_skip(in, i), part = S("\xEF\xBF\xBD");
        n = utf8_len(rest);
        if (n)
            part = str_head(rest, n);
        else
            n = ill_formed_len(rest);
        memcpy(to, part.p, part.n);
        to += part.n;
    }
    ret->text = (str){room, (size_t)(to - room)};
    ret->decoded = true;
    diag_add(d, DIAG_WARNING, (uint32_t)first, (uint32_t)first + 3,
             S("Save the file as UTF-8. Kubernetes reads each such place as U+FFFD."),
             "invalid UTF-8 in %zu place%s", bad, bad == 1 ? "" : "s");
    return ERR_OK;
}

static uint32_t unit(str s, size_t i, bool big)
{
    uint32_t first = (unsigned char)s.p[i], second = (unsigned char)s.p[i + 1];
    return big ? first << 8 | second : second << 8 | first;
}

// s: UTF-16 behind its byte order mark. A lone surrogate or byte is U+FFFD.
static err_code decode_utf16(str s, bool big, struct arena *a, struct doc_text *ret, struct diags *d,
                             struct err *e)
{
    char *room;
    size_t n = 0, bad = 0, first_bad = 0;
    TRY_NEW(room, a, s.n / 2 * 3 + 3, e);
    for (size_t i = 0; i < s.n;) {
        uint32_t c = 0xFFFD;
        bool ill = true;
        if (i + 1 < s.n) {
            uint32_t low = 0;
            c = unit(s, i, big);
            ill = c >= 0xD800 && c <= 0xDFFF;
            if (ill && i + 3 < s.n)
                low = unit(s, i + 2, big);
            if (low >= 0xDC00 && low <= 0xDFFF) { // takes the pair also where the first is a low one
                ill = c >= 0xDC00;
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            }
        }
        i += 2;
        if (ill && bad++ == 0)
            first_bad = n;
        n += utf8_put(room + n, ill ? 0xFFFD : c);
    }
    ret->text = (str){room, n};
    ret->decoded = true;
    if (bad)
        diag_add(d, DIAG_WARNING, (uint32_t)first_bad, (uint32_t)first_bad + 3,
                 S("Save the file as UTF-8. Kubernetes reads each such place as U+FFFD."),
                 "invalid UTF-16 in %zu place%s", bad, bad == 1 ? "" : "s");
    return ERR_OK;
}

err_code doc_text_read(str name, str bytes, struct arena *a, struct doc_text *ret, struct diags *d,
                       struct err *e)
{
    struct doc_text t = {.name = name, .text = bytes};
    if (bytes.n > LIMIT_FILE_BYTES)
        return err_set(e, ERR_LIMIT, "'%.*s' is larger than %zu bytes", STR_FMT(name), LIMIT_FILE_BYTES);
    bool little = str_starts(bytes, S("\xFF\xFE")), big = str_starts(bytes, S("\xFE\xFF"));
    if (little || big) {
        TRY(decode_utf16(str_skip(bytes, 2), big, a, &t, d, e));
        *ret = t;
        return ERR_OK;
    }
    if (str_starts(bytes, S("\xEF\xBB\xBF")))
        t.text = str_skip(bytes, 3);
    size_t valid = valid_prefix(t.text);
    if (valid < t.text.n)
        TRY(replace_ill_formed(t.text, valid, a, &t, d, e));
    *ret = t;
    return ERR_OK;
}
