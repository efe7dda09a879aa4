package debezium

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

// isEnvelope reports whether the value of a record is a change event.
func isEnvelope(r *connect.Record) bool {
	if r.ValueSchema == nil || r.Value.Kind() != connect.KindStruct {
		return false
	}
	name, _ := r.ValueSchema.Name()
	return strings.HasSuffix(name, ".Envelope")
}

// fieldNamed returns a field of a struct as it is, null when there is none.
func fieldNamed(st connect.Struct, name string) connect.Value {
	if i := st.Schema().FieldIndex(name); i >= 0 {
		return st.Field(i)
	}
	return connect.Null()
}

// structNamed returns a field that is a struct; ok is false when there is none or it is null.
func structNamed(st connect.Struct, name string) (s connect.Struct, ok bool) {
	v := fieldNamed(st, name)
	if v.Kind() != connect.KindStruct {
		return s, false
	}
	return v.Struct(), true
}

// copyStruct copies the fields of from to those of a struct of schema s, which has the same ones.
func copyStruct(a *connect.Arena, s *connect.Schema, from connect.Struct, useDefaults bool) (connect.Struct, error) {
	to := a.NewStruct(s)
	return to, smt.CopyFields(to, from, useDefaults)
}

func text(name, doc string, def any) configdef.ConfigKey {
	return configdef.ConfigKey{Name: name, Type: configdef.TypeString, Default: def, Importance: configdef.ImportanceLow, Documentation: doc}
}

func boolean(name, doc string, def bool) configdef.ConfigKey {
	return configdef.ConfigKey{Name: name, Type: configdef.TypeBoolean, Default: def, Importance: configdef.ImportanceLow, Documentation: doc}
}

func list(name, doc string) configdef.ConfigKey {
	return configdef.ConfigKey{Name: name, Type: configdef.TypeList, Default: "", Importance: configdef.ImportanceLow, Documentation: doc}
}
