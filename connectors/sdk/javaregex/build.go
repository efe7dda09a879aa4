package javaregex

// builder links the nodes of a parsed pattern for the backtracking engine.
type builder struct{ loops int }

func build(p *parser, root *node) *program {
	var b builder
	start := b.link(root, end{})
	return &program{start: start, groups: p.groups, loops: b.loops, steps: maxSteps}
}

// link returns the step for n with next behind it.
func (b *builder) link(n *node, next step) step {
	switch n.op {
	case opSet:
		return &character{set: n.set.clean(), next: next}
	case opConcat:
		for i := len(n.subs) - 1; i >= 0; i-- {
			next = b.link(n.subs[i], next)
		}
		return next
	case opAlternate:
		s := new(branch)
		for _, sub := range n.subs {
			s.subs = append(s.subs, b.link(sub, next))
		}
		return s
	case opRepeat:
		return b.repetition(n, next)
	case opCapture:
		return &open{group: n.index, next: b.link(n.subs[0], &closing{group: n.index, next: next})}
	case opAtomic:
		return &atomic{sub: b.link(n.subs[0], accept{}), next: next}
	case opLook:
		return b.look(n, next)
	case opBackref:
		return &same{group: n.index, fold: n.fold, unicodeCase: n.unicodeCase, next: next}
	case opAnchor:
		return &position{holds: n.anchor(), next: next}
	}
	return next
}

func (b *builder) look(n *node, next step) step {
	absent := n.text == "!" || n.text == "<!"
	if n.text == "=" || n.text == "!" {
		return &ahead{sub: b.link(n.subs[0], accept{}), next: next, absent: absent}
	}
	low, high, _ := n.subs[0].width()
	return &back{sub: b.link(n.subs[0], arrive{}), next: next, min: low, max: high, absent: absent}
}

func (b *builder) repetition(n *node, next step) step {
	sub := n.subs[0]
	switch {
	case sub.op == opSet:
		return &repeat{set: sub.set.clean(), min: n.min, max: n.max, mode: n.mode, next: next}
	case n.mode == possessive:
		return &once{sub: b.link(sub, accept{}), min: n.min, max: n.max, next: next}
	case n.min == 0 && n.max == 1:
		with := b.link(sub, next)
		if sub.alone() {
			with = &atomic{sub: b.link(sub, accept{}), next: next}
		}
		if n.mode == reluctant {
			return &branch{subs: []step{next, with}}
		}
		return &branch{subs: []step{with, next}}
	case sub.alone():
		return &curly{sub: b.link(sub, accept{}), min: n.min, max: n.max, lazy: n.mode == reluctant, next: next}
	case sub.deterministic():
		c := &curly{min: n.min, max: n.max, lazy: n.mode == reluctant, next: next}
		if sub.op == opCapture {
			c.group, sub = sub.index, sub.subs[0]
		}
		c.sub = b.link(sub, accept{})
		return c
	}
	l := &loop{slot: b.loops, min: n.min, max: n.max, lazy: n.mode == reluctant, next: next}
	b.loops++
	l.body = b.link(sub, l)
	return enter{l}
}

// alone reports whether n, when it is repeated, is matched by itself.
func (n *node) alone() bool {
	return n.op == opLook || n.op == opBackref || n.op == opAnchor || n.op == opAtomic
}

// deterministic reports whether Java thinks that there is one way at most to match n at a place. A group of which it does is repeated
// without going back into it.
func (n *node) deterministic() bool {
	switch n.op {
	case opAlternate:
		return false
	case opLook:
		return true
	case opRepeat:
		return n.min == n.max && n.subs[0].deterministic()
	}
	for _, sub := range n.subs {
		if !sub.deterministic() {
			return false
		}
	}
	return true
}

// manyCharacters is more than a text has.
const manyCharacters = 1 << 30

// width returns the least and the greatest number of characters that n can match; ok is false when there is no greatest.
func (n *node) width() (low, high int, ok bool) {
	ok = true
	switch n.op {
	case opSet:
		return 1, 1, true
	case opConcat, opCapture, opAtomic:
		for _, sub := range n.subs {
			l, h, subOK := sub.width()
			low, high, ok = min(low+l, manyCharacters), min(high+h, manyCharacters), ok && subOK
		}
	case opAlternate:
		for i, sub := range n.subs {
			l, h, subOK := sub.width()
			if i == 0 || l < low {
				low = l
			}
			high, ok = max(high, h), ok && subOK
		}
	case opRepeat:
		l, h, subOK := n.subs[0].width()
		if n.max == unlimited && n.subs[0].op == opSet && n.mode == greedy && n.min < 2 {
			return n.min, manyCharacters, true // Java takes these, and only these
		}
		return min(l*n.min, manyCharacters), min(h*max(n.max, 0), manyCharacters), subOK && n.max != unlimited
	case opBackref:
		return 0, 0, false
	}
	return low, high, ok
}
