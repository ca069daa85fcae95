package sessions

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Price is what execution costs; the zero value is nothing, which is not shown.
type Price struct {
	// Currency is a code of ISO 4217, such as EUR.
	Currency string
	Hour     float64
}

var priceForm = regexp.MustCompile(`^([A-Z]{3}) (\d{1,9}(?:\.\d{1,6})?)$`)

// ParsePrice reads "EUR 0.50"; an empty text is the zero Price.
func ParsePrice(text string) (Price, error) {
	if text == "" {
		return Price{}, nil
	}
	found := priceForm.FindStringSubmatch(text)
	if found == nil {
		return Price{}, fmt.Errorf("%q is no price of an hour: want a currency and a number, such as EUR 0.50", text)
	}
	hour, err := strconv.ParseFloat(found[2], 64)
	return Price{found[1], hour}, err
}

// Of is what a time of execution costs, in the currency.
func (p Price) Of(d time.Duration) float64 { return p.Hour * d.Hours() }

// Text is what a time of execution costs, for people; empty where execution costs nothing.
func (p Price) Text(d time.Duration) string {
	switch cost := p.Of(d); {
	case p.Hour == 0 || d <= 0:
		return ""
	case cost < 0.01:
		return "less than " + p.Currency + " 0.01"
	default:
		return fmt.Sprintf("%s %.2f", p.Currency, cost)
	}
}
