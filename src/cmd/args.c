#include "cmd/args.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/edits.h"
#include "cmd/command.h"
#include "cmd/help.h"

const struct args_command_row args_commands[ARGS_COMMANDS] = {
#define COMMAND(id, what, subcommands, usage, description, status)                                 \
    {#id, what, subcommands, usage, description, status, id##_command},
#include "cmd/commands.def"
#undef COMMAND
};

const struct args_option_row args_options[] = {
#define OPTION(...) OPTION_OF(NULL, __VA_ARGS__)
#define OPTION_OF(subcommands, command, id, letter, name, value, words, what)                      \
    {ARGS_##command, ARG_##command##_##id, letter, name, value, words, what, subcommands},
#include "cmd/options.def"
#undef OPTION
};
const unsigned args_options_n = sizeof args_options / sizeof *args_options;
_Static_assert(sizeof args_options / sizeof *args_options <= 64, "args.given has a bit for each");

enum { MOST_OPTIONS = 48, FIRST_LONG = 256, NEAR = 3 };

const char *args_nearest(const char *words, str t, unsigned *ret_n)
{
    str rest = str_of(words), best = {NULL, 0};
    unsigned least = NEAR;
    while (rest.p) {
        str word = str_cut(&rest, ' ');
        unsigned d = edits_between(word, t);
        bool begins = t.n >= 3 && str_starts(word, t);
        if (word.n && (d < least || (begins && least == NEAR)) && d < word.n) {
            least = d < least ? d : least;
            best = word;
        }
    }
    *ret_n = (unsigned)best.n;
    return best.p;
}

static bool is_word(const char *words, const char *value)
{
    str rest = str_of(words);
    while (rest.p)
        if (str_eq(str_cut(&rest, ' '), str_of(value)))
            return true;
    return false;
}

// "a, b or c"
static const char *listed(const char *words, char *room, size_t n)
{
    size_t at = 0;
    str rest = str_of(words);
    while (rest.p && at < n) {
        str word = str_cut(&rest, ' ');
        const char *before = at == 0 ? "" : rest.p ? ", " : " or ";
        int w = snprintf(room + at, n - at, "%s%.*s", before, STR_FMT(word));
        at += w > 0 ? (size_t)w : 0;
    }
    return room;
}

static err_code check_value(const struct args_option_row *o, const char *value, struct err *e)
{
    char room[160];
    unsigned n = 0;
    if (!o->words || is_word(o->words, value))
        return ERR_OK;
    const char *near = args_nearest(o->words, str_of(value), &n);
    if (near)
        return err_set(e, ERR_USAGE, "--%s takes %s, not '%s': did you mean '%.*s'?", o->name,
                       listed(o->words, room, sizeof room), value, (int)n, near);
    return err_set(e, ERR_USAGE, "--%s takes %s, not '%s'", o->name, listed(o->words, room, sizeof room), value);
}

// getopt's tables for one command.
struct tables {
    struct option longs[MOST_OPTIONS + 2];
    char shorts[2 * MOST_OPTIONS + 4];
    char names[MOST_OPTIONS * 24]; // of the long ones, for what was perhaps meant
    const struct args_option_row *rows[MOST_OPTIONS];
    unsigned n;
};

static void build(struct tables *t, enum args_command command)
{
    str shorts = {t->shorts, 0};
    size_t named = 0;
    t->shorts[shorts.n++] = ':';
    t->shorts[shorts.n++] = 'h';
    for (unsigned i = 0; i < args_options_n && t->n < MOST_OPTIONS; i++) {
        const struct args_option_row *o = &args_options[i];
        if (o->command != command)
            continue;
        t->longs[t->n] = (struct option){o->name, o->value ? required_argument : no_argument, NULL, FIRST_LONG + (int)t->n};
        t->rows[t->n++] = o;
        if (o->letter)
            t->shorts[shorts.n++] = (char)o->letter;
        if (o->letter && o->value)
            t->shorts[shorts.n++] = ':';
        int w = snprintf(t->names + named, sizeof t->names - named, "%s ", o->name);
        named += w > 0 ? (size_t)w : 0;
    }
    t->longs[t->n] = (struct option){"help", no_argument, NULL, 'h'};
}

static const struct args_option_row *find(const struct tables *t, int c)
{
    for (unsigned i = 0; i < t->n; i++)
        if (c == FIRST_LONG + (int)i || (c == t->rows[i]->letter && c))
            return t->rows[i];
    return NULL;
}

static err_code refuse(const struct tables *t, enum args_command command, int c, char **argv, struct err *e)
{
    unsigned n = 0;
    const char *typed = argv[optind - 1], *name = args_commands[command].name;
    str option = str_of(typed); // without what stands behind its =
    option = str_cut(&option, '=');
    if (c == ':')
        return err_set(e, ERR_USAGE, "'%s' needs a value; `casemate %s --help` lists the options", typed, name);
    if (optopt >= FIRST_LONG || optopt == 'h') // -h itself is never wrong
        return err_set(e, ERR_USAGE, "'%.*s' takes no value", STR_FMT(option));
    if (optopt && (optopt <= ' ' || optopt > '~')) // a byte of a letter beyond ASCII
        return err_set(e, ERR_USAGE, "options of one letter are of ASCII; `casemate %s --help` lists the options", name);
    if (optopt)
        return err_set(e, ERR_USAGE, "there is no option '-%c'; `casemate %s --help` lists the options", optopt, name);
    const char *near = args_nearest(t->names, str_skip(option, 2), &n);
    if (near)
        return err_set(e, ERR_USAGE, "there is no option '%.*s': did you mean '--%.*s'?", STR_FMT(option), (int)n, near);
    return err_set(e, ERR_USAGE, "there is no option '%.*s'; `casemate %s --help` lists the options", STR_FMT(option), name);
}

err_code args_parse(enum args_command command, int argc, char **argv,
                    err_code (*set)(void *ctx, enum args_id id, const char *value, struct err *e),
                    void *ctx, struct args *ret, struct err *e)
{
    struct tables t = {0};
    build(&t, command);
    opterr = 0;
    optind = 1;
    *ret = (struct args){0};
    for (int c; (c = getopt_long(argc, argv, t.shorts, t.longs, NULL)) != -1;) {
        const struct args_option_row *o = find(&t, c);
        if (c == 'h') {
            ret->help = true;
            return help_print(command, e);
        }
        if (!o)
            return refuse(&t, command, c, argv, e);
        ret->given |= (uint64_t)1 << (o - args_options);
        const char *value = o->value ? optarg : NULL;
        if (value)
            TRY(check_value(o, value, e));
        TRY(set(ctx, o->id, value, e));
    }
    ret->rest = argv + optind;
    ret->n = (unsigned)(argc - optind);
    return ERR_OK;
}

err_code args_find(const char *name, enum args_command *ret, struct err *e)
{
    static const char names[] =
#define COMMAND(id, ...) #id " "
#include "cmd/commands.def"
#undef COMMAND
        ;
    for (unsigned i = 0; i < ARGS_COMMANDS; i++)
        if (!strcmp(name, args_commands[i].name)) {
            *ret = (enum args_command)i;
            return ERR_OK;
        }
    unsigned n = 0;
    const char *near = args_nearest(names, str_of(name), &n);
    if (near)
        return err_set(e, ERR_USAGE, "there is no command '%s': did you mean '%.*s'?", name, (int)n, near);
    return err_set(e, ERR_USAGE, "there is no command '%s'; `casemate help` lists them", name);
}

err_code args_none(void *ctx, enum args_id id, const char *value, struct err *e)
{
    (void)ctx, (void)value;
    return err_set(e, ERR_INTERNAL, "option %d is not handled", (int)id);
}

// An option that was given, and that the subcommand has no use for.
static err_code check_given(const struct args_command_row *c, const struct args *a, struct err *e)
{
    char room[160];
    for (unsigned i = 0; i < args_options_n; i++) {
        const struct args_option_row *o = &args_options[i];
        if ((a->given >> i & 1) && o->subcommands && !is_word(o->subcommands, a->rest[0]))
            return err_set(e, ERR_USAGE, "%s %s takes no --%s: that is for %s", c->name, a->rest[0], o->name,
                           listed(o->subcommands, room, sizeof room));
    }
    return ERR_OK;
}

err_code args_subcommand(enum args_command command, const struct args *a, struct err *e)
{
    char room[160];
    unsigned n = 0;
    const struct args_command_row *c = &args_commands[command];
    const char *word = a->n ? a->rest[0] : NULL;
    if (word && is_word(c->subcommands, word))
        return check_given(c, a, e);
    listed(c->subcommands, room, sizeof room);
    if (!word)
        return err_set(e, ERR_USAGE, "%s what? It takes %s", c->name, room);
    const char *near = args_nearest(c->subcommands, str_of(word), &n);
    if (near)
        return err_set(e, ERR_USAGE, "there is no '%s %s': did you mean '%.*s'?", c->name, word, (int)n, near);
    return err_set(e, ERR_USAGE, "there is no '%s %s': it takes %s", c->name, word, room);
}

int args_fail(err_code rc, const struct err *e)
{
    if (e->sys != EPIPE)
        fprintf(stderr, "casemate: %s\n", e->msg);
    return err_exit_status(rc);
}
