import { describe, expect, test, vi } from "vitest";
import { between, height, isScaled, maxTop, MAX_HEIGHT, scrollAt, shown, topAt, topFor, type Geometry } from "./geometry";
import { PAGE, Pages, type Rows } from "./pages";
import { boxOf, moved, tabbed, type Range } from "./range";

const few: Geometry = { rows: 100, rowHeight: 26, view: 260 };
const many: Geometry = { rows: 50_000_000, rowHeight: 26, view: 260 };

describe("geometry", () => {
  test("of few rows the scroll bar moves as they do", () => {
    expect(isScaled(few)).toBe(false);
    expect(topAt(few, 130)).toBe(130);
    expect(shown(few, 130)).toEqual([5, 15]);
    expect(shown(few, 131)).toEqual([5, 16]);
  });
  test("of many rows both ends can be reached, and each row", () => {
    expect(height(many)).toBe(MAX_HEIGHT);
    expect(shown(many, topAt(many, 0))[0]).toBe(0);
    expect(shown(many, topAt(many, MAX_HEIGHT - 260))[1]).toBe(many.rows);
    for (const row of [1, 7, 123_456, 49_999_990]) {
      const top = row * 26;
      expect(topAt(many, scrollAt(many, top))).toBeCloseTo(top, 3);
    }
  });
  test("no rows", () => {
    const none = { ...few, rows: 0 };
    expect([maxTop(none), topAt(none, 50), scrollAt(none, 50), ...shown(none, 0)]).toEqual([0, 0, 0, 0, 0]);
  });
  test("a row comes into view by the shortest way", () => {
    expect(topFor(few, 100, 0)).toBe(0);
    expect(topFor(few, 0, 9)).toBe(0);
    expect(topFor(few, 0, 10)).toBe(26);
    expect(topFor(few, 0, 99)).toBe(maxTop(few));
  });
  test.each([
    [0, 100, [0, 1]],
    [0, 101, [0, 2]],
    [100, 180, [1, 2]],
    [99, 400, [0, 3]],
    [500, 600, [3, 3]],
  ])("columns from %d to %d", (left, right, want) => expect(between([0, 100, 200, 300], left, right)).toEqual(want));
});

describe("range", () => {
  const at = (row: number, column: number): Range => ({ anchor: { row, column }, active: { row, column } });
  const press = (key: string, ctrl = false, shift = false) => ({ key, ctrl, shift });
  test.each([
    ["down", at(0, 0), press("ArrowDown"), 1, 0],
    ["up to the heads", at(0, 2), press("ArrowUp"), -1, 2],
    ["no further", at(-1, 2), press("ArrowUp"), -1, 2],
    ["to the last column", at(3, 0), press("End"), 3, 4],
    ["to the end", at(3, 0), press("End", true), 99, 4],
    ["to the beginning", at(3, 2), press("Home", true), 0, 0],
    ["by a page", at(95, 2), press("PageDown"), 99, 2],
    ["by a page from the heads", at(-1, 2), press("PageUp"), 0, 2],
    ["down at once", at(3, 2), press("ArrowDown", true), 99, 2],
  ])("%s", (_, range, key, row, column) => expect(moved(range, key, 100, 5, 10)?.active).toEqual({ row, column }));
  test("with Shift the anchor stays, and the heads are left out", () => {
    const next = moved(at(0, 1), press("ArrowUp", false, true), 100, 5, 10);
    expect(next).toEqual({ anchor: { row: 0, column: 1 }, active: { row: 0, column: 1 } });
    const down = moved(at(2, 1), press("ArrowDown", false, true), 100, 5, 10);
    expect(down && boxOf(down)).toEqual({ top: 2, bottom: 3, left: 1, right: 1 });
  });
  test("other keys move nothing", () => expect(moved(at(0, 0), press("x"), 1, 1, 1)).toBeNull());
  test("copied as spreadsheets read it", () => expect(tabbed([["a", null], ['b"c', "d\te"], ["two\nlines", "=1"]])).toBe('a\t\n"b""c"\t"d\te"\n"two\nlines"\t=1'));
});

describe("pages", () => {
  const rows = (page: number): Rows => ({ count: PAGE, text: (row) => String(page * PAGE + row) });
  const settle = () => new Promise<void>((done) => setTimeout(done));

  test("those in view come first, then the next one; what is there is not asked for again", async () => {
    const asked: number[] = [];
    const change = vi.fn();
    const pages = new Pages(async (page) => (asked.push(page), rows(page)), change);
    pages.want(PAGE * 3, PAGE * 3 + 40, 100 * PAGE, true);
    await settle();
    expect(asked).toEqual([3, 4]);
    expect(pages.text(PAGE * 3 + 7, 0)).toBe(String(PAGE * 3 + 7));
    expect(pages.text(0, 0)).toBeUndefined();
    pages.want(PAGE * 3, PAGE * 3 + 40, 100 * PAGE, false);
    await settle();
    expect(asked).toEqual([3, 4, 2]);
    expect(change).toHaveBeenCalledTimes(3);
  });

  test("who scrolls on does not wait for what they passed", async () => {
    const ended: number[] = [];
    const pages = new Pages(
      (page, signal) =>
        new Promise((_, refuse) =>
          signal.addEventListener("abort", () => {
            ended.push(page);
            refuse(new Error("ended"));
          }),
        ),
      (failure) => expect(failure).toBeNull(),
    );
    pages.want(0, 40, 100 * PAGE, true);
    pages.want(PAGE * 50, PAGE * 50 + 40, 100 * PAGE, true);
    await settle();
    expect(ended).toEqual([0, 1]);
  });

  test("a failure is told once, and tried again when it is asked for", async () => {
    let broken = true;
    const told: unknown[] = [];
    const pages = new Pages(async (page) => (broken ? Promise.reject(new Error("gone")) : rows(page)), (failure) => told.push(failure));
    pages.want(0, 40, PAGE, true);
    await settle();
    pages.want(0, 41, PAGE, true);
    await settle();
    expect(told).toEqual([new Error("gone")]);
    broken = false;
    pages.retry();
    await settle();
    expect(pages.text(0, 0)).toBe("0");
  });

  test("what was seen longest ago is given up", async () => {
    const pages = new Pages(async (page) => rows(page), () => undefined);
    for (let p = 0; p < 100; p++) {
      pages.want(p * PAGE, p * PAGE + 1, 1000 * PAGE, true);
      await settle();
    }
    expect(pages.text(0, 0)).toBeUndefined();
    expect(pages.text(99 * PAGE, 0)).toBe(String(99 * PAGE));
  });
});
