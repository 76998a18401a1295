// json_check FILE...: a line for each file, "accepted" or "refused": whether json_parse takes all of it.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/own.h"
#include "doc/json.h"

enum { MOST = 1 << 20 };

int main(int argc, char **argv)
{
    OWN_ARENA struct arena a = {0};
    struct err e = {0};
    if (arena_init(&a, "test", (size_t)1 << 30, &e) != ERR_OK)
        return 2;
    for (int i = 1; i < argc; i++) {
        OWN_FILE FILE *f = fopen(argv[i], "rb");
        char *bytes = arena_alloc(&a, MOST, 1, 1);
        if (!f || !bytes)
            return 2;
        size_t n = fread(bytes, 1, MOST, f);
        struct diags d = {.arena = &a};
        const struct node *root;
        err_code rc = json_parse((str){bytes, n}, 0, (uint32_t)n, &a, &root, &d, &e);
        if ((rc != ERR_OK) != (d.errors != 0))
            return 3; // a refusal without a place, or a place without a refusal
        puts(rc == ERR_OK ? "accepted" : "refused");
        arena_reset(&a);
    }
    return 0;
}
