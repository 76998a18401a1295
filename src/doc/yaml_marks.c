#include "doc/yaml_marks_priv.h"

#include "base/utf8.h"

static bool is_ascii(const char *p, size_t n)
{
    uint64_t seen = 0, w;
    for (; n >= 32; p += 32, n -= 32) {
        uint64_t four[4];
        memcpy(four, p, 32);
        if ((four[0] | four[1] | four[2] | four[3]) & 0x8080808080808080u)
            return false;
    }
    for (; n >= 8; p += 8, n -= 8) {
        memcpy(&w, p, 8);
        seen |= w;
    }
    for (; n; p++, n--)
        seen |= (unsigned char)*p;
    return !(seen & 0x8080808080808080u);
}

void yaml_marks_init(struct yaml_marks *m, str text, uint32_t start, uint32_t end)
{
    *m = (struct yaml_marks){.text = text, .start = start, .base = start, .end = end};
    if (str_starts((str){text.p + start, end - start}, S("\xEF\xBB\xBF")))
        m->base += 3; // libyaml drops it before it counts
    m->ascii = is_ascii(text.p + m->base, end - m->base);
    m->byte = m->base;
}

uint32_t yaml_marks_walk(struct yaml_marks *m, size_t point)
{
    const char *p = m->text.p;
    uint32_t at = m->byte;
    size_t now = m->point;
    while (now < point && at < m->end) {
        at++;
        while (at < m->end && utf8_tail(p[at]))
            at++;
        now++;
    }
    while (now > point && at > m->base) {
        at--;
        while (at > m->base && utf8_tail(p[at]))
            at--;
        now--;
    }
    m->byte = at;
    m->point = now;
    return at;
}
