// tree_test: a tree from a text of JSON, for tests of what reads trees. Only *_test.c files include this.
#ifndef DOC_TREE_TEST_H
#define DOC_TREE_TEST_H

#include "base/test.h"
#include "doc/json.h"

static inline const struct node *tree_of(struct arena *a, const char *json)
{
    const struct node *root = NULL;
    struct err e = {0};
    str text = str_of(json);
    assert_int_equal(json_parse(text, 0, (uint32_t)text.n, a, &root, NULL, &e), ERR_OK);
    return root;
}

#endif
