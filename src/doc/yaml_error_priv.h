// yaml_error_priv: what libyaml says is wrong, for a person, and where.
#ifndef DOC_YAML_ERROR_PRIV_H
#define DOC_YAML_ERROR_PRIV_H

#include <yaml.h>

#include "doc/yaml_marks_priv.h"

struct yaml_error {
    uint32_t start, end; // bytes of the text
    const char *message;
    char context[96]; // to be put behind the message; perhaps empty
    str hint;
};
struct yaml_error yaml_error_read(const yaml_parser_t *p, struct yaml_marks *marks);

#endif
