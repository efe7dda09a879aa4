package javatext

import "unicode/utf8"

// HashString is String.hashCode: the polynomial of base 31 over the UTF-16 units of s, modulo 2^32.
func HashString(s string) int32 {
	var h int32
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			h = 31*h + int32(s[i])
			i++
			continue
		}
		r, size := decodeUnit(s[i:])
		if r > 0xFFFF {
			r -= 0x10000
			h = 31*h + (0xD800 + r>>10)
			r = 0xDC00 + r&0x3FF
		}
		h = 31*h + r
		i += size
	}
	return h
}

// decodeUnit decodes one character; an unpaired surrogate in its three-byte form is one too.
func decodeUnit(s string) (r rune, size int) {
	if len(s) >= 3 && s[0] == 0xED && s[1]&0xE0 == 0xA0 && s[2]&0xC0 == 0x80 {
		return 0xD000 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), 3
	}
	return utf8.DecodeRuneInString(s)
}

const (
	hashCapacity = 16 // of a new HashMap
	treeBucket   = 9  // entries of a bucket at which a small table grows early
	treeCapacity = 64 // below it, that is
)

// HashOrder returns the order in which a java.util.HashMap with default capacity iterates over keys that were put in the
// given order: element j of the result is the index of the key that comes j-th. The keys must be distinct.
//
// Where nine or more keys fall into one bucket of a table of 64 or more, Java turns the bucket into a tree and may move
// one key to its front; that is not followed.
func HashOrder(keys []string) []int {
	capacity := uint32(hashCapacity)
	hashes := make([]uint32, len(keys))
	for i, key := range keys {
		h := uint32(HashString(key))
		hashes[i] = h ^ h>>16
		if capacity < treeCapacity && bucketSize(hashes[:i+1], hashes[i], capacity) >= treeBucket {
			capacity *= 2
		}
		if uint32(i+1) > capacity/4*3 {
			capacity *= 2
		}
	}
	return orderByBucket(hashes, capacity)
}

func bucketSize(hashes []uint32, hash, capacity uint32) int {
	n := 0
	for _, h := range hashes {
		if (h^hash)&(capacity-1) == 0 {
			n++
		}
	}
	return n
}

// orderByBucket is a counting sort: stable, as Java keeps the order of insertion within a bucket.
func orderByBucket(hashes []uint32, capacity uint32) []int {
	starts := make([]int, capacity+1)
	for _, h := range hashes {
		starts[h&(capacity-1)+1]++
	}
	for i := range capacity {
		starts[i+1] += starts[i]
	}
	order := make([]int, len(hashes))
	for i, h := range hashes {
		b := h & (capacity - 1)
		order[starts[b]] = i
		starts[b]++
	}
	return order
}
