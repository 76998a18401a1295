// Parts of timestamps and durations. Without a zone a timestamp is asked in UTC (Kubernetes sets
// cel-go's DefaultUTCTimeZone), whatever offset its text had.
#include "cel/ast.h"
#include "cel/lib.h"
#include "cel/timestamp.h"
#include "cel/zone.h"

enum { NANOS = 1000000000 };

// Go's strconv.Atoi, with its errors.
static bool atoi_go(struct cel_call *c, str s, int64_t *ret, struct value *failed)
{
    const char *why = NULL;
    int64_t v = 0;
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
    bool over = false;
    if (i == s.n)
        why = "invalid syntax";
    for (; i < s.n && !why; i++) {
        int digit = s.p[i] - '0';
        if (digit < 0 || digit > 9)
            why = "invalid syntax";
        else if (__builtin_mul_overflow(v, 10, &v) ||
                 __builtin_add_overflow(v, s.p[0] == '-' ? -digit : digit, &v))
            over = true;
    }
    if (!why && over)
        why = "value out of range";
    if (why) {
        str quoted = lib_quoted(c->arena, s);
        *failed = quoted.p ? value_error(c->arena, "strconv.Atoi: parsing %.*s: %s", STR_FMT(quoted), why)
                           : value_fatal("out of memory");
        return false;
    }
    *ret = v;
    return true;
}

// Hours and minutes with a colon. Absurd ones wrap around as in Go.
static bool add_offset(struct cel_call *c, str text, size_t colon, int64_t *seconds, struct value *failed)
{
    int64_t h, m;
    if (!atoi_go(c, str_head(text, colon), &h, failed) || !atoi_go(c, str_skip(text, colon + 1), &m, failed))
        return false;
    if (m < 0 || m > 59) {
        *failed = value_error(c->arena, "timezone offset minutes out of range [0, 59]: %.*s", STR_FMT(text));
        return false;
    }
    uint64_t minutes = (uint64_t)h * 60 + (uint64_t)(text.p[0] == '-' ? -m : m);
    int64_t nanos = (int64_t)(minutes * 60 * NANOS);
    *seconds += nanos / NANOS;
    return true;
}

// Moves *seconds to the zone. False: *failed says why.
static bool to_zone(struct cel_call *c, struct value tz, int64_t *seconds, struct value *failed)
{
    str name = value_text(tz);
    size_t colon = str_find(name, S(":"));
    if (colon != (size_t)-1)
        return add_offset(c, name, colon, seconds, failed);
    if (name.n && (name.p[0] == '/' || name.p[0] == '\\' || str_find(name, S("..")) != (size_t)-1)) {
        *failed = value_error(c->arena, "time: invalid location name");
        return false;
    }
    const struct zone *z = zone_find(name, &c->run->zones, c->arena);
    if (!z || z->missing) {
        *failed = z ? value_error(c->arena, "unknown time zone %.*s", STR_FMT(name))
                    : value_fatal("out of memory");
        return false;
    }
    *seconds += zone_offset(z, *seconds);
    return true;
}

typedef int64_t part_of(struct civil t);

static struct value of_timestamp(struct cel_call *c, const struct value *args, uint32_t n,
                                 part_of *part)
{
    struct value failed;
    if (n < 1 || n > 2 || args[0].kind != CEL_TIMESTAMP || (n == 2 && args[1].kind != CEL_STRING))
        return value_no_overload();
    int64_t seconds = args[0].i;
    if (n == 2 && !to_zone(c, args[1], &seconds, &failed))
        return failed;
    return value_int(part(timestamp_civil(seconds)));
}

static bool is_duration(const struct value *args, uint32_t n)
{
    return n == 1 && args[0].kind == CEL_DURATION;
}

static int64_t year(struct civil t)
{
    return t.year;
}
static int64_t month(struct civil t)
{
    return (int64_t)t.month - 1;
}
static int64_t day_of_year(struct civil t)
{
    return t.day_of_year;
}
static int64_t day_of_month(struct civil t)
{
    return (int64_t)t.day - 1;
}
static int64_t date(struct civil t)
{
    return t.day;
}
static int64_t weekday(struct civil t)
{
    return t.weekday;
}
static int64_t hour(struct civil t)
{
    return t.hour;
}
static int64_t minute(struct civil t)
{
    return t.minute;
}
static int64_t second(struct civil t)
{
    return t.second;
}

struct value cel_fn_get_full_year(struct cel_call *c, const struct value *args, uint32_t n)
{
    return of_timestamp(c, args, n, year);
}

struct value cel_fn_get_month(struct cel_call *c, const struct value *args, uint32_t n)
{
    return of_timestamp(c, args, n, month);
}

struct value cel_fn_get_day_of_year(struct cel_call *c, const struct value *args, uint32_t n)
{
    return of_timestamp(c, args, n, day_of_year);
}

struct value cel_fn_get_day_of_month(struct cel_call *c, const struct value *args, uint32_t n)
{
    return of_timestamp(c, args, n, day_of_month);
}

struct value cel_fn_get_date(struct cel_call *c, const struct value *args, uint32_t n)
{
    return of_timestamp(c, args, n, date);
}

struct value cel_fn_get_day_of_week(struct cel_call *c, const struct value *args, uint32_t n)
{
    return of_timestamp(c, args, n, weekday);
}

// A duration in units, as Go's Hours(), Minutes(), Seconds() compute it: in floating point.
static struct value units(struct value d, int64_t unit)
{
    return value_int((int64_t)((double)(d.i / unit) + (double)(d.i % unit) / (double)unit));
}

struct value cel_fn_get_hours(struct cel_call *c, const struct value *args, uint32_t n)
{
    return is_duration(args, n) ? units(args[0], 3600ll * NANOS) : of_timestamp(c, args, n, hour);
}

struct value cel_fn_get_minutes(struct cel_call *c, const struct value *args, uint32_t n)
{
    return is_duration(args, n) ? units(args[0], 60ll * NANOS) : of_timestamp(c, args, n, minute);
}

struct value cel_fn_get_seconds(struct cel_call *c, const struct value *args, uint32_t n)
{
    return is_duration(args, n) ? units(args[0], NANOS) : of_timestamp(c, args, n, second);
}

// Of a duration all of them, not the part below a second.
struct value cel_fn_get_milliseconds(struct cel_call *c, const struct value *args, uint32_t n)
{
    if (is_duration(args, n))
        return value_int(args[0].i / 1000000);
    struct value v = of_timestamp(c, args, n, second);
    return value_failed(v) ? v : value_int(args[0].n / 1000000);
}
