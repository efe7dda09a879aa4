package preview

import (
	"bytes"
	"encoding/json"
)

// hide replaces secrets wherever they stand in the result.
func (p *Preview) hide(r *Result) {
	if p.Hide == nil {
		return
	}
	for _, rec := range []*Record{r.Before, r.After, r.Kafka} {
		if rec != nil {
			p.hideRecord(rec)
		}
	}
	for i := range r.Steps {
		p.hideStep(&r.Steps[i])
	}
	if e := r.Error; e != nil {
		for _, text := range []*string{&e.Field, &e.Message, &e.Cause, &e.Hint, &e.DeadLetters, &e.Transform} {
			*text = p.Hide(*text)
		}
	}
}

// hideStep leaves classes alone, which the program has.
func (p *Preview) hideStep(s *Step) {
	s.Transform = p.Hide(s.Transform)
	if s.Predicate != nil {
		s.Predicate.Name = p.Hide(s.Predicate.Name)
	}
	for i := range s.Changes {
		c := &s.Changes[i]
		c.Path = p.Hide(c.Path)
		for _, t := range []*Typed{c.Before, c.After} {
			if t != nil {
				t.Value = p.hideJSON(t.Value)
			}
		}
	}
}

func (p *Preview) hideRecord(r *Record) {
	r.Topic = p.Hide(r.Topic)
	p.hideData(&r.Key)
	p.hideData(&r.Value)
	for i := range r.Headers {
		r.Headers[i].Key = p.Hide(r.Headers[i].Key)
		p.hideData(&r.Headers[i].Value)
	}
}

func (p *Preview) hideData(d *Data) {
	if d.Text != nil {
		text := p.Hide(*d.Text)
		d.Text = &text
	}
	if d.JSON != nil {
		d.JSON = p.hideJSON(d.JSON)
	}
}

// hideJSON replaces secrets in the texts and names of JSON, and a number or boolean that is one by the placeholder's text.
func (p *Preview) hideJSON(text json.RawMessage) json.RawMessage {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out []byte
	var open []rune // what is open: { before a name, : before its value, [ in an array
	first := true
	for {
		token, err := d.Token()
		if err != nil {
			return out // the end: the text was written here and is sound
		}
		if delim, ok := token.(json.Delim); ok && (delim == '}' || delim == ']') {
			open = open[:len(open)-1]
			out = append(out, byte(delim))
			first = false
			continue
		}
		out, open = separate(out, open, first)
		first = false
		switch t := token.(type) {
		case json.Delim:
			out = append(out, byte(t))
			open = append(open, rune(t))
			first = true
		case string:
			out = appendJSONText(out, p.Hide(t))
		case nil:
			out = append(out, "null"...)
		default:
			out = p.appendScalar(out, string(marshal(t)))
		}
	}
}

// appendScalar appends a number or boolean.
func (p *Preview) appendScalar(dst []byte, text string) []byte {
	if hidden := p.Hide(text); hidden != text {
		return appendJSONText(dst, hidden)
	}
	return append(dst, text...)
}

// separate appends what stands before the next token but a closing one.
func separate(out []byte, open []rune, first bool) ([]byte, []rune) {
	if len(open) == 0 {
		return out, open
	}
	top := len(open) - 1
	switch open[top] {
	case ':':
		open[top] = '{'
		return append(out, ':'), open
	case '{':
		open[top] = ':'
	}
	if !first {
		out = append(out, ',')
	}
	return out, open
}
