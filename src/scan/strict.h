// strict: one object checked as the API server's strict decoder would, as results of rules.
#ifndef SCAN_STRICT_H
#define SCAN_STRICT_H

#include "scan/rules.h"

enum strict_shape {
    STRICT_NOT_KNOWN,   // no kind of the table, or it was not looked at
    STRICT_DECODABLE,   // no value of a wrong type
    STRICT_UNDECODABLE, // the API server cannot decode the object, so no policy ever sees it there
};

// result->rule is an index into rules->all here. Texts and places are in the arena. ERR_LIMIT where it is full.
err_code strict_check(const struct rules *rules, const struct object *o, struct arena *a,
                      const struct policy_sink *sink, enum strict_shape *ret, struct err *e) MUST_USE;

#endif
