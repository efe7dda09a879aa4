package jsonconv

import "slices"

// nodeKind is the kind of a value in a document: Jackson's JsonNodeType.
type nodeKind uint8

const (
	nodeMissing nodeKind = iota
	nodeNull
	nodeBoolean
	nodeNumber
	nodeString
	nodeArray
	nodeObject
)

// String returns Jackson's name of the kind, which messages show.
func (k nodeKind) String() string {
	return [...]string{"MISSING", "NULL", "BOOLEAN", "NUMBER", "STRING", "ARRAY", "OBJECT"}[k]
}

// kindOf returns the kind of the value that begins with c.
func kindOf(c byte) nodeKind {
	switch c {
	case 'n':
		return nodeNull
	case 't', 'f':
		return nodeBoolean
	case '"':
		return nodeString
	case '[':
		return nodeArray
	case '{':
		return nodeObject
	}
	return nodeNumber
}

// node is one value of a document, by where its text is. The zero node is missing.
type node struct {
	kind     nodeKind
	from, to int
}

// member is one member of an object.
type member struct {
	name       string
	key, value node
}

// object is an object taken apart. Names are distinct; of equal ones the last value counts, in the place of the first.
type object struct{ members []member }

// get returns the named member.
func (o object) get(name string) node {
	for _, m := range o.members {
		if m.name == name {
			return m.value
		}
	}
	return node{}
}

// document is a message that was validated as a whole.
type document struct {
	data []byte
	// spans are the objects and arrays, by where they begin. Without them, looking for the end of a value on every level
	// would take the product of size and depth.
	spans []span
}

type span struct{ from, to int }

// newDocument validates data and returns its first value, which is missing if data is blank.
func newDocument(data []byte) (*document, node, error) {
	d := &document{data: toUTF8(data)}
	start, end, err := scanDocument(d.data, &d.spans)
	if err != nil || start == end {
		return nil, node{}, err
	}
	return d, node{kind: kindOf(d.data[start]), from: start, to: end}, nil
}

// raw returns the text of a value.
func (d *document) raw(n node) []byte { return d.data[n.from:n.to] }

// text returns what a string says. It points into the document if nothing had to be translated.
func (d *document) text(n node) []byte {
	_, form := scanText(d.data, n.from+1)
	return decodeText(nil, d.data[n.from+1:n.to-1], form)
}

// at returns the value that begins at i.
func (d *document) at(i int) node {
	n := node{kind: kindOf(d.data[i]), from: i}
	if n.kind == nodeArray || n.kind == nodeObject {
		at, _ := slices.BinarySearchFunc(d.spans, i, func(s span, i int) int { return s.from - i })
		n.to = d.spans[at].to
		return n
	}
	n.to, _ = skipValue(d.data, i, 0) // valid already
	return n
}

// elements returns the elements of an array.
func (d *document) elements(n node) []node {
	var items []node
	i := skipSpace(d.data, n.from+1)
	for d.data[i] != ']' {
		item := d.at(i)
		items = append(items, item)
		if i = skipSpace(d.data, item.to); d.data[i] == ',' {
			i = skipSpace(d.data, i+1)
		}
	}
	return items
}

// object takes an object apart; what is none has no members.
func (d *document) object(n node) object {
	var o object
	if n.kind != nodeObject {
		return o
	}
	at := make(map[string]int)
	i := skipSpace(d.data, n.from+1)
	for d.data[i] != '}' {
		end, value, _ := skipName(d.data, i) // valid already
		m := member{key: node{kind: nodeString, from: i, to: end}, value: d.at(value)}
		m.name = string(d.text(m.key))
		if j, ok := at[m.name]; ok {
			o.members[j].value = m.value
		} else {
			at[m.name] = len(o.members)
			o.members = append(o.members, m)
		}
		if i = skipSpace(d.data, m.value.to); d.data[i] == ',' {
			i = skipSpace(d.data, i+1)
		}
	}
	return o
}

// member returns the named member as text if it is a string.
func (d *document) member(o object, name string) (string, bool) {
	n := o.get(name)
	if n.kind != nodeString {
		return "", false
	}
	return string(d.text(n)), true
}
