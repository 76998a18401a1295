#include "regex/re2.h"

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <unordered_map>

#include <re2/re2.h>

// Nothing thrown may cross into C. Compiling catches bad_alloc and says so; matching is noexcept:
// to answer "no match" for want of memory would be a false verdict, which is worse than to stop.

struct regex {
    std::string pattern; // in RE2's syntax
    RE2::Options options;
    mutable std::once_flag once;
    mutable std::unique_ptr<RE2> made;

    const RE2 &program() const
    {
        std::call_once(once, [this] { made = std::make_unique<RE2>(pattern, options); });
        return *made;
    }
};

struct regex_cache {
    size_t keep;
    std::unordered_map<std::string, std::unique_ptr<regex>> patterns;
    std::deque<std::string> order; // oldest first; unused where keep is 0
};

namespace
{

// Kubernetes' patterns are Go's. Go's syntax is RE2's but for two things that are settled here,
// before RE2 sees the pattern: Go takes (?<name>x) for (?P<name>x), and has no \C (any byte).
// False: *bad is what Go complains of.
bool from_go(const char *p, size_t n, std::string *ret, const char **bad)
{
    bool quoted = false, in_class = false;
    ret->reserve(n);
    for (size_t i = 0; i < n; i++) {
        char c = p[i], next = i + 1 < n ? p[i + 1] : '\0';
        ret->push_back(c);
        if (quoted) {
            quoted = !(c == '\\' && next == 'E');
        } else if (c == '\\' && i + 1 < n) {
            if (next == 'C') {
                *bad = "invalid escape sequence: `\\C`";
                return false;
            }
            quoted = next == 'Q' && !in_class;
            ret->push_back(next);
            i++;
        } else if (in_class) {
            in_class = c != ']';
        } else if (c == '[') {
            in_class = true;
            if (next == '^')
                ret->push_back(p[++i]);
            if (i + 1 < n && p[i + 1] == ']') // a ] that comes first is itself
                ret->push_back(p[++i]);
        } else if (c == '(' && n - i > 3 && next == '?' && p[i + 2] == '<' && p[i + 3] != '=' &&
                   p[i + 3] != '!') {
            ret->append("?P");
            i++;
        }
    }
    return true;
}

// Go's wording (regexp/syntax) of RE2's reasons.
const char *go_reason(RE2::ErrorCode code)
{
    switch (code) {
    case RE2::ErrorBadEscape:
        return "invalid escape sequence";
    case RE2::ErrorBadCharClass:
        return "invalid character class";
    case RE2::ErrorBadCharRange:
        return "invalid character class range";
    case RE2::ErrorMissingBracket:
        return "missing closing ]";
    case RE2::ErrorMissingParen:
        return "missing closing )";
    case RE2::ErrorUnexpectedParen:
        return "unexpected )";
    case RE2::ErrorTrailingBackslash:
        return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument:
        return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize:
        return "invalid repeat count";
    case RE2::ErrorRepeatOp:
        return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp:
        return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8:
        return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture:
        return "invalid named capture";
    case RE2::ErrorPatternTooLarge:
        return "expression too large";
    case RE2::NoError:
    case RE2::ErrorInternal:
    default:
        return "regexp/syntax: internal error";
    }
}

enum re2_outcome explain(const RE2 &program, const std::string &pattern, char *why, size_t size)
{
    RE2::ErrorCode code = program.error_code();
    const std::string &arg =
        code == RE2::ErrorMissingParen || code == RE2::ErrorUnexpectedParen ? pattern
                                                                            : program.error_arg();
    if (code == RE2::ErrorTrailingBackslash)
        snprintf(why, size, "%s: ``", go_reason(code));
    else if (code == RE2::ErrorPatternTooLarge)
        snprintf(why, size, "%s", go_reason(code));
    else
        snprintf(why, size, "%s: `%s`", go_reason(code), arg.c_str());
    return code == RE2::ErrorPatternTooLarge ? RE2_TOO_LARGE : RE2_SYNTAX;
}

enum re2_outcome get(regex_cache *c, const std::string &pattern, size_t max_mem, bool later, const regex **ret,
                     char *why, size_t size)
{
    auto found = c->patterns.find(pattern);
    if (found != c->patterns.end()) {
        *ret = found->second.get();
        return RE2_OK;
    }
    std::string text;
    const char *bad = nullptr;
    if (!from_go(pattern.data(), pattern.size(), &text, &bad)) {
        snprintf(why, size, "%s", bad);
        return RE2_SYNTAX;
    }
    auto made = std::make_unique<regex>();
    made->pattern = text;
    made->options.set_log_errors(false);
    made->options.set_max_mem(static_cast<int64_t>(max_mem));
    if (!later && !made->program().ok())
        return explain(made->program(), pattern, why, size);
    if (c->keep) {
        if (c->order.size() >= c->keep) {
            c->patterns.erase(c->order.front());
            c->order.pop_front();
        }
        c->order.push_back(pattern);
    }
    *ret = made.get();
    c->patterns.emplace(pattern, std::move(made));
    return RE2_OK;
}

int find(const regex *r, const char *text, size_t n, size_t from, size_t *ret_start,
         size_t *ret_end) noexcept
{
    if (from > n)
        return 0;
    re2::StringPiece whole(n ? text : "", n), match;
    bool spans = ret_start != nullptr;
    const RE2 &program = r->program();
    if (!program.ok())
        std::abort(); // a pattern that was said to be good
    if (!program.Match(whole, from, n, RE2::UNANCHORED, spans ? &match : nullptr, spans ? 1 : 0))
        return 0;
    if (spans) {
        *ret_start = static_cast<size_t>(match.data() - whole.data());
        *ret_end = *ret_start + match.size();
    }
    return 1;
}

} // namespace

struct regex_cache *re2_cache_new(size_t keep)
{
    try {
        return new regex_cache{keep, {}, {}};
    } catch (...) {
        return nullptr;
    }
}

void re2_cache_free(struct regex_cache *c)
{
    delete c;
}

enum re2_outcome re2_cache_get(struct regex_cache *c, const char *pattern, size_t n, size_t max_mem, int later,
                               const struct regex **ret, char *why, size_t why_size)
{
    try {
        return get(c, std::string(n ? pattern : "", n), max_mem, later != 0, ret, why, why_size);
    } catch (...) {
        return RE2_NO_MEMORY;
    }
}

int re2_find(const struct regex *r, const char *text, size_t n, size_t from, size_t *ret_start,
             size_t *ret_end)
{
    return find(r, text, n, from, ret_start, ret_end);
}
