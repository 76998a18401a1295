// policy: what one policy costs: compiling it, and judging an 8 KB Pod by it, evaluation only.
//
//     policy POLICY.yaml...
//
// Prints, per file, microseconds of CPU time, medians over rounds: reading its YAML and compiling it, reading alone,
// judging. The cost limit is on, as it is in a scan.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/own.h"
#include "cel/cel.h"
#include "policy/policy.h"

enum { ROUNDS = 31, EVALUATIONS = 2000, COMPILATIONS = 50 };

static double cpu_microseconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v)
{
    qsort(v, ROUNDS, sizeof *v, by_value);
    return v[ROUNDS / 2];
}

// Three containers and an init container that pass the restricted standard, 8 KB with their environment.
static void write_pod(struct buf *b)
{
    buf_put(b, S("apiVersion: v1\nkind: Pod\nmetadata:\n  name: bench\n  labels: {app: bench}\nspec:\n"
                 "  securityContext:\n    runAsNonRoot: true\n    seccompProfile: {type: RuntimeDefault}\n"
                 "  volumes:\n  - name: data\n    emptyDir: {}\n"));
    for (int c = 0; c < 4; c++) {
        buf_put(b, c == 0 ? S("  initContainers:\n") : c == 1 ? S("  containers:\n") : S(""));
        buf_printf(b, "  - name: c%d\n    image: registry.example.com/app:%d\n    ports:\n    - containerPort: 80%d\n"
                      "    securityContext:\n      allowPrivilegeEscalation: false\n"
                      "      capabilities: {drop: [ALL]}\n    env:\n", c, c, c);
        for (int i = 0; i < 27; i++)
            buf_printf(b, "    - name: VARIABLE_%d_%d\n      value: some value of the variable %d\n", c, i, i);
    }
}

static err_code count(void *ctx, const struct policy_result *r, struct err *e)
{
    (void)r, (void)e;
    ++*(unsigned *)ctx;
    return ERR_OK;
}

static err_code compile(str name, str text, struct policy_set **ret, struct arena *a, struct err *e)
{
    struct diags d = {.arena = a};
    const struct policy_options o = {
        .kubernetes_minor = CEL_NEWEST_MINOR, .pss = S("restricted"), .ignore_bindings = true};
    TRY(policy_set_new(&o, ret, e));
    TRY(policy_set_load(*ret, name, text, &d, e));
    return policy_set_seal(*ret, &d, e);
}

static err_code time_compilation(str name, str text, struct arena *a, double *ret, struct err *e)
{
    double v[ROUNDS];
    for (int r = 0; r < ROUNDS; r++) {
        double start = cpu_microseconds();
        for (int i = 0; i < COMPILATIONS; i++) {
            struct policy_set *set = NULL;
            size_t mark = arena_mark(a);
            TRY(compile(name, text, &set, a, e));
            policy_set_free(set);
            arena_rewind(a, mark);
        }
        v[r] = (cpu_microseconds() - start) / COMPILATIONS;
    }
    *ret = median(v);
    return ERR_OK;
}

static err_code time_reading(str name, str text, struct arena *a, double *ret, struct err *e)
{
    double v[ROUNDS];
    for (int r = 0; r < ROUNDS; r++) {
        double start = cpu_microseconds();
        for (int i = 0; i < COMPILATIONS; i++) {
            struct doc_text file = {0};
            struct doc_chunk chunk = {0};
            const struct node *root = NULL;
            size_t mark = arena_mark(a);
            TRY(doc_text_read(name, text, a, &file, NULL, e));
            struct doc_splitter s = {.text = &file};
            while (doc_next(&s, &chunk))
                TRY(doc_parse(&file, chunk, a, &root, NULL, e));
            arena_rewind(a, mark);
        }
        v[r] = (cpu_microseconds() - start) / COMPILATIONS;
    }
    *ret = median(v);
    return ERR_OK;
}

static err_code time_evaluation(const struct policy_set *set, const struct object *pod,
                                struct arena *a, double *ret, unsigned *ret_findings, struct err *e)
{
    double v[ROUNDS];
    struct policy_worker *w = NULL;
    const struct policy_sink sink = {.ctx = ret_findings, .result = count};
    TRY(policy_worker_new(set, &w, e));
    for (int r = 0; r < ROUNDS; r++) {
        double start = cpu_microseconds();
        for (int i = 0; i < EVALUATIONS; i++) {
            size_t mark = arena_mark(a);
            TRY(policy_evaluate(w, pod, false, a, &sink, e));
            arena_rewind(a, mark);
        }
        v[r] = (cpu_microseconds() - start) / EVALUATIONS;
    }
    policy_worker_free(w);
    *ret = median(v);
    return ERR_OK;
}

static err_code read_file(const char *path, struct arena *a, str *ret, struct err *e)
{
    OWN_FILE FILE *f = fopen(path, "re");
    enum { MOST = 1 << 20 };
    char *bytes = arena_alloc(a, MOST, 1, 1);
    if (!f || !bytes)
        return err_sys(e, "cannot open '%s'", path);
    *ret = (str){bytes, fread(bytes, 1, MOST, f)};
    return ERR_OK;
}

static err_code run(char **files, struct err *e)
{
    OWN_ARENA struct arena a = {0};
    OWN_BUF struct buf text = buf_new(1 << 20);
    struct doc_text pod_text = {0};
    struct doc_chunk chunk = {0};
    const struct node *root = NULL;
    struct object pod = {0};
    TRY(arena_init(&a, "bench", (size_t)1 << 30, e));
    write_pod(&text);
    TRY(doc_text_read(S("pod"), buf_str(&text), &a, &pod_text, NULL, e));
    struct doc_splitter s = {.text = &pod_text};
    if (!doc_next(&s, &chunk))
        return err_set(e, ERR_INTERNAL, "no Pod");
    TRY(doc_parse(&pod_text, chunk, &a, &root, NULL, e));
    if (!object_view(root, &pod))
        return err_set(e, ERR_INTERNAL, "no object");
    for (; *files; files++) {
        str policy = {0};
        double compiled = 0, read = 0, evaluated = 0;
        unsigned findings = 0;
        struct policy_set *set = NULL;
        TRY(read_file(*files, &a, &policy, e));
        TRY(time_compilation(str_of(*files), policy, &a, &compiled, e));
        TRY(time_reading(str_of(*files), policy, &a, &read, e));
        TRY(compile(str_of(*files), policy, &set, &a, e));
        TRY(time_evaluation(set, &pod, &a, &evaluated, &findings, e));
        policy_set_free(set);
        printf("%.2f %.2f %.3f %u %s\n", compiled, read, evaluated, findings, *files);
    }
    return ERR_OK;
}

int main(int argc, char **argv)
{
    struct err e = {0};
    if (argc < 2 || run(argv + 1, &e) != ERR_OK) {
        fprintf(stderr, "policy: %s\n", argc < 2 ? "name policy files" : e.msg);
        return 2;
    }
    return 0;
}
