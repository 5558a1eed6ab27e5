package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// A job runs once: put the real work in the place of the example.
func main() {
	log := newLogger(os.Stdout, text("SERVICE_NAME", serviceName))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	all, err := newCallers(log, os.Getenv)
	if err != nil {
		log.Error("stopped", "error.type", "settings", "error.message", err.Error())
		os.Exit(1)
	}
	ctx = withIDs(ctx, idsFrom(nil))
	asked, hasFailed := all.ask(ctx)
	log.InfoContext(ctx, "done", "event.outcome", asked)
	if hasFailed {
		os.Exit(1)
	}
}
