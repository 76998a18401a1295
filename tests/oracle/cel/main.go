package main

import (
	_ "github.com/google/cel-go/cel"
	_ "k8s.io/apiserver/pkg/admission/plugin/cel"
	_ "k8s.io/apiserver/pkg/cel/environment"
	_ "google.golang.org/protobuf/encoding/protojson"
)

func main() {}
