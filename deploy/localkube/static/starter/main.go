// Starter is the small web server that a first workflow deploys. It listens on port 8080 (PORT), greets with
// GREETING, shows the files of /etc/starter, answers /healthz, and writes one line per request.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"time"
)

const (
	folder      = "/etc/starter"
	longestFile = 64 << 10
)

// page is what the starter knows about itself; secrets in the environment are none of its business.
type page struct {
	Greeting string            `json:"greeting"`
	Host     string            `json:"host"`
	Started  time.Time         `json:"started"`
	Files    map[string]string `json:"files"`
}

var layout = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{.Greeting}}</title>
<style>
body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;color:#1c2733}
pre{background:#f2f5f8;padding:.75rem;border-radius:.5rem;overflow:auto} small{color:#5b6b7b}
</style>
<h1>{{.Greeting}}</h1>
<p>This page comes from the pod <code>{{.Host}}</code>.</p>
{{range $name, $text := .Files}}<h2><code>{{$name}}</code></h2><pre>{{$text}}</pre>{{end}}
<p><small>running since {{.Started.Format "2006-01-02 15:04:05 MST"}}</small></p>
</html>
`))

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println("starter 1")
		return
	}
	log.SetFlags(log.LstdFlags | log.LUTC)
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	server := &http.Server{
		Addr:              ":" + setting("PORT", "8080"),
		Handler:           logged(routes(time.Now().UTC())),
		ReadHeaderTimeout: 5 * time.Second,
	}
	go func() {
		<-ctx.Done()
		log.Print("told to end")
		patience, done := context.WithTimeout(context.Background(), 3*time.Second)
		defer done()
		_ = server.Shutdown(patience)
	}()
	log.Printf("listening on %s", server.Addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

func routes(started time.Time) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /info", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(describe(started))
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = layout.Execute(w, describe(started))
	})
	mux.Handle("GET /files/", http.StripPrefix("/files/", http.FileServer(http.Dir(folder))))
	return mux
}

func describe(started time.Time) page {
	host, _ := os.Hostname()
	return page{setting("GREETING", "Hello from KubeOrch"), host, started, readFiles()}
}

// readFiles reads what is mounted; names that begin with a dot are Kubernetes' own links.
func readFiles() map[string]string {
	files := map[string]string{}
	entries, _ := os.ReadDir(folder)
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err == nil && len(text) <= longestFile {
			files[entry.Name()] = string(text)
		}
	}
	return files
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// logged writes one line per request, except for the kubelet's own questions.
func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		next.ServeHTTP(w, r)
		if r.URL.Path != "/healthz" {
			log.Printf("%s %s %s", r.Method, r.URL.EscapedPath(), time.Since(begin).Round(time.Microsecond))
		}
	})
}
