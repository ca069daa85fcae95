package run

import (
	"strconv"
	"strings"
)

func formatID(epoch string, n uint64) string { return epoch + "-" + strconv.FormatUint(n, 10) }

// parseID reads what formatID gives; anything else is of no epoch.
func parseID(id string) (epoch string, n uint64) {
	epoch, number, _ := strings.Cut(id, "-")
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return "", 0
	}
	return epoch, n
}
