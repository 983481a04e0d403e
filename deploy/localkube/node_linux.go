package main

import (
	"context"

	"github.com/spf13/cobra"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// What runs pods exists for Linux alone; elsewhere the nodes are simulated.
func init() {
	programs["kubelet"] = func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) }
	programs["kube-proxy"] = proxy.NewProxyCommand
}
