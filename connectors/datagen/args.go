package datagen

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// args are a type's arg.properties. What is understood:
//
//	options    a list of values, one of which is chosen
//	range      {"min": …, "max": …} for numbers; max is not included
//	iteration  {"start": …, "step": …, "restart": …, "initial": …}: counts from record to record
//	odds       the probability of true
//	length     a number, or {"min": …, "max": …}, of characters, bytes, elements or entries; max is not included
//	regex      a regular expression that strings match
//	prefix, suffix  text around strings
//	keys       the same again, for the keys of a map
type args object

// The length of strings, bytes, arrays and maps when none is given, and the largest that can be: a schema must not be
// able to exhaust memory with one value.
const (
	defaultLeast, defaultMost = 8, 16
	maxLength                 = 1 << 20
)

func argsOf(n object) (args, error) {
	properties, ok := n["arg.properties"]
	if !ok {
		return nil, nil
	}
	a, ok := properties.(object)
	if !ok {
		return nil, errors.New("arg.properties must be an object")
	}
	return a, nil
}

// primitives are Avro's primitive types.
func primitives() map[string]connect.Type {
	return map[string]connect.Type{
		"boolean": connect.TypeBoolean, "int": connect.TypeInt32, "long": connect.TypeInt64, "float": connect.TypeFloat32,
		"double": connect.TypeFloat64, "bytes": connect.TypeBytes, "string": connect.TypeString,
	}
}

// primitive returns the generator of a primitive type.
func primitive(typ string, a args) (generator, error) {
	switch typ {
	case "boolean":
		return booleans(a)
	case "int":
		return a.integers(math.MinInt32, math.MaxInt32, func(n int64) connect.Value { return connect.Int32(int32(n)) })
	case "long":
		return a.integers(math.MinInt64, math.MaxInt64, connect.Int64)
	case "float":
		return a.floats(func(f float64) connect.Value { return connect.Float32(float32(f)) })
	case "double":
		return a.floats(connect.Float64)
	case "bytes":
		least, most, err := a.length()
		return octets{least, most}, err
	}
	return stringGenerator(a)
}

// parseLogical returns the schema of a logical type; nil for one that is not known, which Avro says to ignore.
func parseLogical(n object, logical string, a args, optional bool) (*connect.Schema, generator, error) {
	logicalSchema := func(t connect.Type, name string) *connect.SchemaBuilder {
		return connect.NewSchema(t).SetOptional(optional).Name(name).Version(1)
	}
	milliseconds := func(unit, most int64) func(*connect.Schema) (generator, error) {
		return func(*connect.Schema) (generator, error) {
			return a.integers(0, most, func(n int64) connect.Value { return connect.TimeMillis(n * unit) })
		}
	}
	const day = 24 * 60 * 60 * 1000
	switch {
	case logical == "timestamp-millis" && n["type"] == "long":
		return build(logicalSchema(connect.TypeInt64, connect.TimestampName), a, milliseconds(1, math.MaxInt32*1000))
	case logical == "date" && n["type"] == "int":
		return build(logicalSchema(connect.TypeInt32, connect.DateName), a, milliseconds(day, math.MaxInt16))
	case logical == "time-millis" && n["type"] == "int":
		return build(logicalSchema(connect.TypeInt32, connect.TimeName), a, milliseconds(1, day))
	case logical == "decimal" && n["type"] == "bytes":
		return parseDecimal(n, a, logicalSchema(connect.TypeBytes, connect.DecimalName))
	}
	return nil, nil, nil
}

// parseDecimal makes numbers of at most the type's precision.
func parseDecimal(n object, a args, builder *connect.SchemaBuilder) (*connect.Schema, generator, error) {
	precision, err := a.integer(n, "precision", 18)
	if err != nil {
		return nil, nil, err
	}
	scale, err := a.integer(n, "scale", 0)
	if err != nil {
		return nil, nil, err
	}
	most := int64(1)
	for range min(precision, 18) {
		most *= 10
	}
	builder.Parameter(connect.DecimalScale, fmt.Sprint(scale))
	return build(builder, a, func(*connect.Schema) (generator, error) {
		return unscaled{integers{min: 0, max: most}, int32(scale)}, nil
	})
}

func booleans(a args) (generator, error) {
	if it, ok := a["iteration"].(object); ok {
		start, _ := it["start"].(bool)
		return alternating(start), nil
	}
	probability, err := a.float(object(a), "odds", 0.5)
	return odds(probability), err
}

func stringGenerator(a args) (generator, error) {
	prefix, _ := a["prefix"].(string)
	suffix, _ := a["suffix"].(string)
	g := text{prefix: prefix, suffix: suffix}
	choice, err := a.optionsOf(connect.StringSchema)
	if err != nil {
		return nil, err
	}
	regex, hasRegex := a["regex"].(string)
	switch {
	case choice != nil && prefix+suffix == "":
		return choice, nil
	case choice != nil:
		g.pattern = chosen(choice.(options))
	case hasRegex:
		g.pattern, err = compilePattern(regex)
	case a["iteration"] != nil:
		var it iteration
		it, err = a.iteration()
		g.pattern = counted(it)
	default:
		var of letters
		of.min, of.max, err = a.length()
		g.pattern = of
	}
	return g, err
}

