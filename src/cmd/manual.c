#include "cmd/manual.h"

#include "cmd/args.h"
#include "cmd/help.h"

// roff: a leading dot or quote, backslashes and dashes mean themselves.
static void put_roff(struct buf *b, str s)
{
    if (s.n && (s.p[0] == '.' || s.p[0] == '\''))
        buf_put(b, S("\\&"));
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\')
            buf_put(b, S("\\e"));
        else if (s.p[i] == '-')
            buf_put(b, S("\\-"));
        else
            buf_putc(b, s.p[i]);
    }
}

static void put_line(struct buf *b, const char *s)
{
    put_roff(b, str_of(s));
    buf_putc(b, '\n');
}

static void put_manual_option(struct buf *b, const struct args_option_row *o)
{
    buf_put(b, S(".TP\n\\fB"));
    if (o->letter)
        buf_printf(b, "\\-%c\\fR, \\fB", o->letter);
    buf_put(b, S("\\-\\-"));
    put_roff(b, str_of(o->name));
    buf_put(b, S("\\fR"));
    if (o->value)
        buf_printf(b, " \\fI%s\\fR", o->value);
    buf_putc(b, '\n');
    if (o->words) {
        str rest = str_of(o->words);
        while (rest.p) {
            str word = str_cut(&rest, ' ');
            buf_printf(b, "\\fB%.*s\\fR%s", STR_FMT(word), rest.p ? ", " : ": ");
        }
    }
    help_put_subcommands(b, o);
    put_line(b, o->what);
}

void manual_put(struct buf *b)
{
    buf_put(b, S(".TH CASEMATE 1 \"\" \"casemate " CASEMATE_VERSION "\" \"User Commands\"\n.SH NAME\ncasemate \\- Kubernetes hardening: "
                 "scan, explain, prove\n.SH SYNOPSIS\n"));
    for (unsigned i = 0; i < ARGS_COMMANDS; i++) {
        str usage = str_of(args_commands[i].usage);
        while (usage.p) {
            put_roff(b, str_cut(&usage, '\n'));
            buf_put(b, S("\n.br\n"));
        }
    }
    buf_put(b, S(".SH DESCRIPTION\nCasemate turns the NSA/CISA Kubernetes Hardening Guidance into a running system.\n"));
    for (unsigned i = 0; i < ARGS_COMMANDS; i++) {
        buf_printf(b, ".SH CASEMATE %s\n", args_commands[i].name);
        put_line(b, args_commands[i].description);
        for (unsigned k = 0; k < args_options_n; k++)
            if (args_options[k].command == (enum args_command)i)
                put_manual_option(b, &args_options[k]);
        buf_put(b, S(".PP\nExit status: "));
        put_roff(b, str_of(args_commands[i].status));
        buf_put(b, S(".\n"));
    }
    buf_put(b, S(".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nno colour, whatever it holds\n"
                 ".SH EXAMPLES\n.nf\nhelm template ./chart | casemate scan \\-\n"
                 "casemate scan \\-f sarif \\-o out.sarif \\-f text deploy/\n"
                 "casemate scan \\-\\-pss baseline \\-\\-kubernetes\\-version 1.31 \\-\\-severity high deploy/\n"
                 "casemate cel \\(aqobject.spec.replicas > 2\\(aq \\-f deployment.yaml\n.fi\n"));
}
