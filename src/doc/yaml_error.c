#include "doc/yaml_error_priv.h"

#include <stdio.h>

#include "base/diag.h"
#include "base/utf8.h"

static str line_of(str text, uint32_t at)
{
    size_t from = at, to = at;
    while (from > 0 && text.p[from - 1] != '\n')
        from--;
    while (to < text.n && text.p[to] != '\n')
        to++;
    return (str){text.p + from, to - from};
}

static str hint_for(const char *problem, str text, uint32_t at)
{
    char c = at < text.n ? text.p[at] : 0;
    str line = line_of(text, at);
    if (str_find(line, S("{{")) != SIZE_MAX || str_find(line, S("{%")) != SIZE_MAX)
        return S("This looks like a template. Render it first (helm template, for one) and read the result.");
    if (strstr(problem, "cannot start any token") || strstr(problem, "tab character"))
        return c == '\t' ? S("YAML is indented by blanks, never by tabs.")
                         : S("A value that begins with such a character must be quoted.");
    if (strstr(problem, "mapping values are not allowed"))
        return S("Quote a value that has ': ' in it; otherwise look at the indentation.");
    if (strstr(problem, "did not find expected key") || strstr(problem, "block sequence entries") ||
        strstr(problem, "expected '-' indicator"))
        return S("Look at the indentation of this line and of those before it.");
    if (strstr(problem, "could not find expected ':'"))
        return S("A colon is missing, or a quote or a block of text before it does not end where it should.");
    if (strstr(problem, "unexpected end of stream") || strstr(problem, "unexpected document indicator"))
        return S("A quote that was opened is not closed.");
    if (strstr(problem, "expected ',' or"))
        return S("A comma is missing, or a bracket that was opened is not closed.");
    if (strstr(problem, "control characters"))
        return S("Write it as an escape (\"\\x07\") in double quotes, or remove it.");
    if (strstr(problem, "unknown escape"))
        return S("In double quotes a backslash itself is written \\\\; single quotes take it as it is.");
    return (str){0};
}

struct yaml_error yaml_error_read(const yaml_parser_t *p, struct yaml_marks *marks)
{
    struct yaml_error e = {.message = p->problem ? p->problem : "this is no YAML"};
    str text = marks->text;
    if (p->error == YAML_MEMORY_ERROR) {
        e.message = "out of memory";
        e.start = e.end = marks->base;
        return e;
    }
    if (p->error == YAML_READER_ERROR) { // counts bytes, from the chunk's first
        size_t at = (size_t)(marks->start) + p->problem_offset;
        e.start = at < marks->end ? (uint32_t)at : marks->end;
    } else {
        e.start = yaml_marks_byte(marks, p->problem_mark.index);
    }
    e.end = e.start < marks->end ? e.start + 1 : e.start;
    while (e.end < marks->end && utf8_tail(text.p[e.end]))
        e.end++;
    if (p->context && p->error != YAML_READER_ERROR) {
        uint32_t where = yaml_marks_byte(marks, p->context_mark.index);
        struct diag_position from = diag_locate(text, where), here = diag_locate(text, e.start);
        if (from.line == here.line)
            (void)snprintf(e.context, sizeof e.context, ", %s", p->context);
        else
            (void)snprintf(e.context, sizeof e.context, ", %s that begins in line %u", p->context, from.line);
    }
    e.hint = hint_for(e.message, text, e.start);
    return e;
}
