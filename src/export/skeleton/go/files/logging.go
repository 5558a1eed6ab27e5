package main

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"time"
)

// newLogger writes one JSON object a line, in the names of the Elastic Common Schema.
func newLogger(out io.Writer, service string) *slog.Logger {
	handler := slog.NewJSONHandler(out, &slog.HandlerOptions{ReplaceAttr: inECS})
	return slog.New(withTrace{handler}).With("ecs.version", "8.11.0", "service.name", service)
}

func inECS(groups []string, attribute slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return attribute
	}
	switch attribute.Key {
	case slog.TimeKey:
		return slog.String("@timestamp", attribute.Value.Time().UTC().Format(time.RFC3339Nano))
	case slog.LevelKey:
		return slog.String("log.level", strings.ToLower(attribute.Value.String()))
	case slog.MessageKey:
		attribute.Key = "message"
	}
	return attribute
}

// withTrace adds the ids of the request to each line.
type withTrace struct{ slog.Handler }

func (h withTrace) Handle(ctx context.Context, record slog.Record) error {
	if it := idsOf(ctx); it.request != "" {
		record.AddAttrs(slog.String("trace.id", it.trace), slog.String("http.request.id", it.request))
	}
	return h.Handler.Handle(ctx, record)
}

func (h withTrace) WithAttrs(attributes []slog.Attr) slog.Handler {
	return withTrace{h.Handler.WithAttrs(attributes)}
}

func (h withTrace) WithGroup(name string) slog.Handler {
	return withTrace{h.Handler.WithGroup(name)}
}
