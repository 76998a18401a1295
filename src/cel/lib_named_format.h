// lib_named_format: what others ask of a value of kind FORMAT.
#ifndef CEL_LIB_NAMED_FORMAT_H
#define CEL_LIB_NAMED_FORMAT_H

#include "cel/lib.h"

str lib_named_format_name(struct value v);
uint64_t lib_named_format_size(struct value v); // MaxRegexSize

#endif
