package values

import "github.com/ferry-connect/ferry/connectors/sdk/connect"

// ConvertToDate returns midnight UTC of a day: of a Timestamp its day, cut towards 1970, of anything else the number of days
// since 1970-01-01. An instant without a schema, or of a Date schema, is returned as it is.
func ConvertToDate(from *connect.Schema, v connect.Value) (connect.Value, error) {
	v, err := instantOrText(v)
	if err != nil {
		return connect.Value{}, err
	}
	if v.Kind() == connect.KindTime {
		switch {
		case from == nil || from.Logical() == connect.LogicalDate:
			return v, nil
		case from.Logical() == connect.LogicalTimestamp:
			return connect.DecodeDate(connect.DateSchema, int32(v.Millis()/millisPerDay))
		}
	}
	days, err := asLong(from, v, nil)
	if err != nil {
		return connect.Value{}, err
	}
	return connect.DecodeDate(connect.DateSchema, int32(days))
}

// ConvertToTime returns a time of day: of a Timestamp its time in UTC, of anything else the number of milliseconds since
// midnight, at most a day. An instant without a schema, or of a Time schema, is returned as it is.
func ConvertToTime(from *connect.Schema, v connect.Value) (connect.Value, error) {
	v, err := instantOrText(v)
	if err != nil {
		return connect.Value{}, err
	}
	if v.Kind() == connect.KindTime {
		switch {
		case from == nil || from.Logical() == connect.LogicalTime:
			return v, nil
		case from.Logical() == connect.LogicalTimestamp:
			return connect.TimeMillis((v.Millis()%millisPerDay + millisPerDay) % millisPerDay), nil
		}
	}
	millis, err := asLong(from, v, nil)
	if err != nil {
		return connect.Value{}, err
	}
	return connect.DecodeTime(connect.TimeSchema, int32(millis))
}

// ConvertToTimestamp returns an instant: midnight of a Date, a Time on 1970-01-01, or the number of milliseconds since
// 1970-01-01T00:00:00Z. An instant without a schema, or of a Timestamp schema, is returned as it is.
func ConvertToTimestamp(from *connect.Schema, v connect.Value) (connect.Value, error) {
	v, err := instantOrText(v)
	if err != nil {
		return connect.Value{}, err
	}
	if v.Kind() == connect.KindTime {
		if from == nil {
			return v, nil
		}
		switch from.Logical() {
		case connect.LogicalDate:
			days, err := connect.EncodeDate(from, v)
			return connect.TimeMillis(int64(days) * millisPerDay), err
		case connect.LogicalTime:
			millis, err := connect.EncodeTime(from, v)
			return connect.TimeMillis(int64(millis)), err
		case connect.LogicalTimestamp:
			return v, nil
		}
	}
	millis, err := asLong(from, v, nil)
	if err != nil {
		return connect.Value{}, err
	}
	return connect.TimeMillis(millis), nil
}

// instantOrText refuses null and parses text.
func instantOrText(v connect.Value) (connect.Value, error) {
	switch v.Kind() {
	case connect.KindNull:
		return nullFor(false)
	case connect.KindString:
		return parseText(v)
	}
	return v, nil
}
