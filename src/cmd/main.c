#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cel.h"
#include "cmd/completion.h"
#include "cmd/policy.h"
#include "cmd/read.h"
#include "cmd/scan.h"

static int version_command(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("casemate %s\n", CASEMATE_VERSION);
    return 0;
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *what;
} commands[] = {
#define COMMAND(name, function, what) {name, function, what},
#include "cmd/commands.def"
#undef COMMAND
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void usage(FILE *to)
{
    fputs("Casemate turns the NSA/CISA Kubernetes Hardening Guidance into a running system.\n\n"
          "usage: casemate COMMAND [OPTIONS] [ARGUMENTS]\n\n",
          to);
    for (unsigned i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-12s%s\n", commands[i].name, commands[i].what);
    fputs("\n`casemate COMMAND --help` tells more. Exit status: 0 nothing found, 1 findings,\n"
          "2 usage, input or I/O error.\n",
          to);
}

int main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN); // a closed pipe is a write error, which is reported as one
    const char *name = argc > 1 ? argv[1] : "";
    if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
        usage(stdout);
        return fflush(stdout) == 0 ? 0 : 2;
    }
    if (!strcmp(name, "--version"))
        name = "version";
    for (unsigned i = 0; i < COMMANDS; i++)
        if (!strcmp(name, commands[i].name))
            return commands[i].run(argc - 1, argv + 1);
    if (*name)
        fprintf(stderr, "casemate: there is no command '%s'\n\n", name);
    usage(stderr);
    return 2;
}
