// The programs inside the images that a local node starts with; the standard library is all they need.
module kubeorch.local/static

go 1.26.0
