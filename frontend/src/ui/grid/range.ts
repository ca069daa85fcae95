import { clamp } from "./geometry";

/** Cell is a place in a grid; row -1 is the heads. */
export interface Cell {
  row: number;
  column: number;
}

/** Range is a rectangle of cells: from the anchor to the active one. */
export interface Range {
  anchor: Cell;
  active: Cell;
}

/** Box is a rectangle with both ends in it. */
export interface Box {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

export const boxOf = ({ anchor, active }: Range): Box => ({
  top: Math.min(anchor.row, active.row),
  bottom: Math.max(anchor.row, active.row),
  left: Math.min(anchor.column, active.column),
  right: Math.max(anchor.column, active.column),
});

export const holds = (b: Box, row: number, column: number) => row >= b.top && row <= b.bottom && column >= b.left && column <= b.right;

/** Press is what a key asks for. */
export interface Press {
  key: string;
  ctrl: boolean;
  shift: boolean;
}

/** moved is the range after a key; null: the key moves nothing (WAI-ARIA's grid pattern). */
export function moved(range: Range, press: Press, rows: number, columns: number, page: number): Range | null {
  const { row, column } = range.active;
  const last = { row: rows - 1, column: columns - 1 };
  const to = ((): Cell | null => {
    switch (press.key) {
      case "ArrowUp":
        return { row: press.ctrl ? 0 : row - 1, column };
      case "ArrowDown":
        return { row: press.ctrl ? last.row : row + 1, column };
      case "ArrowLeft":
        return { row, column: press.ctrl ? 0 : column - 1 };
      case "ArrowRight":
        return { row, column: press.ctrl ? last.column : column + 1 };
      case "PageUp":
        return { row: Math.max(0, row - page), column };
      case "PageDown":
        return { row: row + page, column };
      case "Home":
        return { row: press.ctrl ? 0 : row, column: 0 };
      case "End":
        return { row: press.ctrl ? last.row : row, column: last.column };
    }
    return null;
  })();
  if (!to) return null;
  const least = press.shift ? 0 : -1; // heads are not part of a range
  const active = { row: clamp(to.row, least, last.row), column: clamp(to.column, 0, last.column) };
  return { anchor: press.shift ? { ...range.anchor, row: Math.max(0, range.anchor.row) } : active, active };
}

/** tabbed is a table of texts as spreadsheets take it from the clipboard. */
export function tabbed(rows: readonly (readonly (string | null)[])[]): string {
  const quote = (text: string | null) => (text === null ? "" : /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => row.map(quote).join("\t")).join("\n");
}
