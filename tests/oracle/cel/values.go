package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	apiservercel "k8s.io/apiserver/pkg/cel"
)

// typed is a value of the line form: an object of one member, its type's name.
type typed map[string]any

func (v typed) toValue() (ref.Val, error) {
	for kind, x := range v {
		switch kind {
		case "json":
			native, err := fromJSON(x)
			return types.DefaultTypeAdapter.NativeToValue(native), err
		case "list":
			return fromList(x)
		case "map":
			return fromPairs(x)
		case "null":
			return types.NullValue, nil
		case "duration", "timestamp":
			return fromTime(kind, x)
		}
		if s, ok := x.(string); ok {
			return fromText(kind, s)
		}
	}
	return nil, fmt.Errorf("value %v is not supported", v)
}

// fromJSON reads any JSON as the API server's unstructured content: whole numbers are int64.
func fromJSON(x any) (any, error) {
	text, err := json.Marshal(x)
	if err != nil {
		return nil, err
	}
	var object any
	err = utiljson.Unmarshal(text, &object)
	return object, err
}

// binding is a variable's value as the activation holds it: JSON stays Go's maps and lists, as the API server hands
// objects to cel-go, which makes a value of them at each use.
func (v typed) binding() (any, error) {
	if x, ok := v["json"]; ok {
		return fromJSON(x)
	}
	return v.toValue()
}

func fromText(kind, s string) (ref.Val, error) {
	switch kind {
	case "int":
		i, err := strconv.ParseInt(s, 10, 64)
		return types.Int(i), err
	case "uint":
		u, err := strconv.ParseUint(s, 10, 64)
		return types.Uint(u), err
	case "double":
		d, err := strconv.ParseFloat(s, 64)
		return types.Double(d), err
	case "string":
		return types.String(s), nil
	case "bytes":
		b, err := base64.StdEncoding.DecodeString(s)
		return types.Bytes(b), err
	case "bool":
		return types.Bool(s == "true"), nil
	}
	return nil, fmt.Errorf("value %s is not supported", kind)
}

func fromTime(kind string, x any) (ref.Val, error) {
	pair, ok := x.([]any)
	if !ok || len(pair) != 2 {
		return nil, fmt.Errorf("%s %v is no pair", kind, x)
	}
	var n [2]int64
	for i, p := range pair {
		var err error
		if n[i], err = strconv.ParseInt(fmt.Sprint(p), 10, 64); err != nil {
			return nil, err
		}
	}
	if kind == "timestamp" {
		return types.Timestamp{Time: time.Unix(n[0], n[1]).UTC()}, nil
	}
	return types.Duration{Duration: time.Duration(n[0])*time.Second + time.Duration(n[1])}, nil
}

func fromList(x any) (ref.Val, error) {
	items, _ := x.([]any)
	values := make([]ref.Val, 0, len(items))
	for _, item := range items {
		one, err := member(item)
		if err != nil {
			return nil, err
		}
		values = append(values, one)
	}
	return types.DefaultTypeAdapter.NativeToValue(values), nil
}

func fromPairs(x any) (ref.Val, error) {
	items, _ := x.([]any)
	values := map[ref.Val]ref.Val{}
	for _, item := range items {
		pair, ok := item.([]any)
		if !ok || len(pair) != 2 {
			return nil, fmt.Errorf("map entry %v is no pair", item)
		}
		key, err := member(pair[0])
		if err != nil {
			return nil, err
		}
		if values[key], err = member(pair[1]); err != nil {
			return nil, err
		}
	}
	return types.DefaultTypeAdapter.NativeToValue(values), nil
}

func member(x any) (ref.Val, error) {
	object, ok := x.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%v is no typed value", x)
	}
	return typed(object).toValue()
}

func doubleText(d float64) string {
	switch {
	case math.IsNaN(d):
		return "NaN"
	case math.IsInf(d, 1):
		return "Infinity"
	case math.IsInf(d, -1):
		return "-Infinity"
	}
	return strconv.FormatFloat(d, 'g', -1, 64)
}

func fromValue(v ref.Val) typed {
	switch x := v.(type) {
	case types.Bool:
		return typed{"bool": strconv.FormatBool(bool(x))}
	case types.Int:
		return typed{"int": strconv.FormatInt(int64(x), 10)}
	case types.Uint:
		return typed{"uint": strconv.FormatUint(uint64(x), 10)}
	case types.Double:
		return typed{"double": doubleText(float64(x))}
	case types.String:
		return typed{"string": string(x)}
	case types.Bytes:
		return typed{"bytes": base64.StdEncoding.EncodeToString(x)}
	case types.Null:
		return typed{"null": "NULL_VALUE"}
	case types.Timestamp:
		return typed{"timestamp": []int64{x.Unix(), int64(x.Nanosecond())}}
	case types.Duration:
		return typed{"duration": []int64{int64(x.Duration) / 1e9, int64(x.Duration) % 1e9}}
	case *types.Type:
		return typed{"type": x.TypeName()}
	case *types.Optional:
		if !x.HasValue() {
			return typed{"optional": nil}
		}
		return typed{"optional": fromValue(x.GetValue())}
	case traits.Lister:
		return typed{"list": listItems(x)}
	case traits.Mapper:
		return typed{"map": mapPairs(x)}
	}
	return fromOpaque(v)
}

func listItems(list traits.Lister) []typed {
	items := []typed{}
	for it := list.Iterator(); it.HasNext() == types.True; {
		items = append(items, fromValue(it.Next()))
	}
	return items
}

func mapPairs(m traits.Mapper) [][2]typed {
	pairs := [][2]typed{}
	for it := m.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		pairs = append(pairs, [2]typed{fromValue(key), fromValue(m.Get(key))})
	}
	return pairs
}

func fromOpaque(v ref.Val) typed {
	switch x := v.(type) {
	case apiservercel.Quantity:
		return typed{"quantity": x.Quantity.String()}
	case *apiservercel.Quantity: // what add() and sub() give
		return typed{"quantity": x.Quantity.String()}
	case apiservercel.IP:
		return typed{"ip": x.Addr.String()}
	case apiservercel.CIDR:
		return typed{"cidr": x.Prefix.String()}
	case apiservercel.URL:
		return typed{"url": x.URL.String()}
	case apiservercel.Semver:
		return typed{"semver": x.Version.String()}
	case *apiservercel.Format:
		return typed{"format": x.Name}
	case apiservercel.Format:
		return typed{"format": x.Name}
	}
	return typed{"other": v.Type().TypeName()}
}