// integers returns what iteration or range says, else any number from least to most.
func (a args) integers(least, most int64, make func(int64) connect.Value) (generator, error) {
	if a["iteration"] != nil {
		it, err := a.iteration()
		it.make = make
		return it, err
	}
	g := integers{least, most, make}
	bounds, ok := a["range"].(object)
	if !ok {
		return g, nil
	}
	var err error
	if g.min, err = a.integer(bounds, "min", least); err != nil {
		return nil, err
	}
	if g.max, err = a.integer(bounds, "max", most); err != nil {
		return nil, err
	}
	if g.min >= g.max || g.min < least || g.max > most {
		return nil, fmt.Errorf("range from %d to %d is empty, or beyond the type", g.min, g.max)
	}
	return g, nil
}

// floats returns what iteration or range says, else numbers between 0 and 1.
func (a args) floats(make func(float64) connect.Value) (generator, error) {
	if it, ok := a["iteration"].(object); ok {
		return a.floatIteration(it, make)
	}
	g := floats{0, 1, make}
	bounds, ok := a["range"].(object)
	if !ok {
		return g, nil
	}
	var err error
	if g.min, err = a.float(bounds, "min", 0); err != nil {
		return nil, err
	}
	if g.max, err = a.float(bounds, "max", math.MaxFloat32); err != nil {
		return nil, err
	}
	if !(g.min < g.max) {
		return nil, fmt.Errorf("range from %v to %v is empty", g.min, g.max)
	}
	return g, nil
}

func (a args) iteration() (iteration, error) {
	it, ok := a["iteration"].(object)
	if !ok {
		return iteration{}, errors.New("iteration must be an object")
	}
	start, err := a.integer(it, "start", 0)
	if err != nil {
		return iteration{}, err
	}
	restart, err := a.integer(it, "restart", start)
	if err != nil {
		return iteration{}, err
	}
	direction := int64(1)
	if restart < start {
		direction = -1
	}
	step, err := a.integer(it, "step", direction)
	if err != nil {
		return iteration{}, err
	}
	initial, err := a.integer(it, "initial", start)
	if err != nil {
		return iteration{}, err
	}
	if step == 0 || (restart-start)*step < 0 || (initial-start)/step < 0 {
		return iteration{}, fmt.Errorf("iteration from %d in steps of %d never gets to %d", start, step, restart)
	}
	period := int64(0)
	if restart != start {
		period = (restart - start + step - direction) / step // rounded up
	}
	return iteration{start: start, step: step, period: period, skip: (initial - start) / step}, nil
}

func (a args) floatIteration(it object, make func(float64) connect.Value) (generator, error) {
	start, err := a.float(it, "start", 0)
	if err != nil {
		return nil, err
	}
	restart, err := a.float(it, "restart", start)
	if err != nil {
		return nil, err
	}
	step, err := a.float(it, "step", math.Copysign(1, restart-start))
	if err != nil {
		return nil, err
	}
	initial, err := a.float(it, "initial", start)
	if err != nil {
		return nil, err
	}
	if step == 0 || (restart-start)*step < 0 || (initial-start)*step < 0 {
		return nil, fmt.Errorf("iteration from %v in steps of %v never gets to %v", start, step, restart)
	}
	count := iteration{step: 1, period: int64(math.Ceil((restart - start) / step)), skip: int64((initial - start) / step)}
	return floatIteration{start, step, count, make}, nil
}

// length returns the bounds of length; the upper one is not included.
func (a args) length() (least, most int64, err error) {
	switch l := a["length"].(type) {
	case nil:
		return defaultLeast, defaultMost, nil
	case object:
		if least, err = a.integer(l, "min", 0); err != nil {
			return 0, 0, err
		}
		most, err = a.integer(l, "max", max(defaultMost, least+1))
	default:
		least, err = a.integer(object(a), "length", 0)
		most = least + 1
	}
	if err == nil && (least < 0 || most <= least || most > maxLength) {
		err = fmt.Errorf("length from %d to %d is empty, or beyond %d", least, most, maxLength)
	}
	return least, most, err
}

// integer returns a member of an object that must be a whole number.
func (args) integer(of object, key string, otherwise int64) (int64, error) {
	v, ok := of[key]
	if !ok {
		return otherwise, nil
	}
	if n, isNumber := v.(json.Number); isNumber {
		if i, err := n.Int64(); err == nil {
			return i, nil
		}
		if f, err := n.Float64(); err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<63 {
			return int64(f), nil
		}
	}
	return 0, fmt.Errorf("%s must be a whole number, not %v", key, v)
}

// float returns a member of an object that must be a number.
func (args) float(of object, key string, otherwise float64) (float64, error) {
	v, ok := of[key]
	if !ok {
		return otherwise, nil
	}
	if n, isNumber := v.(json.Number); isNumber {
		if f, err := n.Float64(); err == nil {
			return f, nil
		}
	}
	return 0, fmt.Errorf("%s must be a number, not %v", key, v)
}
