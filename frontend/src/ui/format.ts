const day = 24 * 60 * 60 * 1000;

/** shortTime is a time as near as one needs it: "today 06:02", "yesterday 17:40", "19 Nov", "2 Oct 2025". */
export function shortTime(at: Date, now: Date, locale?: string): string {
  const clock = at.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  if (at.getTime() >= midnight && at.getTime() < midnight + day) return `today ${clock}`;
  if (at.getTime() < midnight && at.getTime() >= midnight - day) return `yesterday ${clock}`;
  const sameYear = at.getFullYear() === now.getFullYear();
  return at.toLocaleDateString(locale, { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) });
}

/** longTime is a time to the minute with its zone. */
export function longTime(at: Date, locale?: string): string {
  return at.toLocaleString(locale, { dateStyle: "long", timeStyle: "short" });
}

/** size is a number of bytes in the unit that fits. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = "";
  for (const next of units) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** count is a number with its thousands apart, and what is counted. */
export function count(n: number, one: string, more: string): string {
  return `${n.toLocaleString()} ${n === 1 ? one : more}`;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** byName compares as people order names: "part 2" before "Part 10". */
export function byName(a: string, b: string): number {
  return collator.compare(a, b);
}
