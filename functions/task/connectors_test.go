package task_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/url"
	"strings"
	"sync"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// testClasses are connectors that do what no real one should.
func testClasses(p *passwords) []*connect.Class {
	def := configdef.MustNew()
	return []*connect.Class{
		{Name: "test.LoginSource", TaskClass: "test.LoginTask", Config: def, Source: func() connect.Source { return &guarded{passwords: p} }},
		{Name: "test.UnavailableSource", TaskClass: "test.UnavailableTask", Config: def, Source: func() connect.Source { return &unavailable{} }},
		{
			Name: "test.TransactionalSource", TaskClass: "test.TransactionalTask", Config: def, Source: func() connect.Source { return &unavailable{} },
			DefinesTransactions: func(config map[string]string) bool { return config["define"] != "" },
		},
		{
			Name: "test.TalkativeSource", TaskClass: "test.TalkativeTask", Config: def, Source: func() connect.Source { return &talkative{} },
			Plan: func(_ context.Context, config map[string]string, _ int) ([]map[string]string, error) {
				return []map[string]string{{"url": "db://user:" + config["password"] + "@host", "password": config["password"]}}, nil
			},
			Check: func(_ context.Context, config map[string]string) map[string][]string {
				return map[string][]string{"password": {"Invalid value " + config["password"] + " for configuration password"}}
			},
			AlterOffsets: func(_ context.Context, config map[string]string, _ []connect.SourceOffset) (bool, error) {
				return false, quoting(config)
			},
		},
		{
			Name: "test.PanickySource", TaskClass: "test.PanickyTask", Config: def, Source: func() connect.Source { panic("no source") },
			Plan: func(context.Context, map[string]string, int) ([]map[string]string, error) { panic("no plan") },
		},
		{Name: "test.LoudPanicSource", TaskClass: "test.LoudPanicTask", Config: def, Source: func() connect.Source { return &loud{} }},
		{Name: "test.EncodingSource", TaskClass: "test.EncodingTask", Config: def, Source: func() connect.Source { return &encoding{} }},
		{
			Name: "test.BrokenPlanSource", TaskClass: "test.BrokenPlanTask", Config: def, Source: func() connect.Source { return &unavailable{} },
			Plan: func(_ context.Context, config map[string]string, _ int) ([]map[string]string, error) {
				return nil, quoting(config)
			},
		},
	}
}

// unavailable is a source whose other system is never there.
type unavailable struct{}

func (*unavailable) Open(context.Context, *connect.SourceRuntime) error      { return nil }
func (*unavailable) Committed(context.Context, []connect.SourceOffset) error { return nil }
func (*unavailable) Close(context.Context) error                             { return nil }
func (*unavailable) Poll(context.Context, *connect.Batch) error {
	return connect.RetriableError("the other system is away", nil)
}

// passwords is a system that lets in who has its password.
type passwords struct {
	mu      sync.Mutex
	current string
	logins  int
}

func (p *passwords) set(current string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current = current
}

func (p *passwords) tried() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.logins
}

// guarded is a source that needs the password of its system, which has nothing for it.
type guarded struct {
	unavailable
	passwords *passwords
}

func (g *guarded) Open(_ context.Context, rt *connect.SourceRuntime) error {
	g.passwords.mu.Lock()
	defer g.passwords.mu.Unlock()
	g.passwords.logins++
	if rt.Config["password"] != g.passwords.current {
		return connect.FatalError("password authentication failed for "+rt.Config["password"], nil)
	}
	return nil
}

func (*guarded) Poll(context.Context, *connect.Batch) error { return nil }

// talkative is a source that says its password wherever it can.
type talkative struct{ unavailable }

func (*talkative) Open(_ context.Context, rt *connect.SourceRuntime) error {
	password := rt.Config["password"]
	rt.Log.Info("log in with "+password, "password", password, "config", rt.Config)
	rt.Log.WithGroup("login").With("with", password).Warn("again", slog.Group("inner", "error", quoting(rt.Config)))
	return quoting(rt.Config)
}

// loud is a source that panics with its configuration.
type loud struct{ unavailable }

func (*loud) Open(_ context.Context, rt *connect.SourceRuntime) error {
	panic(fmt.Sprintf("no connection with %v", rt.Config))
}

// encoding is a source that tells its password as headers, URLs and dumps have it.
type encoding struct{ unavailable }

func (*encoding) Open(_ context.Context, rt *connect.SourceRuntime) error {
	password := rt.Config["password"]
	login := base64.StdEncoding.EncodeToString([]byte("alice:" + password))
	text := fmt.Sprintf("Authorization: Basic %s, http://u:%s@h?p=%s, %x, %q, %s, %s", login, url.PathEscape(password), url.QueryEscape(password), password, password, html.EscapeString(password), strings.ToUpper(password))
	rt.Log.Warn(text, "header", login)
	return connect.FatalError(text, nil)
}

// quoting is an error as database drivers make them.
func quoting(config map[string]string) error {
	password, _ := json.Marshal(config)
	return &connect.Error{
		Kind: connect.KindFatal, Class: connect.ConnectException, Message: "login failed for " + config["password"],
		Hint: "is " + config["password"] + " right?", Cause: connect.FatalError("the configuration was "+string(password), nil),
	}
}
