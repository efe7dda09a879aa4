package javaregex

// group reads a group after its opening parenthesis. Flags without a group give nil.
func (p *parser) group() *node {
	defer p.enter()()
	saved := p.flags
	n := &node{}
	p.more() // with the flag x, blanks may follow
	switch {
	case !p.accept("?"):
		p.groups++
		n.op, n.index = opCapture, p.groups
	case p.accept(":"):
		n.op = opConcat
	case p.accept(">"):
		n.op = opAtomic
	case p.accept("="):
		n.op, n.text = opLook, "="
	case p.accept("!"):
		n.op, n.text = opLook, "!"
	case p.accept("<="):
		n.op, n.text = opLook, "<="
	case p.accept("<!"):
		n.op, n.text = opLook, "<!"
	case p.accept("<"):
		n.op, n.index = opCapture, p.named()
	default:
		if p.inlineFlags() {
			return nil
		}
		n.op = opConcat
	}
	if n.op == opAtomic || n.op == opLook {
		p.backtracks = true
	}
	n.subs = []*node{p.alternation()}
	if !p.more() || !p.accept(")") {
		p.fail("Unclosed group", len(p.text))
	}
	p.flags = saved
	if n.op == opLook && n.text[0] == '<' {
		if _, _, ok := n.subs[0].width(); !ok {
			p.fail("Look-behind group does not have an obvious maximum length", p.pos-1)
		}
	}
	return n
}

// named reads the name of a capturing group and returns its number.
func (p *parser) named() int {
	start := p.pos
	for p.pos < len(p.text) && (isLetter(p.text[p.pos]) || p.pos > start && isDigit(p.text[p.pos])) {
		p.pos++
	}
	name := string(p.text[start:p.pos])
	if name == "" {
		p.fail("capturing group name does not start with a Latin letter", p.pos)
	}
	if !p.accept(">") {
		p.fail("named capturing group is missing trailing '>'", p.pos)
	}
	if _, twice := p.names[name]; twice {
		p.fail("Named capturing group <"+name+"> is already defined", p.pos-1)
	}
	p.groups++
	p.names[name] = p.groups
	return p.groups
}

// inlineFlags reads the flags in (?i) and (?i-s:…). It returns true when they stand alone: then they hold to the end of the
// surrounding group.
func (p *parser) inlineFlags() bool {
	on := true
	for p.more() {
		c := p.next()
		if c == '-' && on {
			on = false
			continue
		}
		switch c {
		case 'i':
			p.flags.fold = on
		case 'u':
			p.flags.unicodeCase = on
		case 'm':
			p.flags.multiline = on
		case 's':
			p.flags.dotAll = on
		case 'd':
			p.flags.unixLines = on
		case 'x':
			p.flags.comments = on
		case 'U':
			p.flags.unicodeClass = on
			p.flags.unicodeCase = on
		case ')':
			return true
		case ':':
			return false
		default:
			p.fail("Unknown inline modifier", p.pos-1)
		}
	}
	p.fail("Unknown inline modifier", len(p.text))
	return false
}
