// timestamp: points in time and durations as texts and as numbers, as Go's package time has them.
// A timestamp is a value of kind CEL_TIMESTAMP: seconds since 1970 in i, nanoseconds in n, the
// offset that its text shows in zone (minutes east of UTC).
#ifndef CEL_TIMESTAMP_H
#define CEL_TIMESTAMP_H

#include "base/buf.h"
#include "cel/value.h"

// CEL's range: 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z.
#define TIMESTAMP_MIN (-62135596800)
#define TIMESTAMP_MAX 253402300799

// base/rfc3339.h as a value. False where it is none; the range is not checked.
bool timestamp_parse(str s, struct value *ret);
enum { TIMESTAMP_TEXT = 48 }; // more than any text of one, and of a duration
size_t timestamp_format(char out[TIMESTAMP_TEXT], struct value t); // as RFC3339Nano

// Moves by nanoseconds. False where the result is out of range.
bool timestamp_add(struct value *t, int64_t nanoseconds);
// a - b in nanoseconds. False where that is more than a duration holds.
bool timestamp_difference(struct value a, struct value b, int64_t *ret);

// Calendar fields of a number of seconds since 1970 (in whatever zone they were moved to).
struct civil {
    int64_t year;
    unsigned month, day;           // 1..12, 1..31
    unsigned day_of_year, weekday; // 0..365; 0 is Sunday
    unsigned hour, minute, second;
};
struct civil timestamp_civil(int64_t seconds);
int64_t timestamp_seconds(int64_t year, unsigned month, unsigned day); // of midnight UTC

// Go's time.ParseDuration: "1h30m", "-1.5s", "100us", "0". False where it is none or overflows.
bool timestamp_parse_duration(str s, int64_t *ret_nanoseconds);
// Seconds, shortest decimals: "1.5s".
size_t timestamp_format_duration(char out[TIMESTAMP_TEXT], int64_t nanoseconds);

#endif
