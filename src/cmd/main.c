#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/args.h"
#include "cmd/command.h"
#include "cmd/help.h"

int version_command(int argc, char **argv)
{
    struct args a;
    struct err e = {0};
    err_code rc = args_parse(ARGS_version, argc, argv, args_none, NULL, &a, &e);
    if (rc == ERR_OK && !a.help && a.n)
        rc = err_set(&e, ERR_USAGE, "version takes no '%s'", a.rest[0]);
    if (rc != ERR_OK)
        return args_fail(rc, &e);
    if (a.help)
        return 0;
    return printf("casemate %s\n", CASEMATE_VERSION) > 0 && fflush(stdout) == 0 ? 0 : 2;
}

int main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN); // a closed pipe is a write error, which is reported as one
    const char *name = argc > 1 ? argv[1] : "";
    if (!strcmp(name, "--help") || !strcmp(name, "-h"))
        name = "help";
    if (!strcmp(name, "--version") || !strcmp(name, "-V"))
        name = "version";
    if (!*name) {
        (void)help_overview(STDERR_FILENO);
        return 2;
    }
    enum args_command command;
    struct err e = {0};
    if (args_find(name, &command, &e) != ERR_OK)
        return args_fail(ERR_USAGE, &e);
    return args_commands[command].run(argc - 1, argv + 1);
}
