package environment

import (
	"strings"

	"sextant/content/notebook"
)

// OfNotebook is the id of the environment that a notebook runs in: of the kernel that stands for it. Empty: it names none.
func OfNotebook(nb *notebook.Notebook) string {
	kernel, _ := nb.Metadata["kernelspec"].Object()["name"].Text()
	id, ok := strings.CutPrefix(kernel, KernelPrefix)
	if !ok {
		return ""
	}
	return id
}
