package faults_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/ferry-connect/ferry/localstack/lambda"
)

// ownerOf finds the sandbox at the other end of a connection. Lambda.SandboxOf does the same from one end's address alone, for
// which the kernel has to list all connections of the machine: with the hundreds of connections of a run that was most of its work. With
// both ends it looks up one.
func ownerOf(l *lambda.Lambda, functions []string, local, peer net.Addr) (owner, error) {
	ours, ok := local.(*net.TCPAddr)
	theirs, ok2 := peer.(*net.TCPAddr)
	if !ok || !ok2 {
		return owner{}, fmt.Errorf("%v and %v are no TCP addresses", local, peer)
	}
	inode, err := socketInode(theirs, ours)
	if err != nil {
		return owner{}, err
	}
	name := "socket:[" + strconv.FormatUint(uint64(inode), 10) + "]"
	for _, function := range functions {
		for _, s := range l.Sandboxes(function) {
			if holds(s.PID, name) {
				return owner{function, s.ID}, nil
			}
		}
	}
	return owner{}, lambda.ErrNoSandbox
}

func holds(pid int, socket string) bool {
	files, _ := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "fd", "*")) // of a process that has ended: none
	for _, file := range files {
		if name, err := os.Readlink(file); err == nil && name == socket {
			return true
		}
	}
	return false
}

// socketInode asks the kernel for the socket with these two ends (man 7 sock_diag).
func socketInode(from, to *net.TCPAddr) (uint32, error) {
	const (
		sockDiagByFamily  = 20
		inetDiag          = 4 // NETLINK_SOCK_DIAG
		headerSize        = 16
		requestSize       = headerSize + 56
		sourcePort        = headerSize + 8 // of the request's socket id
		answeredErrno     = headerSize
		answeredInode     = headerSize + 68
		answerWithAnInode = answeredInode + 4
	)
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, inetDiag)
	if err != nil {
		return 0, fmt.Errorf("ask for a socket: %w", err)
	}
	defer func() { _ = syscall.Close(fd) }()
	q := make([]byte, requestSize)
	binary.NativeEndian.PutUint32(q[0:], requestSize)
	binary.NativeEndian.PutUint16(q[4:], sockDiagByFamily)
	binary.NativeEndian.PutUint16(q[6:], syscall.NLM_F_REQUEST)
	q[headerSize], q[headerSize+1] = syscall.AF_INET, syscall.IPPROTO_TCP
	binary.NativeEndian.PutUint32(q[headerSize+4:], ^uint32(0)) // in any state
	binary.BigEndian.PutUint16(q[sourcePort:], uint16(from.Port))
	binary.BigEndian.PutUint16(q[sourcePort+2:], uint16(to.Port))
	copy(q[sourcePort+4:], from.IP.To4())
	copy(q[sourcePort+20:], to.IP.To4())
	binary.NativeEndian.PutUint64(q[sourcePort+40:], ^uint64(0)) // of any age
	if err := syscall.Sendto(fd, q, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return 0, fmt.Errorf("ask for a socket: %w", err)
	}
	answer := make([]byte, 4096)
	n, _, err := syscall.Recvfrom(fd, answer, 0)
	switch {
	case err != nil:
		return 0, fmt.Errorf("ask for a socket: %w", err)
	case n < headerSize+4:
		return 0, errors.New("ask for a socket: the answer is too short")
	case binary.NativeEndian.Uint16(answer[4:]) == syscall.NLMSG_ERROR || n < answerWithAnInode:
		errno := -int32(binary.NativeEndian.Uint32(answer[answeredErrno:]))
		if syscall.Errno(errno) == syscall.ENOENT {
			return 0, lambda.ErrNoSandbox // the process has ended, and its sockets with it
		}
		return 0, fmt.Errorf("ask for a socket: %w", syscall.Errno(errno))
	}
	return binary.NativeEndian.Uint32(answer[answeredInode:]), nil
}
