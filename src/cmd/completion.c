#include "cmd/completion.h"

#include <stdio.h>
#include <string.h>

// The scripts ask the program itself nothing: they must work before it is in PATH.
static const char *const names[] = {
#define COMMAND(name, function, what) name,
#include "cmd/commands.def"
#undef COMMAND
};
static const char *const descriptions[] = {
#define COMMAND(name, function, what) what,
#include "cmd/commands.def"
#undef COMMAND
};
enum { COMMANDS = sizeof names / sizeof *names };

// OPTION(command, long name, argument words or NULL for none, "" for a file, what it does)
static const struct {
    const char *command, *name, *words, *what;
} options[] = {
#define OPTION(command, name, words, what) {command, name, words, what},
#include "cmd/options.def"
#undef OPTION
};
enum { OPTIONS = sizeof options / sizeof *options };

static void bash(void)
{
    fputs("# bash completion for casemate\n"
          "_casemate() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} cmd=${COMP_WORDS[1]}\n"
          "    COMPREPLY=()\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "        COMPREPLY=($(compgen -W '",
          stdout);
    for (unsigned i = 0; i < COMMANDS; i++)
        printf("%s%s", i ? " " : "", names[i]);
    fputs("' -- \"$cur\"))\n        return\n    fi\n    case \"$cmd $prev\" in\n", stdout);
    for (unsigned i = 0; i < OPTIONS; i++)
        if (options[i].words && *options[i].words)
            printf("    '%s %s') COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n",
                   options[i].command, options[i].name, options[i].words);
    fputs("    esac\n    if [[ $cur == -* ]]; then\n        case $cmd in\n", stdout);
    for (unsigned c = 0; c < COMMANDS; c++) {
        printf("        %s) COMPREPLY=($(compgen -W '", names[c]);
        for (unsigned i = 0; i < OPTIONS; i++)
            if (!strcmp(options[i].command, names[c]))
                printf("%s ", options[i].name);
        fputs("--help' -- \"$cur\")) ;;\n", stdout);
    }
    fputs("        esac\n        return\n    fi\n"
          "    COMPREPLY=($(compgen -f -- \"$cur\"))\n"
          "}\n"
          "complete -o filenames -F _casemate casemate\n",
          stdout);
}

static void zsh(void)
{
    fputs("#compdef casemate\n_casemate() {\n    local -a commands\n    commands=(\n", stdout);
    for (unsigned i = 0; i < COMMANDS; i++)
        printf("        '%s:%s'\n", names[i], descriptions[i]);
    fputs("    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n        return\n"
          "    fi\n    case $words[2] in\n",
          stdout);
    for (unsigned c = 0; c < COMMANDS; c++) {
        printf("    %s)\n        _arguments \\\n", names[c]);
        for (unsigned i = 0; i < OPTIONS; i++) {
            if (strcmp(options[i].command, names[c]) != 0)
                continue;
            printf("            '*%s[%s]", options[i].name, options[i].what);
            if (options[i].words && *options[i].words)
                printf(":value:(%s)", options[i].words);
            else if (options[i].words)
                fputs(":file:_files", stdout);
            fputs("' \\\n", stdout);
        }
        fputs("            '*:file:_files' ;;\n", stdout);
    }
    fputs("    esac\n}\n_casemate \"$@\"\n", stdout);
}

static void fish(void)
{
    fputs("# fish completion for casemate\n", stdout);
    for (unsigned i = 0; i < COMMANDS; i++)
        printf("complete -c casemate -n __fish_use_subcommand -a %s -d '%s'\n", names[i],
               descriptions[i]);
    for (unsigned i = 0; i < OPTIONS; i++) {
        printf("complete -c casemate -n '__fish_seen_subcommand_from %s' -l %s -d '%s'",
               options[i].command, options[i].name + 2, options[i].what);
        if (options[i].words && *options[i].words)
            printf(" -x -a '%s'", options[i].words);
        else if (options[i].words)
            fputs(" -r", stdout);
        fputc('\n', stdout);
    }
}

int completion_command(int argc, char **argv)
{
    const char *shell = argc == 2 ? argv[1] : "";
    if (!strcmp(shell, "bash")) {
        bash();
    } else if (!strcmp(shell, "zsh")) {
        zsh();
    } else if (!strcmp(shell, "fish")) {
        fish();
    } else if (!strcmp(shell, "--help") || !strcmp(shell, "-h")) {
        fputs("usage: casemate completion bash|zsh|fish\n", stdout);
    } else {
        fputs("casemate: usage: casemate completion bash|zsh|fish\n", stderr);
        return 2;
    }
    return fflush(stdout) == 0 ? 0 : 2;
}
