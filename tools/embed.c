// embed: data files as a C table of struct builtin: each as it stands, and as one line of JSON, which is read ten times as fast
// when the program starts.
//
//     embed builtin_policies policies/GROUP/NAME/policy.yaml... > policies.c
#include <stdio.h>

#include "base/limits.h"
#include "doc/doc.h"
#include "doc/write.h"

static void put_bytes(struct buf *out, const char *letter, unsigned i, str s)
{
    buf_printf(out, "static const unsigned char %s%u[] = {", letter, i);
    for (size_t k = 0; k < s.n; k++) {
        buf_put_u64(out, (unsigned char)s.p[k]);
        buf_putc(out, ',');
    }
    buf_put(out, S("0};\n"));
}

static err_code read_file(const char *path, struct buf *ret, struct err *e)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return err_set(e, ERR_IO, "cannot open '%s'", path);
    for (char *at; (at = buf_reserve(ret, 1 << 16)) != NULL;) {
        size_t n = fread(at, 1, 1 << 16, f);
        if (n == 0)
            break;
        ret->n += n;
    }
    bool bad = ferror(f) || ret->failed;
    (void)fclose(f);
    return bad ? err_set(e, ERR_IO, "cannot read '%s'", path) : ERR_OK;
}

// Of the first document.
static err_code put_json(struct buf *out, const char *path, str text, struct arena *a, struct err *e)
{
    struct doc_text t = {0};
    struct doc_chunk chunk = {0};
    const struct node *root = NULL;
    TRY(doc_text_read(str_of(path), text, a, &t, NULL, e));
    struct doc_splitter s = {.text = &t};
    if (!doc_next(&s, &chunk))
        return err_set(e, ERR_SYNTAX, "'%s' holds nothing", path);
    TRY(doc_parse(&t, chunk, a, &root, NULL, e));
    write_json(out, root);
    return out->failed ? err_set(e, ERR_LIMIT, "'%s' is too large", path) : ERR_OK;
}

static err_code put_file(struct buf *out, const char *path, unsigned i, struct err *e)
{
    OWN_ARENA struct arena a = {0};
    OWN_BUF struct buf text = buf_new(1 << 24), json = buf_new(1 << 24);
    TRY(arena_init(&a, "policy", LIMIT_DOC_ARENA, e));
    TRY(read_file(path, &text, e));
    TRY(put_json(&json, path, buf_str(&text), &a, e));
    put_bytes(out, "y", i, buf_str(&text));
    put_bytes(out, "j", i, buf_str(&json));
    return ERR_OK;
}

int main(int argc, char **argv)
{
    OWN_BUF struct buf out = buf_new((size_t)1 << 30);
    struct err e = {0};
    if (argc < 2) {
        fputs("usage: embed TABLE FILE...\n", stderr);
        return 2;
    }
    buf_put(&out, S("// Made by tools/embed.c: do not edit.\n#include \"cmd/builtin.h\"\n\n"));
    for (int i = 2; i < argc; i++) {
        if (put_file(&out, argv[i], (unsigned)i, &e) != ERR_OK) {
            fprintf(stderr, "embed: %s: %s\n", argv[i], e.msg);
            return 1;
        }
    }
    buf_printf(&out, "\nconst struct builtin %s[] = {\n", argv[1]);
    for (int i = 2; i < argc; i++)
        buf_printf(&out, "    {\"%s\", y%d, sizeof y%d - 1, j%d, sizeof j%d - 1},\n", argv[i], i, i, i, i);
    buf_printf(&out, "    {0},\n};\nconst unsigned %s_n = %d;\n", argv[1], argc - 2);
    return fwrite(out.p, 1, out.n, stdout) == out.n && fflush(stdout) == 0 && !out.failed ? 0 : 1;
}
