#include "cel/zone.h"

#include <fcntl.h>

#include "base/own.h"
#include "cel/timestamp.h"

enum { ZONE_FILE_MAX = 65536, DAY = 86400 };

static uint32_t u32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t i64(const unsigned char *p)
{
    return (int64_t)((uint64_t)u32(p) << 32 | u32(p + 4));
}

// Files.

struct counts {
    uint32_t isut, isstd, leap, times, types, chars;
};

static bool header(str s, struct counts *c)
{
    const unsigned char *p = (const unsigned char *)s.p;
    if (s.n < 44 || memcmp(p, "TZif", 4) != 0)
        return false;
    *c = (struct counts){u32(p + 20), u32(p + 24), u32(p + 28),
                         u32(p + 32), u32(p + 36), u32(p + 40)};
    return c->isut < ZONE_FILE_MAX && c->isstd < ZONE_FILE_MAX && c->leap < ZONE_FILE_MAX &&
           c->times < ZONE_FILE_MAX && c->types < ZONE_FILE_MAX && c->chars < ZONE_FILE_MAX;
}

static size_t block_size(const struct counts *c, size_t time_size)
{
    return c->times * (time_size + 1) + c->types * (size_t)6 + c->chars +
           c->leap * (time_size + 4) + c->isstd + c->isut;
}

// Only version 2 and later, whose second block has 64-bit times; every tzdata of our time is.
bool zone_parse(str s, struct zone *z)
{
    struct counts c;
    if (!header(s, &c) || s.p[4] < '2')
        return false;
    size_t first = 44 + block_size(&c, 4);
    if (first > s.n)
        return false;
    s = str_skip(s, first);
    if (!header(s, &c))
        return false;
    size_t size = block_size(&c, 8);
    if (s.n - 44 < size || c.types == 0)
        return false;
    const unsigned char *p = (const unsigned char *)s.p + 44;
    z->n_times = c.times;
    z->n_types = c.types;
    z->times = p;
    z->indices = p + (size_t)c.times * 8;
    z->types = z->indices + c.times;
    for (uint32_t i = 0; i < c.times; i++)
        if (z->indices[i] >= c.types)
            return false;
    s = str_skip(s, 44 + size);
    z->rule = (str){0};
    if (s.n > 1 && s.p[0] == '\n') {
        s = str_skip(s, 1);
        z->rule = str_cut(&s, '\n');
    }
    return true;
}

// POSIX rules: "CET-1CEST,M3.5.0,M10.5.0/3".

static bool number(str *s, int64_t *ret)
{
    int64_t v = 0;
    size_t n = 0;
    for (; n < s->n && s->p[n] >= '0' && s->p[n] <= '9' && n < 6; n++)
        v = v * 10 + (s->p[n] - '0');
    *s = str_skip(*s, n);
    *ret = v;
    return n > 0;
}

static bool skip(str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = str_skip(*s, 1);
    return true;
}

// [+-]hh[:mm[:ss]] in seconds
static bool clock(str *s, int64_t *ret)
{
    bool minus = skip(s, '-');
    int64_t h, m = 0, sec = 0;
    if (!minus)
        (void)skip(s, '+');
    if (!number(s, &h) || (skip(s, ':') && !number(s, &m)) || (skip(s, ':') && !number(s, &sec)))
        return false;
    *ret = (h * 3600 + m * 60 + sec) * (minus ? -1 : 1);
    return true;
}

static bool abbreviation(str *s)
{
    size_t n = 0;
    if (skip(s, '<')) {
        while (n < s->n && s->p[n] != '>')
            n++;
        *s = str_skip(*s, n);
        return skip(s, '>');
    }
    while (n < s->n && ((s->p[n] | 0x20) >= 'a' && (s->p[n] | 0x20) <= 'z'))
        n++;
    *s = str_skip(*s, n);
    return n >= 3;
}

