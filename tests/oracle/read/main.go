// read: what kubectl makes of files, for the differential test of `casemate read` (tests/oracle/read.py).
//
// Standard input has one path a line; each is answered by one line of JSON:
//
//	docs     the documents in order: "objects" (canonical JSON, as kubectl would send each) or "error",
//	         and "raw", the document as JSON, absent where there is no such thing. Reading goes on after
//	         a document that kubectl refuses. "all" where it refuses only because something is no
//	         Kubernetes object (no kind, an item without apiVersion): everything in the document
//	error    what ended reading before the end of the file (after `docs`)
//	kubectl  the objects that kubectl itself reaches: it stops at the first refused document
//	differs  answers that other runs gave: some inputs are decided by the order of a Go map
//
// Everything is kubectl's own code: cli-runtime's resource builder, apimachinery's decoders.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	yamlv2 "go.yaml.in/yaml/v2"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	kjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/cli-runtime/pkg/resource"
)

type doc struct {
	Raw     string   `json:"raw,omitempty"`
	Objects []string `json:"objects"`
	Error   string   `json:"error,omitempty"`
	All     []string `json:"all,omitempty"`
}

type answer struct {
	Docs    []doc    `json:"docs"`
	Error   string   `json:"error,omitempty"`
	Kubectl []string `json:"kubectl"`
	KError  string   `json:"kubectlError,omitempty"`
	Differs []answer `json:"differs,omitempty"`
}

// The bytes of an object as kubectl puts them into a request.
func canonical(o runtime.Object) string {
	return plain(o.(runtime.Unstructured).UnstructuredContent())
}

func plain(v any) string {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		return "cannot be encoded: " + err.Error()
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func visit(b *resource.Builder) (objects []string, failed error) {
	objects = []string{}
	defer func() { // kubectl would die here
		if p := recover(); p != nil {
			failed = fmt.Errorf("panic: %v", p)
		}
	}()
	failed = b.Flatten().Do().Visit(func(info *resource.Info, err error) error {
		if err != nil {
			return err
		}
		objects = append(objects, canonical(info.Object))
		return nil
	})
	return
}

// Everything in a document that kubectl refused with `failed`, if it did so for want of a kind or an
// apiVersion and for nothing else; otherwise nil.
func everything(raw []byte, failed error) []string {
	var v any
	if err := kjson.Unmarshal(raw, &v); err != nil {
		return nil
	}
	m, _ := v.(map[string]any)
	kind, _ := m["kind"].(string)
	if kind == "" {
		return []string{plain(v)}
	}
	if !strings.Contains(failed.Error(), "' is missing in '") {
		return nil
	}
	o, _, err := unstructured.UnstructuredJSONScheme.Decode(raw, nil, nil)
	if err != nil {
		return nil
	}
	all := []string{}
	if list, ok := o.(*unstructured.UnstructuredList); ok {
		for i := range list.Items {
			all = append(all, canonical(&list.Items[i]))
		}
	}
	return all
}

func builder() *resource.Builder {
	return resource.NewLocalBuilder().Unstructured().ContinueOnError()
}

// Tells whether the order of a map decides: keys of different types with the same text.
func ambiguous(v any) bool {
	switch t := v.(type) {
	case map[any]any:
		seen := map[string]bool{}
		for k, e := range t {
			text := fmt.Sprint(k)
			if f, ok := k.(float64); ok {
				text = fmt.Sprint(float32(f))
			}
			if seen[text] || ambiguous(e) {
				return true
			}
			seen[text] = true
		}
	case []any:
		for _, e := range t {
			if ambiguous(e) {
				return true
			}
		}
	}
	return false
}

// Whether any document of the text is ambiguous. Only a hint to run again, so it may be wrong.
func mayDiffer(text []byte) bool {
	r := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		chunk, err := r.Read()
		var v any
		if yamlv2.Unmarshal(chunk, &v) == nil && ambiguous(v) {
			return true
		}
		if err != nil {
			return false
		}
	}
}

func read(path string, text []byte) answer {
	a := answer{Docs: []doc{}}
	d := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	last := ""
	for {
		ext := runtime.RawExtension{}
		err := d.Decode(&ext)
		if err == io.EOF {
			break
		}
		if err != nil {
			// The decoder can be asked again: a bad document does not end the stream. A bad separator
			// does for us, and so does an error of the JSON decoder, which comes again and again.
			var syntax yaml.YAMLSyntaxError
			if strings.Contains(err.Error(), "invalid Yaml document separator") ||
				!errors.As(err, &syntax) && err.Error() == last {
				a.Error = err.Error()
				break
			}
			last = err.Error()
			a.Docs = append(a.Docs, doc{Error: last, Objects: []string{}})
			continue
		}
		raw := bytes.TrimSpace(ext.Raw)
		if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
			continue
		}
		one := doc{Raw: string(raw)}
		objects, err := visit(builder().Stream(bytes.NewReader(raw), "document"))
		if err != nil {
			one.Error = err.Error()
			one.All = everything(raw, err)
		}
		one.Objects = objects
		a.Docs = append(a.Docs, one)
	}
	objects, err := visit(builder().FilenameParam(false, &resource.FilenameOptions{Filenames: []string{path}}))
	a.Kubectl = objects
	if err != nil {
		a.KError = err.Error()
	}
	return a
}

func readAll(path string) answer {
	bytesOf, err := os.ReadFile(path)
	if err != nil {
		return answer{Error: err.Error()}
	}
	// As resource.FileVisitor decodes a file.
	text, _, err := transform.Bytes(unicode.BOMOverride(unicode.UTF8.NewDecoder()), bytesOf)
	if err != nil {
		return answer{Error: err.Error()}
	}
	first := read(path, text)
	if !mayDiffer(text) {
		return first
	}
	seen := map[string]bool{key(first): true}
	for i := 0; i < 40; i++ {
		again := read(path, text)
		if k := key(again); !seen[k] {
			seen[k] = true
			first.Differs = append(first.Differs, again)
		}
	}
	return first
}

func key(a answer) string {
	b, _ := json.Marshal(a.Docs)
	return string(b)
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for in.Scan() {
		if err := enc.Encode(readAll(in.Text())); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		out.Flush()
	}
}
