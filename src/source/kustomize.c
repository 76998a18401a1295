#include "source/kustomize.h"

#include <stdlib.h>

#include "base/diag.h"
#include "doc/doc.h"
#include "source/files.h"

bool kustomize_is_name(str name)
{
    return str_eq(name, S("kustomization.yaml")) || str_eq(name, S("kustomization.yml")) ||
           str_eq(name, S("Kustomization"));
}

// Each field holds a list of paths, or of maps with a `path`.
static const struct {
    str field;
} patch_fields[] = {
    {{"patches", 7}},      {{"patchesStrategicMerge", 21}}, {{"patchesJson6902", 15}},
    {{"replacements", 12}}, {{"transformers", 12}},          {{"configurations", 14}},
    {{"generators", 10}},   {{"validators", 10}},
};
enum { FIELDS = sizeof patch_fields / sizeof *patch_fields };

static int by_bytes(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

// "./a//b/../c" -> "a/c"; empty for what is not below the directory: kubectl kustomize refuses it.
static err_code plain(str path, struct arena *a, str *ret, struct err *e)
{
    char *at = NULL;
    size_t n = 0;

    *ret = (str){0};
    if (str_starts(path, S("/")))
        return ERR_OK;
    TRY_NEW(at, a, path.n + 1, e);
    while (path.p) {
        str step = str_cut(&path, '/');
        if (str_eq(step, S("..")) && !n)
            return ERR_OK;
        if (str_eq(step, S(".."))) {
            while (n && at[n - 1] != '/')
                n--;
            n -= n ? 1 : 0;
        } else if (step.n && !str_eq(step, S("."))) {
            if (n)
                at[n++] = '/';
            memcpy(at + n, step.p, step.n);
            n += step.n;
        }
    }
    *ret = (str){at, n};
    return ERR_OK;
}

static err_code collect(const struct node *root, struct arena *a, struct kustomize *ret,
                        struct err *e)
{
    uint32_t most = 0;
    for (unsigned f = 0; f < FIELDS; f++) {
        const struct node *list = node_get(root, key_of(patch_fields[f].field));
        most += node_is(list, NODE_LIST) ? list->n : 0;
    }
    str *paths = NULL;
    uint32_t n = 0;
    TRY_NEW(paths, a, most + 1, e);
    for (unsigned f = 0; f < FIELDS; f++) {
        const struct node *list = node_get(root, key_of(patch_fields[f].field));
        for (uint32_t i = 0; node_is(list, NODE_LIST) && i < list->n; i++) {
            const struct node *item = &list->items[i];
            str path = item->kind == NODE_STRING ? node_str(item) : node_get_str(item, KEY("path"));
            TRY(plain(path, a, &paths[n], e));
            n += paths[n].n ? 1 : 0;
        }
    }
    qsort(paths, n, sizeof *paths, by_bytes);
    *ret = (struct kustomize){.found = true, .patches = paths, .n_patches = n};
    return ERR_OK;
}

err_code kustomize_read(str path, struct arena *a, struct kustomize *ret, struct err *e)
{
    struct doc_text text = {0};
    struct doc_splitter s = {.text = &text};
    struct doc_chunk chunk;
    const struct node *root = NULL;
    str bytes = {0};

    if (!path.p || files_read(&(struct files_entry){.name = path}, a, &bytes, NULL) != ERR_OK ||
        doc_text_read(path, bytes, a, &text, NULL, NULL) != ERR_OK || !doc_next(&s, &chunk) ||
        doc_parse(&text, chunk, a, &root, NULL, NULL) != ERR_OK || !node_is(root, NODE_MAP))
        return ERR_OK;
    return collect(root, a, ret, e);
}

bool kustomize_is_patch(const struct kustomize *k, str path)
{
    return k->n_patches && bsearch(&path, k->patches, k->n_patches, sizeof *k->patches, by_bytes);
}
