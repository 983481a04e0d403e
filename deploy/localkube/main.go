// Every program of a local Kubernetes in one file: what it does depends on the name it is called by.
//
// One binary shares its libraries on disk and is built once; symlinks named kube-apiserver, kubelet, ... choose.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/spf13/cobra"
	etcd "go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

// programs are made when they are called, not before: making one registers its flags and feature gates.
// node_linux.go adds those that run pods.
var programs = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllers.NewControllerManagerCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kubectl":                 kubectl.NewDefaultKubectlCommand,
}

func main() {
	name := filepath.Base(os.Args[0])
	if name == "etcd" {
		etcd.Main(os.Args)
		return
	}
	if program, ok := programs[name]; ok {
		os.Exit(cli.Run(program()))
	}
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		listVersions()
		return
	}
	fmt.Fprintf(os.Stderr, "%s: call this as etcd or as one of Kubernetes' programs, by a symlink\n", name)
	os.Exit(2)
}

// listVersions says what is inside.
func listVersions() {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == "k8s.io/kubernetes" || module.Path == "go.etcd.io/etcd/server/v3" {
			fmt.Println(module.Path, module.Version)
		}
	}
}
