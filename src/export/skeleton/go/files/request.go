package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"regexp"
)

var (
	usableID     = regexp.MustCompile(`^[A-Za-z0-9._-]{8,128}$`)
	usableParent = regexp.MustCompile(`^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$`)
)

// ids go with a request from service to service.
type ids struct {
	request, trace, parent string
}

// idsFrom takes the ids a caller sent, and makes up what is missing or odd.
func idsFrom(header http.Header) ids {
	it := ids{request: header.Get("X-Request-ID"), parent: header.Get("traceparent")}
	if !usableID.MatchString(it.request) {
		it.request = random(16)
	}
	found := usableParent.FindStringSubmatch(it.parent)
	if found == nil || isZero(found[1]) || isZero(found[2]) {
		it.trace = random(16)
		it.parent = "00-" + it.trace + "-" + random(8) + "-00"
		return it
	}
	it.trace = found[1]
	return it
}

func (it ids) passOn(header http.Header) {
	if it.request != "" {
		header.Set("X-Request-ID", it.request)
		header.Set("traceparent", it.parent)
	}
}

type idsKey struct{}

func withIDs(ctx context.Context, it ids) context.Context {
	return context.WithValue(ctx, idsKey{}, it)
}

func idsOf(ctx context.Context) ids {
	it, _ := ctx.Value(idsKey{}).(ids)
	return it
}

func random(count int) string {
	bytes := make([]byte, count)
	_, _ = rand.Read(bytes) // never fails
	return hex.EncodeToString(bytes)
}

func isZero(digits string) bool {
	for _, it := range digits {
		if it != '0' {
			return false
		}
	}
	return true
}
