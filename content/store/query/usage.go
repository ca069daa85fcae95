package query

import (
	"strconv"
	"strings"
	"time"

	"sextant/content"
)

// AddUsage implements content.UsageTx.
func (t *tx) AddUsage(u content.Usage) error {
	greater := "CASE WHEN excluded.peak_bytes > usage.peak_bytes THEN excluded.peak_bytes ELSE usage.peak_bytes END"
	return t.exec(`INSERT INTO usage (day, principal, environment, executions, execution_micros, cpu_micros, peak_bytes) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (day, principal, environment) DO UPDATE SET executions = usage.executions + excluded.executions,
		execution_micros = usage.execution_micros + excluded.execution_micros, cpu_micros = usage.cpu_micros + excluded.cpu_micros, peak_bytes = `+greater,
		u.Day, u.User, u.Environment, u.Executions, u.Execution.Microseconds(), u.CPU.Microseconds(), u.PeakBytes)
}

// Usage implements content.UsageTx.
func (t *tx) Usage(f content.UsageFilter, limit int) ([]content.Usage, error) {
	where, args := []string{"1 = 1"}, []any{limit}
	for _, c := range []struct{ test, value string }{{"day >= ", f.From}, {"day <= ", f.Until}, {"principal = ", string(f.User)}, {"environment = ", f.Environment}} {
		if c.value != "" {
			args = append(args, c.value)
			where = append(where, c.test+"$"+strconv.Itoa(len(args)))
		}
	}
	var out []content.Usage
	err := t.each(func(row func(...any) error) error {
		var u content.Usage
		var execution, cpu int64
		err := row(&u.Day, &u.User, &u.Environment, &u.Executions, &execution, &cpu, &u.PeakBytes)
		u.Execution, u.CPU = time.Duration(execution)*time.Microsecond, time.Duration(cpu)*time.Microsecond
		out = append(out, u)
		return err
	}, "SELECT day, principal, environment, executions, execution_micros, cpu_micros, peak_bytes FROM usage WHERE "+strings.Join(where, " AND ")+
		" ORDER BY day DESC, principal, environment LIMIT $1", args...)
	return out, err
}
