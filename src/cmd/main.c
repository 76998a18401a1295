#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/args.h"
#include "cmd/command.h"
#include "cmd/help.h"

int version_command(int argc, char **argv)
{
    (void)argc, (void)argv;
    return printf("casemate %s\n", CASEMATE_VERSION) > 0 && fflush(stdout) == 0 ? 0 : 2;
}

static int no_command(const char *name)
{
    static const char names[] =
#define COMMAND(id, ...) #id " "
#include "cmd/commands.def"
#undef COMMAND
        ;
    unsigned n = 0;
    const char *near = args_nearest(names, name, &n);
    if (!*name)
        (void)help_overview(STDERR_FILENO);
    else if (near)
        fprintf(stderr, "casemate: there is no command '%s': did you mean '%.*s'?\n", name, (int)n, near);
    else
        fprintf(stderr, "casemate: there is no command '%s'; `casemate help` lists them\n", name);
    return 2;
}

int main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN); // a closed pipe is a write error, which is reported as one
    const char *name = argc > 1 ? argv[1] : "";
    if (!strcmp(name, "--help") || !strcmp(name, "-h"))
        name = "help";
    if (!strcmp(name, "--version") || !strcmp(name, "-V"))
        name = "version";
    for (unsigned i = 0; i < ARGS_COMMANDS; i++)
        if (!strcmp(name, args_commands[i].name))
            return args_commands[i].run(argc - 1, argv + 1);
    return no_command(name);
}
