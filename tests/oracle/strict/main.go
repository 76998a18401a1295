// strict: what the API server's strict decoder says of objects, for the differential test of the rules
// unknown-field and wrong-type (tests/oracle/strict.py).
//
// Standard input has one object a line, as JSON; each is answered by one line of JSON:
//
//	kind     false: no kind that Kubernetes ships
//	unknown  the unknown fields, as the decoder names them, sorted
//	more     the decoder stopped naming them
//	error    why the object cannot be decoded at all
//	lenient  what the decoder that is not strict says: empty, or the same error
//
// The decoder is k8s.io/apimachinery's own, the types those of k8s.io/api, apiextensions and the aggregator.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"sort"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	serializer "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

type answer struct {
	Kind    bool     `json:"kind"`
	Unknown []string `json:"unknown"`
	Other   []string `json:"other,omitempty"`
	Error   string   `json:"error,omitempty"`
	Lenient string   `json:"lenient,omitempty"`
}

func judge(s *runtime.Scheme, strict, lenient runtime.Decoder, text []byte) answer {
	a := answer{Kind: true, Unknown: []string{}}
	_, _, err := strict.Decode(text, nil, nil)
	if runtime.IsNotRegisteredError(err) {
		return answer{Unknown: a.Unknown}
	}
	if failed, ok := runtime.AsStrictDecodingError(err); ok {
		for _, e := range failed.Errors() {
			if name, found := strings.CutPrefix(e.Error(), "unknown field \""); found {
				a.Unknown = append(a.Unknown, strings.TrimSuffix(name, "\""))
			} else {
				a.Other = append(a.Other, e.Error())
			}
		}
		sort.Strings(a.Unknown)
	} else if err != nil {
		a.Error = err.Error()
	}
	if _, _, err := lenient.Decode(text, nil, nil); err != nil {
		a.Lenient = err.Error()
	}
	return a
}

func main() {
	s := scheme.Scheme
	if err := apiextensions.AddToScheme(s); err != nil {
		panic(err)
	}
	if err := apiregistration.AddToScheme(s); err != nil {
		panic(err)
	}
	decoder := func(strict bool) runtime.Decoder {
		return serializer.NewSerializerWithOptions(serializer.DefaultMetaFactory, s, s, serializer.SerializerOptions{Strict: strict})
	}
	strict, lenient := decoder(true), decoder(false)
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			text, failed := json.Marshal(judge(s, strict, lenient, line))
			if failed != nil {
				panic(failed)
			}
			_, _ = out.Write(append(text, '\n'))
		}
		if in.Buffered() == 0 || err != nil {
			_ = out.Flush()
		}
		if err != nil {
			return
		}
	}
}
