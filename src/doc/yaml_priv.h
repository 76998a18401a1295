// yaml_priv: one YAML document, read as kubectl reads it.
#ifndef DOC_YAML_PRIV_H
#define DOC_YAML_PRIV_H

#include "doc/doc.h"

// The first document of the chunk; a null node for a chunk without one.
err_code yaml_parse(const struct doc_text *text, struct doc_chunk chunk, struct arena *a,
                    const struct node **ret_root, struct diags *d, struct err *e) MUST_USE;

#endif
