#include "regex/regex.h"

#include "base/limits.h"
#include "regex/re2.h"

err_code regex_cache_new(size_t keep, struct regex_cache **ret, struct err *e)
{
    struct regex_cache *c = re2_cache_new(keep);
    if (!c)
        return err_set(e, ERR_LIMIT, "out of memory for regular expressions");
    *ret = c;
    return ERR_OK;
}

void regex_cache_free(struct regex_cache *c)
{
    re2_cache_free(c);
}

static err_code get(struct regex_cache *c, str pattern, bool later, const struct regex **ret, struct err *e)
{
    char why[160];
    if (pattern.n > LIMIT_REGEX_PATTERN)
        return err_set(e, ERR_LIMIT, "regular expression of %zu bytes: at most %d", pattern.n,
                       LIMIT_REGEX_PATTERN);
    switch (re2_cache_get(c, pattern.p, pattern.n, LIMIT_REGEX_MEMORY, later, ret, why, sizeof why)) {
    case RE2_OK:
        return ERR_OK;
    case RE2_SYNTAX:
        return err_set(e, ERR_SYNTAX, "error parsing regexp: %s", why);
    case RE2_TOO_LARGE:
        return err_set(e, ERR_LIMIT, "error parsing regexp: %s", why);
    case RE2_NO_MEMORY:
        break;
    }
    return err_set(e, ERR_LIMIT, "out of memory for regular expressions");
}

err_code regex_cache_get(struct regex_cache *c, str pattern, const struct regex **ret, struct err *e)
{
    return get(c, pattern, false, ret, e);
}

err_code regex_cache_get_later(struct regex_cache *c, str pattern, const struct regex **ret, struct err *e)
{
    return get(c, pattern, true, ret, e);
}

bool regex_matches(const struct regex *r, str text)
{
    return re2_find(r, text.p, text.n, 0, NULL, NULL) != 0;
}

bool regex_find(const struct regex *r, str text, size_t from, size_t *ret_start, size_t *ret_end)
{
    return re2_find(r, text.p, text.n, from, ret_start, ret_end) != 0;
}
