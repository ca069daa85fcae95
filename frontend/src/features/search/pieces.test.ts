import { expect, test } from "vitest";
import { pieces } from "./pieces";

const joined = (text: string, marks: number[][]) => pieces(text, marks).map((p) => (p.marked ? `[${p.text}]` : p.text)).join("");

test.each([
  ["late by carrier", [[0, 4]], "[late] by carrier"],
  ["Verspätung in Zürich", [[15, 22]], "Verspätung in [Zürich]"], // offsets count bytes
  ["ab", [[0, 1], [1, 2]], "[a][b]"],
  ["ab", [], "ab"],
  ["ab", [[1, 9]], "ab"], // beyond the end
  ["ab", [[1, 2], [0, 1]], "a[b]"], // out of order
  ["", [], ""],
])("%s, %j", (text, marks, want) => expect(joined(text, marks)).toBe(want));
