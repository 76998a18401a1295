#include "cmd/help.h"

#include <stdio.h>
#include <unistd.h>

#include "base/flow.h"
#include "base/out.h"
#include "cmd/command.h"
#include "cmd/manual.h"

enum { WIDTH = 96, OPTION_AT = 32 };

void help_put_subcommands(struct buf *b, const struct args_option_row *o)
{
    str rest = str_of(o->subcommands ? o->subcommands : "");
    while (o->subcommands && rest.p) {
        buf_put(b, str_cut(&rest, ' '));
        buf_put(b, rest.p ? S(", ") : S(": "));
    }
}

static void put_option(struct buf *b, const struct args_option_row *o)
{
    size_t before = b->n;
    if (o->letter)
        buf_printf(b, "  -%c, --%s", o->letter, o->name);
    else
        buf_printf(b, "      --%s", o->name);
    if (o->value)
        buf_printf(b, " %s", o->value);
    size_t used = b->n - before;
    if (used >= OPTION_AT) {
        buf_putc(b, '\n');
        used = 0;
    }
    OWN_BUF struct buf what = buf_new(4096);
    help_put_subcommands(&what, o);
    if (o->words) { // "text, json, sarif or junit: report format"
        str rest = str_of(o->words);
        while (rest.p) {
            str word = str_cut(&rest, ' ');
            buf_put(&what, word);
            buf_put(&what, rest.p ? S("|") : S(": "));
        }
    }
    buf_put(&what, str_of(o->what));
    flow_words(b, buf_str(&what), OPTION_AT, used, WIDTH);
}

static void put_help(struct buf *b, enum args_command command)
{
    const struct args_command_row *c = &args_commands[command];
    str usage = str_of(c->usage);
    for (bool first = true; usage.p; first = false) {
        str line = str_cut(&usage, '\n');
        buf_printf(b, "%s%.*s\n", first ? "usage: " : "       ", STR_FMT(line));
    }
    buf_putc(b, '\n');
    flow_words(b, str_of(c->description), 0, 0, WIDTH);
    buf_putc(b, '\n');
    for (unsigned i = 0; i < args_options_n; i++)
        if (args_options[i].command == command)
            put_option(b, &args_options[i]);
    buf_put(b, S("  -h, --help                    this text\n\n"));
    buf_printf(b, "Exit status: %s.\n", c->status);
}

err_code help_print(enum args_command command, struct err *e)
{
    struct out out;
    out_open_fd(&out, STDOUT_FILENO, "standard output");
    put_help(&out.b, command);
    return out_close(&out, e);
}

static void put_overview(struct buf *b)
{
    buf_put(b, S("Casemate turns the NSA/CISA Kubernetes Hardening Guidance into a running system.\n\n"
                 "usage: casemate COMMAND [OPTIONS] [ARGUMENTS]\n\n"));
    for (unsigned i = 0; i < ARGS_COMMANDS; i++)
        buf_printf(b, "  %-12s%s\n", args_commands[i].name, args_commands[i].what);
    buf_put(b, S("\n`casemate COMMAND --help` tells more. Exit status: 0 nothing found, 1 findings,\n"
                 "2 usage, input or I/O error.\n"));
}

int help_overview(int fd)
{
    struct out out;
    out_open_fd(&out, fd, "the terminal");
    put_overview(&out.b);
    return out_close(&out, NULL) == ERR_OK ? 0 : 2;
}

static err_code set_option(void *ctx, enum args_id id, const char *value, struct err *e)
{
    (void)value, (void)e;
    *(bool *)ctx |= id == ARG_help_MAN;
    return ERR_OK;
}

int help_command(int argc, char **argv)
{
    bool man = false;
    struct args a;
    struct err e = {0};
    err_code rc = args_parse(ARGS_help, argc, argv, set_option, &man, &a, &e);
    if (rc == ERR_OK && man) {
        struct out out;
        out_open_fd(&out, STDOUT_FILENO, "standard output");
        manual_put(&out.b);
        rc = out_close(&out, &e);
    } else if (rc == ERR_OK && !a.help && a.n == 0) {
        return help_overview(STDOUT_FILENO);
    } else if (rc == ERR_OK && !a.help) {
        enum args_command command;
        rc = args_find(a.rest[0], &command, &e);
        if (rc == ERR_OK)
            rc = help_print(command, &e);
    }
    return rc == ERR_OK ? 0 : args_fail(rc, &e);
}
