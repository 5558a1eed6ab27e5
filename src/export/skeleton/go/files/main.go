package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stopping may take this long; containers are killed after 20 s.
const stopping = 15 * time.Second

func main() {
	log := newLogger(os.Stdout, text("SERVICE_NAME", serviceName))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := serve(ctx, log); err != nil {
		log.Error("stopped", "error.type", "server", "error.message", err.Error())
		os.Exit(1)
	}
}

// serve answers until ctx ends, then lets requests under way finish.
func serve(ctx context.Context, log *slog.Logger) error {
	a, err := newAPI(log, os.Getenv)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           a.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       75 * time.Second,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	ports := append([]string{text("PORT", usualPort)}, morePorts...)
	failed := make(chan error, len(ports))
	for _, port := range ports {
		// HOST narrows it to one address; in a container every one is right.
		listener, err := net.Listen("tcp", net.JoinHostPort(os.Getenv("HOST"), port))
		if err != nil {
			return err
		}
		log.Info("listening", "server.address", listener.Addr().String())
		go func() { failed <- server.Serve(listener) }()
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	a.isDraining.Store(true)
	log.Info("stopping")
	limited, cancel := context.WithTimeout(context.Background(), stopping)
	defer cancel()
	err = server.Shutdown(limited)
	if errors.Is(err, context.DeadlineExceeded) {
		return server.Close()
	}
	return err
}
