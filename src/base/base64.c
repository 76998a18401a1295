#include "base/base64.h"

static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// room: for the bytes, or NULL.
static bool decode(str text, char *room, size_t *ret_n)
{
    size_t n = 0;
    unsigned bits = 0, digits = 0, pads = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '\n' || c == '\r')
            continue;
        if (c == '=' && digits >= 2 && digits + pads < 4) {
            pads++;
            continue;
        }
        int v = digit_value(c);
        if (v < 0 || pads)
            return false;
        bits = bits << 6 | (unsigned)v;
        if (++digits == 4) {
            if (room) {
                room[n++] = (char)(bits >> 16);
                room[n++] = (char)(bits >> 8);
                room[n++] = (char)bits;
            }
            bits = digits = 0;
        }
    }
    if (digits && digits + pads != 4)
        return false;
    if (room && digits >= 2)
        room[n++] = (char)(digits == 2 ? bits >> 4 : bits >> 10);
    if (room && digits == 3)
        room[n++] = (char)(bits >> 2);
    *ret_n = n;
    return true;
}

bool base64_decode(str text, struct arena *a, str *ret)
{
    char *room = arena_alloc(a, text.n + 1, 1, 1);
    size_t n = 0;
    if (!room || !decode(text, room, &n))
        return false;
    *ret = (str){room, n};
    return true;
}

bool base64_is(str text)
{
    size_t n;
    return decode(text, NULL, &n);
}

void base64_put(struct buf *out, str bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)bytes.p;
    for (size_t i = 0; i < bytes.n; i += 3) {
        unsigned bits = (unsigned)p[i] << 16 | (i + 1 < bytes.n ? (unsigned)p[i + 1] << 8 : 0) |
                        (i + 2 < bytes.n ? p[i + 2] : 0);
        buf_putc(out, digits[bits >> 18 & 63]);
        buf_putc(out, digits[bits >> 12 & 63]);
        buf_putc(out, i + 1 < bytes.n ? digits[bits >> 6 & 63] : '=');
        buf_putc(out, i + 2 < bytes.n ? digits[bits & 63] : '=');
    }
}
