// read_events FILE: libyaml's bare event loop over a file's documents, split as Casemate splits them: what
// `casemate read -q` is measured against.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static long events(const char *p, size_t n)
{
    yaml_parser_t parser;
    yaml_event_t event;
    long seen = 0;
    if (!yaml_parser_initialize(&parser))
        exit(2);
    yaml_parser_set_input_string(&parser, (const unsigned char *)p, n);
    for (int type = YAML_NO_EVENT; type != YAML_STREAM_END_EVENT && yaml_parser_parse(&parser, &event); seen++) {
        type = event.type;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return seen;
}

int main(int argc, char **argv)
{
    FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!f || fseek(f, 0, SEEK_END) != 0)
        return 2;
    long size = ftell(f), seen = 0;
    rewind(f);
    char *text = malloc((size_t)size + 1), *end = text + size;
    if (size < 0 || !text || fread(text, 1, (size_t)size, f) != (size_t)size)
        return 2;
    for (char *p = text, *next; p < end; p = next) {
        char *mark = memmem(p, (size_t)(end - p), "\n---\n", 5);
        next = mark ? mark + 5 : end;
        seen += events(p, (size_t)((mark ? mark + 1 : end) - p));
    }
    printf("%ld events\n", seen);
    free(text);
    return fclose(f) != 0;
}
