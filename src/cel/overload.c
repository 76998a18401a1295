#include "cel/overload.h"

#define SIMPLE(ident, k) static const struct cel_type ident = {.kind = CEL_##k}
SIMPLE(t_bool, BOOL);
SIMPLE(t_int, INT);
SIMPLE(t_uint, UINT);
SIMPLE(t_double, DOUBLE);
SIMPLE(t_string, STRING);
SIMPLE(t_bytes, BYTES);
SIMPLE(t_timestamp, TIMESTAMP);
SIMPLE(t_duration, DURATION);
SIMPLE(t_dyn, DYN);
SIMPLE(t_quantity, QUANTITY);
SIMPLE(t_ip, IP);
SIMPLE(t_cidr, CIDR);
SIMPLE(t_url, URL);
SIMPLE(t_semver, SEMVER);
SIMPLE(t_format, FORMAT);
SIMPLE(t_authorizer, AUTHORIZER);
SIMPLE(t_path_check, PATH_CHECK);
SIMPLE(t_group_check, GROUP_CHECK);
SIMPLE(t_resource_check, RESOURCE_CHECK);
SIMPLE(t_decision, DECISION);
static const struct cel_type t_a = {.kind = CEL_PARAM, .param = 0, .name = {"A", 1}},
                             t_b = {.kind = CEL_PARAM, .param = 1, .name = {"B", 1}};
#define OF(ident, k, ...) static const struct cel_type ident = {.kind = CEL_##k, .params = {__VA_ARGS__}}
OF(t_list_a, LIST, &t_a);
OF(t_list_dyn, LIST, &t_dyn);
OF(t_list_bool, LIST, &t_bool);
OF(t_list_int, LIST, &t_int);
OF(t_list_uint, LIST, &t_uint);
OF(t_list_double, LIST, &t_double);
OF(t_list_string, LIST, &t_string);
OF(t_list_bytes, LIST, &t_bytes);
OF(t_list_timestamp, LIST, &t_timestamp);
OF(t_list_duration, LIST, &t_duration);
OF(t_list_list_a, LIST, &t_list_a);
OF(t_map_ab, MAP, &t_a, &t_b);
OF(t_map_string_list_string, MAP, &t_string, &t_list_string);
OF(t_optional_a, OPTIONAL, &t_a);
OF(t_optional_b, OPTIONAL, &t_b);
OF(t_optional_list_a, OPTIONAL, &t_list_a);
OF(t_optional_map_ab, OPTIONAL, &t_map_ab);
OF(t_optional_format, OPTIONAL, &t_format);
OF(t_optional_list_string, OPTIONAL, &t_list_string);
OF(t_list_optional_a, LIST, &t_optional_a);
OF(t_type_a, TYPE, &t_a);

// The words of functions.def.
#define BOOL &t_bool
#define INT &t_int
#define UINT &t_uint
#define DOUBLE &t_double
#define STRING &t_string
#define BYTES &t_bytes
#define TIMESTAMP &t_timestamp
#define DURATION &t_duration
#define DYN &t_dyn
#define A &t_a
#define B &t_b
#define QUANTITY &t_quantity
#define IP &t_ip
#define CIDR &t_cidr
#define URL &t_url
#define SEMVER &t_semver
#define FORMAT &t_format
#define AUTHORIZER &t_authorizer
#define PATH_CHECK &t_path_check
#define GROUP_CHECK &t_group_check
#define RESOURCE_CHECK &t_resource_check
#define DECISION &t_decision
#define LIST_A &t_list_a
#define LIST_DYN &t_list_dyn
#define LIST_BOOL &t_list_bool
#define LIST_INT &t_list_int
#define LIST_UINT &t_list_uint
#define LIST_DOUBLE &t_list_double
#define LIST_STRING &t_list_string
#define LIST_BYTES &t_list_bytes
#define LIST_TIMESTAMP &t_list_timestamp
#define LIST_DURATION &t_list_duration
#define LIST_LIST_A &t_list_list_a
#define LIST_OPTIONAL_A &t_list_optional_a
#define MAP_AB &t_map_ab
#define MAP_STRING_LIST_STRING &t_map_string_list_string
#define OPTIONAL_A &t_optional_a
#define OPTIONAL_B &t_optional_b
#define OPTIONAL_LIST_A &t_optional_list_a
#define OPTIONAL_MAP_AB &t_optional_map_ab
#define OPTIONAL_FORMAT &t_optional_format
#define OPTIONAL_LIST_STRING &t_optional_list_string
#define TYPE_A &t_type_a

enum { GLOBAL, MEMBER };
typedef const struct cel_type *type_p;

#define OVERLOAD(id, since_minor, form, ...)                                                       \
    {.types = {__VA_ARGS__},                                                                       \
     .n = sizeof((type_p[]){__VA_ARGS__}) / sizeof(type_p) - 1,                                    \
     .since = since_minor,                                                                         \
     .member = (form) == MEMBER},

static const struct overload function_rows[] = {
#define FUNCTION(...)
#include "cel/functions.def"
#undef FUNCTION
};
static const struct overload operator_rows[] = {
#define OPERATOR(op)
#include "cel/operators.def"
#undef OPERATOR
};
#undef OVERLOAD

// Where each function's rows begin. An enumerator counts the rows before it: FUNCTION's own takes one
// number, and its twin gives that number back.
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
enum function_start {
#define FUNCTION(id, ...) FIRST_##id, BACK_##id = FIRST_##id - 1,
#define OVERLOAD(...) JOIN(ROW_, __LINE__),
#include "cel/functions.def"
#undef FUNCTION
#undef OVERLOAD
};
enum operator_start {
#define OPERATOR(op) FIRST_OP_##op, BACK_OP_##op = FIRST_OP_##op - 1,
#define OVERLOAD(...) JOIN(OP_ROW_, __LINE__),
#include "cel/operators.def"
#undef OPERATOR
#undef OVERLOAD
};

static const uint16_t function_first[CEL_FN_UNBOUND + 1] = {
#define FUNCTION(id, ...) FIRST_##id,
#define OVERLOAD(...)
#include "cel/functions.def"
#undef FUNCTION
#undef OVERLOAD
    sizeof function_rows / sizeof *function_rows,
};

static const struct {
    uint8_t n;
    uint16_t first;
} operators[CEL_OPS] = {
#define OVERLOAD(...) +1
#define OPERATOR(op) }, [CEL_OP_##op] = { .first = FIRST_OP_##op, .n = 0
    [CEL_OP_LITERAL] = { .n = 0
#include "cel/operators.def"
    },
#undef OPERATOR
#undef OVERLOAD
};

struct overloads cel_overloads_of_function(uint32_t fn)
{
    return (struct overloads){function_rows + function_first[fn],
                              (uint32_t)(function_first[fn + 1] - function_first[fn])};
}

struct overloads cel_overloads_of_operator(enum cel_op op)
{
    return (struct overloads){operator_rows + operators[op].first, operators[op].n};
}

uint32_t overload_parameters(const struct cel_type *t)
{
    if (t->kind == CEL_PARAM)
        return t->param + 1;
    uint32_t n = 0;
    for (unsigned i = 0; i < 2 && t->params[i]; i++) {
        uint32_t of = overload_parameters(t->params[i]);
        n = of > n ? of : n;
    }
    return n;
}