static bool is_leap(int64_t y)
{
    return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

// Seconds from the start of the year to a rule's switch, in local standard or saved time.
static bool switch_time(str *s, int64_t year, int64_t *ret)
{
    int64_t a, b, c, days, time = 7200;
    if (skip(s, 'M')) {
        if (!number(s, &a) || !skip(s, '.') || !number(s, &b) || !skip(s, '.') || !number(s, &c) ||
            a < 1 || a > 12 || b < 1 || b > 5 || c > 6)
            return false;
        int64_t from = timestamp_seconds(year, (unsigned)a, 1) / DAY;
        int64_t to = (a == 12 ? timestamp_seconds(year + 1, 1, 1)
                              : timestamp_seconds(year, (unsigned)a + 1, 1)) /
                     DAY;
        int64_t weekday = ((from + 4) % 7 + 7) % 7;
        days = from + (c - weekday + 7) % 7 + (b - 1) * 7;
        while (days >= to)
            days -= 7;
        days -= timestamp_seconds(year, 1, 1) / DAY;
    } else if (skip(s, 'J')) { // 1..365, never the leap day
        if (!number(s, &a) || a < 1 || a > 365)
            return false;
        days = a - 1 + (is_leap(year) && a > 59);
    } else if (!number(s, &days) || days > 365) {
        return false;
    }
    if (skip(s, '/') && !clock(s, &time))
        return false;
    *ret = days * DAY + time;
    return true;
}

bool zone_rule_offset(str rule, int64_t seconds, int32_t *ret)
{
    int64_t standard, saved, start, end;
    if (!abbreviation(&rule) || !clock(&rule, &standard))
        return false;
    standard = -standard; // POSIX counts west
    if (rule.n == 0) {
        *ret = (int32_t)standard;
        return true;
    }
    saved = standard + 3600;
    if (!abbreviation(&rule))
        return false;
    if (rule.n && rule.p[0] != ',') {
        if (!clock(&rule, &saved))
            return false;
        saved = -saved;
    }
    int64_t year = timestamp_civil(seconds + standard).year;
    if (!skip(&rule, ',') || !switch_time(&rule, year, &start) || !skip(&rule, ',') ||
        !switch_time(&rule, year, &end))
        return false;
    int64_t at = seconds - timestamp_seconds(year, 1, 1); // UTC
    start -= standard;
    end -= saved;
    bool saving = start < end ? at >= start && at < end : at >= start || at < end;
    *ret = (int32_t)(saving ? saved : standard);
    return true;
}

int32_t zone_offset(const struct zone *z, int64_t seconds)
{
    uint32_t low = 0, high = z->n_times; // how many transitions are not after it
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (i64(z->times + (size_t)mid * 8) <= seconds)
            low = mid + 1;
        else
            high = mid;
    }
    int32_t offset;
    if (low == z->n_times && z->rule.n && zone_rule_offset(z->rule, seconds, &offset))
        return offset;
    if (z->n_types == 0)
        return 0;
    return (int32_t)u32(z->types + (size_t)(low ? z->indices[low - 1] : 0) * 6);
}

// Reading.

static bool is_name(str s)
{
    if (s.n == 0 || s.n > 64 || s.p[0] == '/' || str_find(s, S("..")) != (size_t)-1)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] == '\\' || s.p[i] > '~')
            return false;
    return true;
}

static bool read_zone(str name, struct zone *z, struct arena *a)
{
    str path = arena_printf(a, "/usr/share/zoneinfo/%.*s", STR_FMT(name));
    char *bytes = arena_alloc(a, ZONE_FILE_MAX, 1, 1);
    if (!path.p || !bytes)
        return false;
    OWN_FD int fd = open(path.p, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    ssize_t n = fd < 0 ? -1 : read(fd, bytes, ZONE_FILE_MAX);
    return n > 0 && zone_parse((str){bytes, (size_t)n}, z);
}

const struct zone *zone_find(str name, const struct zone **list, struct arena *a)
{
    for (const struct zone *z = *list; z; z = z->next)
        if (str_eq(z->name, name))
            return z;
    struct zone *z = arena_alloc(a, 1, sizeof *z, _Alignof(struct zone));
    str copy = arena_dup(a, name);
    if (!z || !copy.p)
        return NULL;
    z->name = copy;
    z->next = *list;
    bool utc = name.n == 0 || str_eq(name, S("UTC")) || str_eq(name, S("Local"));
    if (!utc)
        z->missing = !is_name(name) || !read_zone(name, z, a);
    *list = z;
    return z;
}
