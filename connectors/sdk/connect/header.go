package connect

// LastHeader returns the last header with the given key; ok is false when there is none.
func LastHeader(headers []Header, key string) (h Header, ok bool) {
	for i := len(headers) - 1; i >= 0; i-- {
		if headers[i].Key == key {
			return headers[i], true
		}
	}
	return Header{}, false
}

// RemoveHeaders returns headers without those of the given key. It works in place: the slice passed in must not be used
// afterwards.
func RemoveHeaders(headers []Header, key string) []Header {
	kept := headers[:0]
	for _, h := range headers {
		if h.Key != key {
			kept = append(kept, h)
		}
	}
	clear(headers[len(kept):])
	return kept
}

// RetainLatestHeaders returns headers with only the last one of each key. The order is that of the headers kept. It works in
// place: the slice passed in must not be used afterwards.
func RetainLatestHeaders(headers []Header) []Header {
	kept := headers[:0]
	for i, h := range headers {
		if _, later := LastHeader(headers[i+1:], h.Key); !later {
			kept = append(kept, h)
		}
	}
	clear(headers[len(kept):])
	return kept
}

// AppendHeader appends a header to headers. When there is no room, the longer slice comes from a, or from the heap when a is
// nil.
func AppendHeader(a *Arena, headers []Header, h Header) []Header {
	if len(headers) < cap(headers) {
		return append(headers, h)
	}
	longer := a.Headers(2*len(headers) + 4)[:len(headers)]
	copy(longer, headers)
	return append(longer, h)
}
