// rfc3339: a point in time as text, "2006-01-02T15:04:05.999+07:00", as Go's time.Parse takes it.
#ifndef BASE_RFC3339_H
#define BASE_RFC3339_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct rfc3339 {
    unsigned year, month, day, hour, minute, second; // 0..9999, 1..12, 1..31, 0..23, 0..59, 0..59
    uint32_t nanoseconds;
    unsigned fraction_digits; // as many as were written
    int offset;               // minutes east of UTC
};

// An hour of one digit and a comma before the fraction are good, a lower-case t or z is not. False where
// it is none.
bool rfc3339_parse(str s, struct rfc3339 *ret);

#endif
