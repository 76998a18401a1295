// value_test: a value as rows of tests have it: as cel_value_print prints it, an error as !message. Only *_test.c files include this.
#ifndef CEL_VALUE_TEST_H
#define CEL_VALUE_TEST_H

#include "base/test.h"
#include "cel/cel.h"

static inline void assert_value(const char *expression, struct value v, const char *wanted)
{
    OWN_BUF struct buf out = buf_new(1 << 16);
    if (v.kind == CEL_ERROR) {
        buf_putc(&out, '!');
        buf_put(&out, v.error->message);
    } else {
        cel_value_print(&out, v);
    }
    if (!str_eq(buf_str(&out), str_of(wanted)))
        fail_msg("%s: %.*s, wanted %s", expression, STR_FMT(buf_str(&out)), wanted);
}

#endif
