#include "kube/labels.h"

enum { LABEL = 63, SUBDOMAIN = 253 };

static bool is_lower(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

// [A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?
static bool is_name(str s)
{
    if (s.n == 0 || !is_alnum(s.p[0]) || !is_alnum(s.p[s.n - 1]))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_' && s.p[i] != '.')
            return false;
    return true;
}

// [a-z0-9]([-a-z0-9]*[a-z0-9])?
static bool is_dns_label(str s)
{
    if (s.n == 0 || !is_lower(s.p[0]) || !is_lower(s.p[s.n - 1]))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!is_lower(s.p[i]) && s.p[i] != '-')
            return false;
    return true;
}

const char *labels_check_subdomain(str s)
{
    if (s.n > SUBDOMAIN)
        return "must be no more than 253 bytes";
    bool good = true;
    str rest = s;
    do {
        good &= is_dns_label(str_cut(&rest, '.'));
    } while (rest.p);
    return good ? NULL
                : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
                  "characters, '-' or '.', and must start and end with an alphanumeric character";
}

const char *labels_check_dns1035(str s)
{
    if (s.n > LABEL)
        return "must be no more than 63 bytes";
    if (is_dns_label(s) && s.p[0] >= 'a')
        return NULL;
    return "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with "
           "an alphabetic character, and end with an alphanumeric character";
}

const char *labels_check_path_segment(str s)
{
    if (str_eq(s, S(".")))
        return "may not be '.'";
    if (str_eq(s, S("..")))
        return "may not be '..'";
    if (s.n && memchr(s.p, '/', s.n))
        return "may not contain '/'";
    if (s.n && memchr(s.p, '%', s.n))
        return "may not contain '%'";
    return NULL;
}

static const char *check_key(str s, bool any_case)
{
    str name = s, prefix = str_cut(&name, '/');
    if (!name.p) {
        name = prefix;
    } else {
        char lower[SUBDOMAIN];
        if (prefix.n == 0)
            return "prefix part must be non-empty";
        if (prefix.n > SUBDOMAIN)
            return "prefix part must be no more than 253 bytes";
        for (size_t i = 0; i < prefix.n; i++) {
            char c = prefix.p[i];
            lower[i] = any_case && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        }
        if (labels_check_subdomain((str){lower, prefix.n}))
            return "prefix part must be a lowercase RFC 1123 subdomain, as in 'example.com/MyName'";
    }
    if (name.n == 0)
        return "name part must be non-empty";
    if (name.n > LABEL)
        return "name part must be no more than 63 bytes";
    if (!is_name(name))
        return "name part must consist of alphanumeric characters, '-', '_' or '.', and must start "
               "and end with an alphanumeric character";
    return NULL;
}

const char *labels_check_key(str s)
{
    return check_key(s, false);
}

const char *labels_check_annotation(str s)
{
    return check_key(s, true);
}

const char *labels_check_value(str s)
{
    if (s.n > LABEL)
        return "must be no more than 63 bytes";
    if (s.n == 0 || is_name(s))
        return NULL;
    return "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
           "'.', and must start and end with an alphanumeric character";
}
