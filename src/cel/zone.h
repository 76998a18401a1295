// zone: IANA time zones, read from the system's tzdata (RFC 8536) without libc's one global zone, so any
// thread may ask for any zone. A process in its jail must have kept /usr/share/zoneinfo readable;
// where it is not there, only UTC and "+hh:mm" are known.
#ifndef CEL_ZONE_H
#define CEL_ZONE_H

#include "base/arena.h"
#include "base/str.h"

#include <stdint.h>

struct zone {
    str name;
    const struct zone *next; // of those one evaluation has read
    bool missing;            // there is no such zone
    uint32_t n_times, n_types;
    const unsigned char *times; // n_times big-endian int64: when an index of `indices` begins
    const unsigned char *indices;
    const unsigned char *types; // n_types of 6 bytes: int32 offset, is_dst, abbreviation
    str rule;                   // POSIX TZ: what is after the last of them; or empty
};

// The zone, read into the arena and put in front of *list unless it is there. NULL where the arena is
// full; look at `missing`.
const struct zone *zone_find(str name, const struct zone **list, struct arena *a);
// Seconds east of UTC at an instant.
int32_t zone_offset(const struct zone *z, int64_t seconds);

// The parts, for tests: a TZif file's bytes, and a POSIX rule.
bool zone_parse(str bytes, struct zone *ret);
bool zone_rule_offset(str rule, int64_t seconds, int32_t *ret);

#endif
