import { describe, expect, test } from "vitest";
import type { Resource } from "../../api/client";
import { arrange, freeName, type Arrangement } from "./arrange";

const made = (name: string, more: Partial<Resource> = {}): Resource => ({
  id: name,
  name,
  type: name.includes(".") ? "file" : "folder",
  owner: "user:ana@x.org",
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
  etag: "1",
  ...more,
});
const how = (more: Partial<Arrangement> = {}): Arrangement => ({ by: "name", descending: false, words: "", type: "", owner: "", ...more });
const namesOf = (list: Resource[]) => list.map((r) => r.name);

describe("arrange", () => {
  const list = [made("part 10.csv", { size: 5 }), made("Part 2.csv", { size: 700, owner: "user:jo@x.org" }), made("zoo"), made("alpha", { updatedAt: "2026-03-01T00:00:00Z" })];
  test.each([
    ["folders first, numbers as numbers", how(), ["alpha", "zoo", "Part 2.csv", "part 10.csv"]],
    ["folders stay first the other way round", how({ descending: true }), ["zoo", "alpha", "part 10.csv", "Part 2.csv"]],
    ["by time, folders among the others", how({ by: "changed", descending: true }), ["alpha", "Part 2.csv", "part 10.csv", "zoo"]],
    ["by size", how({ by: "size", descending: true }), ["alpha", "zoo", "Part 2.csv", "part 10.csv"]],
    ["all words, in any case", how({ words: "PART 2" }), ["Part 2.csv"]],
    ["by owner", how({ owner: "user:jo@x.org" }), ["Part 2.csv"]],
    ["by type", how({ type: "folder" }), ["alpha", "zoo"]],
    ["nothing", how({ words: "none" }), []],
  ])("%s", (_, arrangement, want) => expect(namesOf(arrange(list, arrangement))).toEqual(want));
  test("leaves the list as it was", () => {
    const before = namesOf(list);
    arrange(list, how({ descending: true }));
    expect(namesOf(list)).toEqual(before);
  });
  test("finds tags", () => expect(namesOf(arrange([made("a.sql", { tags: ["Finance"] }), made("b.sql")], how({ words: "fin" })))).toEqual(["a.sql"]));
});

test.each([
  ["a.sql", [], "a.sql"],
  ["a.sql", ["A.SQL"], "a 2.sql"],
  ["a.sql", ["a.sql", "a 2.sql"], "a 3.sql"],
  ["folder", ["folder"], "folder 2"],
  [".env", [".env"], ".env 2"],
])("freeName(%s, %j) is %s", (name, taken, want) => expect(freeName(name, taken)).toBe(want));
