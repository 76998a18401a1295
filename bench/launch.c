// launch: runs a command with its input and output closed off, and prints what the kernel counted of it: CPU seconds,
// wall seconds, peak KiB. A small process of its own, because a child's peak includes what it was forked from.
//
//     launch COMMAND [ARGUMENT]...
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct rusage used;
    int status, null = open("/dev/null", O_RDWR | O_CLOEXEC);
    double start = now();
    pid_t child = argc > 1 && null >= 0 ? fork() : -1;
    if (child == 0) {
        for (int fd = 0; fd < 3; fd++)
            (void)dup2(null, fd);
        (void)execv(argv[1], argv + 1);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &used) != child)
        return 1;
    double wall = now() - start;
    printf("%.6f %.6f %ld\n", seconds(used.ru_utime) + seconds(used.ru_stime), wall, used.ru_maxrss);
    return WIFEXITED(status) && WEXITSTATUS(status) < 126 ? 0 : 1;
}
