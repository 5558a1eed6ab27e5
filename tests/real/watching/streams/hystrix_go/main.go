// Commands of hystrix-go and their own stream.
//
// usage: hystrix_go PORT
//
// GET /call calls the bank through its breaker, /bank/up and /bank/down switch it.
package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync/atomic"

	"github.com/afex/hystrix-go/hystrix"
)

func main() {
	var isDown atomic.Bool
	hystrix.ConfigureCommand("bank", hystrix.CommandConfig{
		Timeout:                500,
		RequestVolumeThreshold: 3,
		ErrorPercentThreshold:  50,
		SleepWindow:            3000,
	})
	call := func() error {
		return hystrix.Do("bank", func() error {
			if isDown.Load() {
				return errors.New("the bank does not answer")
			}
			return nil
		}, nil)
	}
	if err := call(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	stream := hystrix.NewStreamHandler()
	stream.Start()
	http.Handle("/hystrix.stream", stream)
	http.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"status":"UP"}`)
	})
	http.HandleFunc("/call", func(w http.ResponseWriter, _ *http.Request) {
		if err := call(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	http.HandleFunc("/bank/up", func(http.ResponseWriter, *http.Request) { isDown.Store(false) })
	http.HandleFunc("/bank/down", func(http.ResponseWriter, *http.Request) { isDown.Store(true) })
	fmt.Fprintln(os.Stderr, http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
	os.Exit(1)
}
