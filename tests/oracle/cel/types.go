package main

import (
	"encoding/json"
	"fmt"

	"github.com/google/cel-go/cel"
)

// oneOrMany reads what the corpus writes as an object where there is one and as a list where there are several.
type oneOrMany[T any] []T

func (m *oneOrMany[T]) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '[' {
		return json.Unmarshal(text, (*[]T)(m))
	}
	var one T
	if err := json.Unmarshal(text, &one); err != nil {
		return err
	}
	*m = oneOrMany[T]{one}
	return nil
}

type celType struct {
	Primitive string          `json:"primitive"`
	WellKnown string          `json:"well_known"`
	Message   string          `json:"message_type"`
	Param     string          `json:"type_param"`
	Null      any             `json:"null"`
	Dyn       json.RawMessage `json:"dyn"`
	List      *struct {
		Elem celType `json:"elem_type"`
	} `json:"list_type"`
	Map *struct {
		Key   celType `json:"key_type"`
		Value celType `json:"value_type"`
	} `json:"map_type"`
	Abstract *struct {
		Name   string             `json:"name"`
		Params oneOrMany[celType] `json:"parameter_types"`
	} `json:"abstract_type"`
}

var primitives = map[string]*cel.Type{
	"BOOL": cel.BoolType, "INT64": cel.IntType, "UINT64": cel.UintType, "DOUBLE": cel.DoubleType,
	"STRING": cel.StringType, "BYTES": cel.BytesType,
}

func (t celType) toType() (*cel.Type, error) {
	switch {
	case t.Primitive != "":
		if p := primitives[t.Primitive]; p != nil {
			return p, nil
		}
	case t.Message == "google.protobuf.Timestamp" || t.WellKnown == "TIMESTAMP":
		return cel.TimestampType, nil
	case t.Message == "google.protobuf.Duration" || t.WellKnown == "DURATION":
		return cel.DurationType, nil
	case t.Param != "":
		return cel.TypeParamType(t.Param), nil
	case t.Null != nil:
		return cel.NullType, nil
	case t.Dyn != nil:
		return cel.DynType, nil
	case t.List != nil:
		elem, err := t.List.Elem.toType()
		return cel.ListType(elem), err
	case t.Map != nil:
		key, err := t.Map.Key.toType()
		if err != nil {
			return nil, err
		}
		value, err := t.Map.Value.toType()
		return cel.MapType(key, value), err
	case t.Abstract != nil:
		params, err := toTypes(t.Abstract.Params)
		return cel.OpaqueType(t.Abstract.Name, params...), err
	}
	return nil, fmt.Errorf("type %+v is not supported", t)
}

func toTypes(list []celType) ([]*cel.Type, error) {
	var types []*cel.Type
	for _, t := range list {
		one, err := t.toType()
		if err != nil {
			return nil, err
		}
		types = append(types, one)
	}
	return types, nil
}

type declaration struct {
	Name  string `json:"name"`
	Ident *struct {
		Type celType `json:"type"`
	} `json:"ident"`
	Function *struct {
		Overloads oneOrMany[struct {
			ID     string             `json:"overload_id"`
			Result celType            `json:"result_type"`
			Params oneOrMany[celType] `json:"params"`
		}] `json:"overloads"`
	} `json:"function"`
}

// declarations turns a type_env into environment options and the set of its variables.
func declarations(text json.RawMessage) ([]cel.EnvOption, map[string]bool, error) {
	declared := map[string]bool{}
	if len(text) == 0 {
		return nil, declared, nil
	}
	var list []declaration
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, nil, err
	}
	var options []cel.EnvOption
	for _, d := range list {
		if d.Ident != nil {
			t, err := d.Ident.Type.toType()
			if err != nil {
				return nil, nil, err
			}
			declared[d.Name] = true
			options = append(options, cel.Variable(d.Name, t))
			continue
		}
		var overloads []cel.FunctionOpt
		for _, o := range d.Function.Overloads {
			params, err := toTypes(o.Params)
			if err != nil {
				return nil, nil, err
			}
			result, err := o.Result.toType()
			if err != nil {
				return nil, nil, err
			}
			overloads = append(overloads, cel.Overload(o.ID, params, result))
		}
		options = append(options, cel.Function(d.Name, overloads...))
	}
	return options, declared, nil
}
