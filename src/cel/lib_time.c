// Parts of timestamps and durations. Without a zone a timestamp is asked in UTC (Kubernetes sets
// cel-go's DefaultUTCTimeZone), whatever offset its text had.
#include "cel/ast.h"
#include "cel/timestamp.h"
#include "cel/zone.h"

enum { NANOS = 1000000000 };

static bool atoi_go(str s, int64_t *ret)
{
    int64_t v = 0;
    bool minus = s.n && s.p[0] == '-';
    if (minus || (s.n && s.p[0] == '+'))
        s = str_skip(s, 1);
    if (s.n == 0 || s.n > 9)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        v = v * 10 + (s.p[i] - '0');
    }
    *ret = minus ? -v : v;
    return true;
}

// Moves *seconds to the zone: a name, or hours and minutes with a colon. False: *failed says why.
static bool to_zone(struct cel_call *c, struct value tz, int64_t *seconds, struct value *failed)
{
    str name = value_text(tz);
    size_t colon = str_find(name, S(":"));
    if (colon != (size_t)-1) {
        int64_t h, m;
        if (!atoi_go(str_head(name, colon), &h) || !atoi_go(str_skip(name, colon + 1), &m)) {
            *failed = value_error(c->arena, "invalid time zone offset: %.*s", STR_FMT(name));
            return false;
        }
        *seconds += (name.p[0] == '-' ? h * 60 - m : h * 60 + m) * 60;
        return true;
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
