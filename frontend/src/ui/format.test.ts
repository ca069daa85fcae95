import { expect, test } from "vitest";
import { byName, count, shortTime, size } from "./format";
import { initials } from "./Face";

const now = new Date(2026, 10, 24, 12, 0);

test.each([
  [new Date(2026, 10, 24, 6, 2), "today 06:02"],
  [new Date(2026, 10, 24, 0, 0), "today 00:00"],
  [new Date(2026, 10, 23, 23, 59), "yesterday 23:59"],
  [new Date(2026, 10, 22, 23, 59), "22 Nov"],
  [new Date(2025, 9, 2, 1, 0), "2 Oct 2025"],
])("shortTime(%s) is %s", (at, want) => expect(shortTime(at, now, "en-GB")).toBe(want));

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [9949, "9.9 kB"],
  [9950, "10 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [4_100_000, "4.1 MB"],
  [5e15, "5000 TB"],
])("size(%d) is %s", (bytes, want) => expect(size(bytes)).toBe(want));

test("numbers in names", () => expect(["b", "a 10", "A 2"].sort(byName)).toEqual(["A 2", "a 10", "b"]));
test("count", () => expect([count(1, "job", "jobs"), count(2, "job", "jobs")]).toEqual(["1 job", "2 jobs"]));
test.each([
  ["ana.ruiz@x.org", "AR"],
  ["Åsa Öberg", "ÅÖ"],
  ["x", "X"],
  ["", ""],
])("initials(%s)", (name, want) => expect(initials(name)).toBe(want));
