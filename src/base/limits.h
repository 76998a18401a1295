// limits: every limit on input, one line each with its reason. Each has a test.
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include <stddef.h>

// One file. Node spans are 32-bit byte offsets; beyond a gigabyte nobody means a manifest.
#define LIMIT_FILE_BYTES ((size_t)1 << 30)
// Nesting of YAML and JSON. kubectl's readers stop at 10,000; libyaml is quadratic in flow depth.
#define LIMIT_DEPTH 1000
// Nodes of one document, aliases counted where they are used: the API server takes 3 MiB.
#define LIMIT_NODES ((size_t)8 << 20)
// go-yaml's alias budget: from this many decoded nodes on, the share that may come from aliases falls.
#define LIMIT_ALIAS_LOW 400000
#define LIMIT_ALIAS_HIGH 4000000
// Address space of one document's tree, findings aside. Touched pages only are paid for.
#define LIMIT_DOC_ARENA ((size_t)2 << 30)
// Diagnostics kept for one document; the rest is counted.
#define LIMIT_DIAGS 100
// Directory nesting of a scan: deeper is a loop of bind mounts.
#define LIMIT_DIRECTORY_DEPTH 64
// One line of a stream of lines (`cel --lines`): an object of the API server's 3 MiB, escaped, and room.
#define LIMIT_LINE_BYTES ((size_t)16 << 20)
// Files of one scan.
#define LIMIT_FILES ((size_t)1 << 20)

// Places of one object that strict decoding names, a kind of fault; the rest is counted. And of how many
// unknown fields the neighbours are searched for what was meant.
#define LIMIT_SCHEMA_PLACES 100
#define LIMIT_SCHEMA_HINTS 16
// Bytes of their paths: a key of a megabyte, said for each field below it, would be a hundred.
#define LIMIT_SCHEMA_PATHS ((size_t)1 << 20)

// CEL: nesting of an expression. cel-go's parser stops at 250 recursions; the evaluator recurses too.
#define LIMIT_CEL_DEPTH 250
// CEL: one expression's text, in code points (cel-go's default parser limit).
#define LIMIT_CEL_SOURCE 100000
// Runtime cost of one expression (kube-apiserver: PerCallLimit).
#define LIMIT_CEL_COST 1000000
// Runtime cost of all expressions of one (policy, binding, param) (kube-apiserver: RuntimeCELCostBudget).
#define LIMIT_CEL_COST_POLICY 10000000
// The same for its matchConditions (kube-apiserver: RuntimeCELCostBudgetMatchConditions).
#define LIMIT_CEL_COST_MATCH 2500000
// Variables of a policy that read variables that read variables...: each level is evaluator stack.
#define LIMIT_VARIABLE_DEPTH 32
// lists.range(n) (kube-apiserver).
#define LIMIT_CEL_RANGE 1000000
// Result of a messageExpression, bytes (kube-apiserver).
#define LIMIT_MESSAGE 5120
// matchConditions of one policy (kube-apiserver).
#define LIMIT_MATCH_CONDITIONS 64
// RE2: memory of one compiled pattern, and of one pattern's text, bytes.
#define LIMIT_REGEX_MEMORY ((size_t)8 << 20)
#define LIMIT_REGEX_PATTERN 100000
// Compiled dynamic patterns kept by one worker.
#define LIMIT_REGEX_CACHE 64

#endif
