package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"

	"k8s.io/apimachinery/pkg/util/version"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

// envs makes environments as pkg/admission/plugin/cel/compile.go does, one for each set of declarations.
type envs struct {
	base  *environment.EnvSet
	cache map[string]*cel.Env
}

func newEnvs(minor uint) *envs {
	return &envs{environment.MustBaseEnvSet(version.MajorMinor(1, minor)), map[string]*cel.Env{}}
}

func (e *envs) answerLine(text []byte) []byte {
	var l line
	var a answer
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&l); err != nil {
		a = refuse("bad line: %v", err)
	} else {
		a = e.answer(&l)
		a.ID = l.ID
	}
	out, err := json.Marshal(a)
	if err != nil {
		panic(err)
	}
	return out
}

func refuse(format string, args ...any) answer {
	s := fmt.Sprintf(format, args...)
	return answer{Rejected: &s}
}

// What the API server refuses when the policy is written: parse, check and plan.
func (e *envs) plan(l *line, partial bool) (prog cel.Program, ast *cel.Ast, refused error) {
	defer func() {
		if p := recover(); p != nil {
			refused = fmt.Errorf("panic: %v", p)
		}
	}()
	env, err := e.env(l)
	if err != nil {
		return nil, nil, err
	}
	var issues *cel.Issues
	if l.DisableCheck {
		ast, issues = env.Parse(l.Expr)
	} else {
		ast, issues = env.Compile(l.Expr)
	}
	if issues != nil && issues.Err() != nil {
		return nil, nil, issues.Err()
	}
	if l.CheckOnly {
		return nil, ast, nil
	}
	options := []cel.ProgramOption{cel.InterruptCheckFrequency(celconfig.CheckFrequency)}
	if partial {
		options = append(options, cel.EvalOptions(cel.OptPartialEval))
	}
	prog, err = env.Program(ast, options...)
	return prog, ast, err
}

// unbound lists the variables that are declared and have no value: unknown. Kubernetes always has them all, this is cel-go alone.
func unbound(l *line) ([]*cel.AttributePatternType, error) {
	_, declared, err := declarations(l.TypeEnv)
	var patterns []*cel.AttributePatternType
	for name := range declared {
		if _, bound := l.Bindings[name]; !bound && !l.DisableCheck {
			patterns = append(patterns, cel.AttributePattern(name))
		}
	}
	return patterns, err
}

func (e *envs) answer(l *line) answer {
	vars := map[string]any{}
	for name, v := range l.Bindings {
		val, err := v.binding()
		if err != nil {
			return refuse("binding %s: %v", name, err)
		}
		vars[name] = val
	}
	unknown, err := unbound(l)
	if err != nil {
		return refuse("%v", err)
	}
	prog, ast, err := e.plan(l, len(unknown) > 0)
	if err != nil {
		return refuse("%v", err)
	}
	var input any = vars
	if len(unknown) > 0 {
		if input, err = cel.PartialVars(vars, unknown...); err != nil {
			return refuse("%v", err)
		}
	}
	if l.CheckOnly {
		return answer{Type: ast.OutputType().String()}
	}
	first := evaluate(prog, input)
	if l.Repeat > 0 {
		seen := map[string]bool{}
		for range l.Repeat {
			one := evaluate(prog, input)
			text, _ := json.Marshal(one)
			if !seen[string(text)] {
				seen[string(text)] = true
				first.All = append(first.All, one)
			}
		}
	}
	return first
}

func evaluate(prog cel.Program, vars any) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			s := fmt.Sprintf("panic: %v", p)
			a = answer{Error: &s}
		}
	}()
	result, details, err := prog.ContextEval(context.Background(), vars)
	if details != nil {
		a.Cost = details.ActualCost()
	}
	if err != nil {
		s := err.Error()
		a.Error = &s
		return a
	}
	if unknown, ok := result.(*types.Unknown); ok {
		a.Unknown = names(unknown)
		return a
	}
	a.Value = fromValue(result)
	return a
}

func (e *envs) env(l *line) (*cel.Env, error) {
	var names []string
	for name := range l.Bindings {
		names = append(names, name)
	}
	sort.Strings(names)
	key := l.Container + "\x00" + strings.Join(names, " ") + "\x00" + string(l.TypeEnv)
	if env := e.cache[key]; env != nil {
		return env, nil
	}
	options, declared, err := declarations(l.TypeEnv)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if !declared[name] {
			options = append(options, cel.Variable(name, cel.DynType))
		}
	}
	if l.Container != "" {
		options = append(options, cel.Container(l.Container))
	}
	set, err := e.base.Extend(environment.VersionedOptions{
		IntroducedVersion: version.MajorMinor(1, 0),
		EnvOptions:        options,
	}, environment.StrictCostOpt)
	if err != nil {
		return nil, err
	}
	env, err := set.Env(environment.NewExpressions)
	if err != nil {
		return nil, err
	}
	if len(e.cache) > 4096 {
		clear(e.cache)
	}
	e.cache[key] = env
	return env, nil
}

func names(unknown *types.Unknown) []string {
	seen := map[string]bool{}
	var list []string
	for _, id := range unknown.IDs() {
		trails, _ := unknown.GetAttributeTrails(id)
		for _, trail := range trails {
			if !seen[trail.Variable()] {
				seen[trail.Variable()] = true
				list = append(list, trail.Variable())
			}
		}
	}
	sort.Strings(list)
	return list
}
