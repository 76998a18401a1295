#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/out.h"
#include "cmd/args.h"
#include "cmd/command.h"

// The scripts ask the program itself nothing: they must work before it is in PATH.

static void bash_options(struct buf *b, unsigned command)
{
    buf_printf(b, "        %s) COMPREPLY=($(compgen -W '", args_commands[command].name);
    for (unsigned i = 0; i < args_options_n; i++)
        if (args_options[i].command == (enum args_command)command)
            buf_printf(b, "--%s ", args_options[i].name);
    buf_put(b, S("--help' -- \"$cur\")) ;;\n"));
}

static bool takes_file(const struct args_option_row *o)
{
    return o->value && (!strcmp(o->value, "FILE") || !strcmp(o->value, "PATH"));
}

// What stands behind an option that takes words, long or short.
static void bash_words(struct buf *b, const struct args_option_row *o)
{
    const char *command = args_commands[o->command].name;
    buf_printf(b, "    '%s --%s'", command, o->name);
    if (o->letter)
        buf_printf(b, "|'%s -%c'", command, o->letter);
    buf_printf(b, ") COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n", o->words);
}

static void bash(struct buf *b)
{
    buf_put(b, S("# bash completion for casemate\n"
                 "_casemate() {\n"
                 "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} cmd=${COMP_WORDS[1]}\n"
                 "    COMPREPLY=()\n"
                 "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                 "        COMPREPLY=($(compgen -W '"));
    for (unsigned i = 0; i < ARGS_COMMANDS; i++)
        buf_printf(b, "%s%s", i ? " " : "", args_commands[i].name);
    buf_put(b, S("' -- \"$cur\"))\n        return\n    fi\n    case \"$cmd $prev\" in\n"));
    for (unsigned i = 0; i < args_options_n; i++)
        if (args_options[i].words)
            bash_words(b, &args_options[i]);
    for (unsigned i = 0; i < ARGS_COMMANDS; i++)
        if (args_commands[i].subcommands)
            buf_printf(b, "    '%s %s') COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n", args_commands[i].name,
                       args_commands[i].name, args_commands[i].subcommands);
    buf_put(b, S("    esac\n    if [[ $cur == -* ]]; then\n        case $cmd in\n"));
    for (unsigned c = 0; c < ARGS_COMMANDS; c++)
        bash_options(b, c);
    buf_put(b, S("        esac\n        return\n    fi\n"
                 "    COMPREPLY=($(compgen -f -- \"$cur\"))\n"
                 "}\n"
                 "complete -o filenames -F _casemate casemate\n"));
}

// zsh: what stands in [...] has no brackets or quotes of its own.
static void put_plain(struct buf *b, const char *s)
{
    for (; *s; s++)
        buf_putc(b, strchr("[]'\"`:\\", *s) ? ' ' : *s);
}

static void zsh(struct buf *b)
{
    buf_put(b, S("#compdef casemate\n_casemate() {\n    local -a commands\n    commands=(\n"));
    for (unsigned i = 0; i < ARGS_COMMANDS; i++) {
        buf_printf(b, "        '%s:", args_commands[i].name);
        put_plain(b, args_commands[i].what);
        buf_put(b, S("'\n"));
    }
    buf_put(b, S("    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n        return\n"
                 "    fi\n    case $words[2] in\n"));
    for (unsigned c = 0; c < ARGS_COMMANDS; c++) {
        buf_printf(b, "    %s)\n        _arguments \\\n", args_commands[c].name);
        for (unsigned i = 0; i < args_options_n; i++) {
            if (args_options[i].command != (enum args_command)c)
                continue;
            if (args_options[i].letter)
                buf_printf(b, "            '*'{-%c,--%s}'[", args_options[i].letter, args_options[i].name);
            else
                buf_printf(b, "            '*--%s[", args_options[i].name);
            put_plain(b, args_options[i].what);
            buf_putc(b, ']');
            if (args_options[i].words)
                buf_printf(b, ":value:(%s)", args_options[i].words);
            else if (takes_file(&args_options[i]))
                buf_put(b, S(":file:_files"));
            else if (args_options[i].value)
                buf_put(b, S(":value: "));
            buf_put(b, S("' \\\n"));
        }
        if (args_commands[c].subcommands)
            buf_printf(b, "            '2:subcommand:(%s)' \\\n", args_commands[c].subcommands);
        buf_put(b, S("            '*:file:_files' ;;\n"));
    }
    buf_put(b, S("    esac\n}\n_casemate \"$@\"\n"));
}

// fish: text in single quotes.
static void put_quoted(struct buf *b, const char *s)
{
    buf_putc(b, '\'');
    for (; *s; s++) {
        if (*s == '\'' || *s == '\\')
            buf_putc(b, '\\');
        buf_putc(b, *s);
    }
    buf_putc(b, '\'');
}

static void fish(struct buf *b)
{
    buf_put(b, S("# fish completion for casemate\n"));
    for (unsigned i = 0; i < ARGS_COMMANDS; i++) {
        buf_printf(b, "complete -c casemate -n __fish_use_subcommand -a %s -d ", args_commands[i].name);
        put_quoted(b, args_commands[i].what);
        buf_putc(b, '\n');
        if (args_commands[i].subcommands)
            buf_printf(b, "complete -c casemate -n '__fish_seen_subcommand_from %s' -a '%s'\n", args_commands[i].name,
                       args_commands[i].subcommands);
    }
    for (unsigned i = 0; i < args_options_n; i++) {
        const struct args_option_row *o = &args_options[i];
        buf_printf(b, "complete -c casemate -n '__fish_seen_subcommand_from %s' -l %s -d ",
                   args_commands[o->command].name, o->name);
        put_quoted(b, o->what);
        if (o->letter)
            buf_printf(b, " -s %c", o->letter);
        if (o->words)
            buf_printf(b, " -x -a '%s'", o->words);
        else if (o->value)
            buf_put(b, takes_file(o) ? S(" -r") : S(" -x"));
        buf_putc(b, '\n');
    }
}

int completion_command(int argc, char **argv)
{
    struct args a;
    struct err e = {0};
    struct out out;
    err_code rc = args_parse(ARGS_completion, argc, argv, args_none, NULL, &a, &e);
    if (rc == ERR_OK && a.help)
        return 0;
    a.n = a.n == 1 ? 1 : 0; // one shell, no more
    if (rc == ERR_OK)
        rc = args_subcommand(ARGS_completion, &a, &e);
    if (rc != ERR_OK)
        return args_fail(rc, &e);
    out_open_fd(&out, STDOUT_FILENO, "standard output");
    if (strcmp(a.rest[0], "bash") == 0)
        bash(&out.b);
    else if (strcmp(a.rest[0], "zsh") == 0)
        zsh(&out.b);
    else
        fish(&out.b);
    rc = out_close(&out, &e);
    return rc == ERR_OK ? 0 : args_fail(rc, &e);
}
