// Command cel answers what kube-apiserver's CEL environment makes of expressions: the oracle of the
// differential test ../cel.py. Lines in, lines out, in the form of `casemate cel --lines`:
//
//	{"id": 1, "expr": "object.x + 1", "bindings": {"object": {"json": {"x": 1}}}}
//	{"id": 1, "value": {"int": "2"}, "cost": 3}
//
// or {"error": "..."}, or {"rejected": "..."} where the expression does not parse, check or plan, or
// {"unknown": ["x"]} where it depends on a variable that is declared and not bound. With
// "repeat": n an expression is evaluated n times and every distinct answer is listed under "all": Go
// iterates maps in random order, and so does cel-go.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync"
)

type line struct {
	ID           any              `json:"id,omitempty"`
	Expr         string           `json:"expr"`
	Container    string           `json:"container,omitempty"`
	DisableCheck bool             `json:"disable_check,omitempty"`
	CheckOnly    bool             `json:"check_only,omitempty"`
	TypeEnv      json.RawMessage  `json:"type_env,omitempty"`
	Bindings     map[string]typed `json:"bindings,omitempty"`
	Repeat       int              `json:"repeat,omitempty"`
}

type answer struct {
	ID       any      `json:"id,omitempty"`
	Value    typed    `json:"value,omitempty"`
	Error    *string  `json:"error,omitempty"`
	Rejected *string  `json:"rejected,omitempty"`
	Unknown  []string `json:"unknown,omitempty"`
	Type     string   `json:"type,omitempty"`
	Cost     *uint64  `json:"cost,omitempty"`
	All      []answer `json:"all,omitempty"`
}

func main() {
	minor := flag.Uint("minor", 37, "Kubernetes minor version")
	workers := flag.Int("workers", 2, "goroutines")
	flag.Parse()
	if err := serve(*minor, *workers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type job struct {
	text []byte
	done chan []byte
}

func serve(minor uint, workers int) error {
	jobs := make(chan job, 64)
	order := make(chan job, 64)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			envs := newEnvs(minor)
			for j := range jobs {
				j.done <- envs.answerLine(j.text)
			}
		})
	}
	go func() {
		in := bufio.NewReaderSize(os.Stdin, 1<<20)
		for {
			text, err := in.ReadBytes('\n')
			if len(text) > 1 {
				j := job{text, make(chan []byte, 1)}
				order <- j
				jobs <- j
			}
			if err != nil {
				break
			}
		}
		close(jobs)
		close(order)
	}()
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	for j := range order {
		out.Write(<-j.done)
		out.WriteByte('\n')
	}
	group.Wait()
	return out.Flush()
}
