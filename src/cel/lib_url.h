// lib_url: URLs as Go's net/url reads them.
#ifndef CEL_LIB_URL_H
#define CEL_LIB_URL_H

#include "cel/lib.h"

struct lib_url {
    str scheme, opaque, host;
    str user, password;
    str path, raw_path; // decoded, and as it stood where that says more
    str query, fragment, raw_fragment;
    bool has_user, has_password, force_query, omit_host;
};

// url.ParseRequestURI, or with via_request false url.Parse. False: *ret_why is the error's text
// ("parse \"x\": invalid URI for request"), or empty where the arena is full.
bool cel_lib_url_parse(str s, bool via_request, struct arena *a, struct lib_url *ret, str *ret_why);
void cel_lib_url_escaped_path(struct lib_text *t, const struct lib_url *u);
void cel_lib_url_text(struct lib_text *t, const struct lib_url *u); // URL.String()

// Undoes %XX (and +, in a query). False where the escapes are broken or memory is out.
bool cel_lib_url_unescape_query(str s, struct arena *a, str *ret);

#endif
