// Netcheck asks one question of the network and prints the answer: netcheck get URL, netcheck resolve NAME,
// netcheck dial HOST:PORT. Called as wget or nslookup it takes their simplest arguments, because the applets of
// a static busybox crash where the C library would load its name service.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

const patience = 5 * time.Second

func main() {
	verb, target := "", ""
	if len(os.Args) > 1 {
		verb = os.Args[1]
	}
	if len(os.Args) > 2 {
		target = os.Args[2]
	}
	var err error
	switch {
	case verb == "--version":
		fmt.Println("netcheck 1")
	case verb == "get" && target != "":
		err = get(target)
	case verb == "resolve" && target != "":
		err = resolve(target)
	case verb == "dial" && target != "":
		err = dial(target)
	default:
		fmt.Fprintln(os.Stderr, "usage: netcheck get URL | resolve NAME | dial HOST:PORT")
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func get(url string) error {
	if !strings.Contains(url, "://") {
		url = "http://" + url
	}
	client := http.Client{Timeout: patience}
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(os.Stdout, response.Body); err != nil {
		return err
	}
	if response.StatusCode >= 400 {
		return fmt.Errorf("%s answered %s", url, response.Status)
	}
	return nil
}

func resolve(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupHost(ctx, name)
	if err != nil {
		return err
	}
	fmt.Println(strings.Join(addresses, "\n"))
	return nil
}

func dial(address string) error {
	connection, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return err
	}
	fmt.Println("connected to", connection.RemoteAddr())
	return connection.Close()
}
