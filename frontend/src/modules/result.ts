// Has a result's page show all rows in one grid, in place of the table of its first hundred that the server drew.
import { tableFromIPC } from "@uwdata/flechette";
import { refusal } from "../api/refusal";
import { Grid, type GridColumn } from "../ui/grid/Grid";
import { PAGE, type Rows } from "../ui/grid/pages";
import "../ui/grid/grid.css";

interface Described {
  /** address is where pages of rows are, with what is asked for. */
  address: string;
  rows: number;
  columns: (GridColumn & { sort: string; values: string })[];
}

const place = document.querySelector<HTMLElement>(".rows.grid");
const described = document.getElementById("grid");
if (place && described?.textContent) begin(place, JSON.parse(described.textContent) as Described);

function begin(table: HTMLElement, d: Described) {
  const said = document.createElement("p");
  said.className = "unseen";
  said.setAttribute("role", "status");
  const grid = new Grid({
    label: "Rows",
    columns: d.columns,
    rows: d.rows,
    fetch: (page, signal) => fetchPage(d.address, d.rows, page, signal),
    onSort: (column) => d.columns[column] && location.assign(d.columns[column].sort),
    // Who sees but a part of the result has no pages of its columns.
    ...(d.columns.some((c) => c.values) && { more: { label: "values", open: (column) => d.columns[column]?.values && location.assign(d.columns[column].values) } }),
    onMove: (row) => history.replaceState(history.state, "", row > 0 ? `#row=${row + 1}` : location.pathname + location.search),
    say: (text) => {
      said.textContent = text;
    },
    messageOf: (error) => (error instanceof Error ? error.message : String(error)),
  });
  table.replaceWith(grid.element, said);
  document.querySelector(".turn")?.remove();
  document.body.classList.add("gridded");
  const row = Number(/^#row=(\d+)$/.exec(location.hash)?.[1] ?? 1);
  requestAnimationFrame(() => grid.go(row - 1));
}

/** fetchPage fetches PAGE rows, or those that there are: in pieces, where their values are too long for one answer. */
async function fetchPage(address: string, rows: number, page: number, signal: AbortSignal): Promise<Rows> {
  const first = page * PAGE;
  const want = Math.min(PAGE, rows - first);
  const pieces: Rows[] = [];
  let count = 0;
  while (count < want) {
    const piece = await fetchRows(address, first + count, want - count, signal);
    if (piece.count === 0) break;
    pieces.push(piece);
    count += piece.count;
  }
  const [only] = pieces;
  if (pieces.length === 1 && only) return only;
  return {
    count,
    text: (row, column) => {
      let at = row;
      for (const piece of pieces) {
        if (at < piece.count) return piece.text(at, column);
        at -= piece.count;
      }
      return null;
    },
  };
}

/** fetchRows fetches up to so many rows. The browser keeps them, and asks whether they may still be shown. */
async function fetchRows(address: string, offset: number, limit: number, signal: AbortSignal): Promise<Rows> {
  const separator = address.includes("?") ? "&" : "?";
  let answer: Response;
  try {
    answer = await fetch(`${address}${separator}offset=${offset}&limit=${limit}&count=false`, { signal, headers: { Accept: "application/vnd.apache.arrow.stream" } });
  } catch (error) {
    if (signal.aborted) throw error;
    throw refusal(0, { detail: "the server cannot be reached" });
  }
  if (!answer.ok) throw refusal(answer.status, await answer.json().catch(() => null));
  const table = tableFromIPC(new Uint8Array(await answer.arrayBuffer()), { useBigInt: true });
  const columns = Array.from({ length: table.numCols }, (_, i) => table.getChildAt(i));
  return {
    count: table.numRows,
    text: (row, column) => {
      const value: unknown = columns[column]?.at(row);
      return value === null || value === undefined ? null : String(value);
    },
  };
}
