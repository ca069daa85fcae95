import { between, clamp, height, isScaled, maxTop, scrollAt, shown, topAt, topFor, type Geometry } from "./geometry";
import { Pages, type Rows } from "./pages";
import { boxOf, holds, moved, tabbed, type Cell, type Range } from "./range";

export interface GridColumn {
  name: string;
  type: string;
  /** numeric columns are set to the right. */
  numeric: boolean;
  /** dir is how the rows are sorted by it. */
  dir?: "ascending" | "descending" | undefined;
}

export interface GridOptions {
  label: string;
  columns: GridColumn[];
  rows: number;
  fetch: (page: number, signal: AbortSignal) => Promise<Rows>;
  /** onSort is called where a head is activated, more's open where that is done with Shift, or the button of its label is pressed. */
  onSort: (column: number) => void;
  more?: { label: string; open: (column: number) => void };
  /** onMove is told the first row that is seen, when it has stayed so for a while. */
  onMove?: (row: number) => void;
  /** say tells the reader something; message is its place for errors. */
  say: (text: string) => void;
  messageOf: (error: unknown) => string;
}

const ROW = 26;
const HEAD = 44;
const NUMBERS = 8; // padding of the column of row numbers, beside its digits
const LEAST = 56;
const MOST = 360;
/** COPIED is how many values are copied at once. */
const COPIED = 200_000;

/** Grid shows a table of any length: only what is in view is there, and fetched. The element is the caller's to remove; close ends it. */
export class Grid {
  readonly element: HTMLElement;
  private readonly scroll = make("div", "g-scroll");
  private readonly space = make("div", "g-space");
  private readonly layer = make("div", "g-layer");
  private readonly head = make("div", "g-head");
  private readonly body = make("div", "g-body");
  private readonly status = make("div", "g-status");
  private readonly pages: Pages;
  private readonly pool: HTMLElement[] = [];
  private readonly id = `g${Math.random().toString(36).slice(2, 8)}`;
  private edges: number[] = [];
  private top = 0;
  private down = true;
  private range: Range = { anchor: { row: 0, column: 0 }, active: { row: 0, column: 0 } };
  private frame = 0;
  private resting: ReturnType<typeof setTimeout> | undefined;
  private ruler: CanvasRenderingContext2D | null = null;
  /** set are the columns whose widths somebody has set. */
  private readonly set = new Set<number>();
  private readonly ending = new AbortController();
  private readonly watching = new ResizeObserver(() => this.draw());

  constructor(private readonly o: GridOptions) {
    this.element = make("div", "g");
    this.pages = new Pages(o.fetch, (failure) => {
      if (failure) this.fail(failure);
      else this.draw();
    });
    const grid = this.scroll;
    grid.tabIndex = 0;
    attributes(grid, { role: "grid", "aria-label": o.label, "aria-rowcount": String(o.rows + 1), "aria-colcount": String(o.columns.length + 1), "aria-multiselectable": "true" });
    attributes(this.head, { role: "rowgroup" });
    attributes(this.body, { role: "rowgroup" });
    attributes(this.space, { role: "presentation" });
    attributes(this.layer, { role: "presentation" });
    attributes(this.status, { role: "status" });
    this.layer.append(this.head, this.body);
    this.space.append(this.layer);
    grid.append(this.space);
    this.element.append(grid, this.status);
    this.widths(o.columns.map((c) => this.headWidth(c)));
    const signal = this.ending.signal;
    grid.addEventListener("scroll", () => this.scrolled(), { signal, passive: true });
    grid.addEventListener("wheel", (e) => this.wheel(e), { signal, passive: false });
    grid.addEventListener("keydown", (e) => this.press(e), { signal });
    grid.addEventListener("copy", (e) => this.copyEvent(e), { signal });
    grid.addEventListener("pointerdown", (e) => this.point(e), { signal });
    grid.addEventListener("dblclick", (e) => this.open(e), { signal });
    this.watching.observe(grid);
  }

  close() {
    this.ending.abort();
    this.watching.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.resting);
  }

  /** go shows a row at the top. */
  go(row: number) {
    this.range = single({ row: clamp(row, 0, Math.max(0, this.o.rows - 1)), column: this.range.active.column });
    this.moveTo(row * ROW);
  }

  private get geometry(): Geometry {
    return { rows: this.o.rows, rowHeight: ROW, view: Math.max(ROW, this.scroll.clientHeight - HEAD) };
  }

  /** widths sets the widths of the columns; the first edge is that of the row numbers. */
  private widths(of: number[]) {
    const numbers = Math.ceil(this.o.rows.toLocaleString().length * 7.5 + 2 * NUMBERS + 4);
    this.edges = [numbers];
    for (const w of of) this.edges.push((this.edges.at(-1) ?? 0) + Math.round(w));
    this.space.style.width = `${this.edges.at(-1) ?? 0}px`;
    for (const row of this.pool) row.dataset["drawn"] = "";
    this.head.replaceChildren();
  }

  private width(column: number): number {
    return (this.edges[column + 1] ?? 0) - (this.edges[column] ?? 0);
  }

  /** measure is how wide a text is in the font of the cells. */
  private measure(text: string): number {
    const context = (this.ruler ??= document.createElement("canvas").getContext("2d"));
    if (!context) return text.length * 8;
    const style = getComputedStyle(this.scroll);
    context.font = `${style.fontSize} ${style.fontFamily}`;
    return Math.ceil(context.measureText(text).width * 1.04); // figures that line up are a little wider
  }

  private headWidth(c: GridColumn): number {
    return clamp(Math.max(c.name.length + 3, c.type.length + (this.o.more?.label.length ?? 0) + 1) * 7.6 + 16, LEAST, MOST);
  }

  /** fit widens columns to what is in view. What somebody has set stays. */
  private fit(first: number, end: number) {
    let wider = false;
    const of = this.o.columns.map((_, i) => {
      const now = this.width(i);
      if (this.set.has(i)) return now;
      let longest = "";
      for (let r = first; r < end; r++) {
        const text = this.pages.text(r, i) ?? "";
        if (text.length > longest.length) longest = text;
      }
      const want = clamp(Math.max(this.measure(longest.slice(0, 200)) + 20, now), LEAST, MOST);
      wider ||= want > now + 4;
      return want;
    });
    if (wider) this.widths(of);
  }

  private scrolled() {
    const g = this.geometry;
    const top = isScaled(g) && Math.abs(this.scroll.scrollTop - scrollAt(g, this.top)) < 1 ? this.top : topAt(g, this.scroll.scrollTop);
    if (top !== this.top) this.down = top > this.top;
    this.top = top;
    this.draw();
  }

  /** wheel moves by as much as the wheel says, where the scroll bar would move faster. */
  private wheel(e: WheelEvent) {
    if (!isScaled(this.geometry) || e.deltaY === 0 || e.ctrlKey || e.shiftKey) return;
    e.preventDefault();
    this.moveTo(this.top + e.deltaY * (e.deltaMode === WheelEvent.DOM_DELTA_LINE ? ROW : 1));
  }

  private moveTo(top: number) {
    const g = this.geometry;
    const next = clamp(top, 0, maxTop(g));
    this.down = next >= this.top;
    this.top = next;
    this.scroll.scrollTop = scrollAt(g, next);
    this.draw();
  }

  private draw() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.drawNow());
  }

  private drawNow() {
    const g = this.geometry;
    if (this.scroll.clientHeight === 0) return;
    this.top = clamp(this.top, 0, maxTop(g));
    this.space.style.height = `${height(g) + HEAD}px`;
    const [first, end] = shown(g, this.top);
    this.pages.want(first, end, this.o.rows, this.down);
    this.fit(first, end);
    const left = this.scroll.scrollLeft;
    const [from, to] = between(this.edges, left + (this.edges[0] ?? 0), left + this.scroll.clientWidth);
    this.drawHead(from, to);
    const size = end - first + 2;
    while (this.pool.length < size) {
      const row = make("div", "g-row");
      attributes(row, { role: "row" });
      this.pool.push(row);
      this.body.append(row);
    }
    const used = new Set<HTMLElement>();
    for (let r = first; r < end; r++) {
      const row = this.pool[r % this.pool.length];
      if (!row) continue;
      used.add(row);
      this.drawRow(row, r, from, to);
      row.style.transform = `translateY(${Math.round(r * ROW - this.top)}px)`;
    }
    for (const row of this.pool) row.hidden = !used.has(row);
    this.layer.style.height = `${this.scroll.clientHeight}px`;
    const active = this.cellId(this.range.active);
    if (document.getElementById(active)) this.scroll.setAttribute("aria-activedescendant", active);
    else this.scroll.removeAttribute("aria-activedescendant");
    const box = boxOf(this.range);
    const many = (box.bottom - box.top + 1) * (box.right - box.left + 1);
    const where = this.o.rows === 0 ? "No rows" : `Rows ${(first + 1).toLocaleString()}–${end.toLocaleString()} of ${this.o.rows.toLocaleString()}`;
    const says = many > 1 ? `${where} · ${many.toLocaleString()} values selected` : where;
    if (this.status.textContent !== says) this.status.textContent = says;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.o.onMove?.(first), 400);
  }

  private drawHead(from: number, to: number) {
    const drawn = `${from}-${to}-${this.range.active.row < 0 ? this.range.active.column : ""}`;
    if (this.head.dataset["drawn"] === drawn && this.head.firstChild) return;
    this.head.dataset["drawn"] = drawn;
    const row = make("div", "g-row");
    attributes(row, { role: "row", "aria-rowindex": "1" });
    const corner = make("div", "g-cell g-number");
    attributes(corner, { role: "columnheader", "aria-colindex": "1" });
    corner.style.width = `${this.edges[0] ?? 0}px`;
    corner.append(unseen("Row"));
    row.append(corner);
    for (let c = from; c < to; c++) {
      const column = this.o.columns[c];
      if (!column) continue;
      const cell = make("div", "g-cell g-title");
      attributes(cell, { role: "columnheader", id: this.cellId({ row: -1, column: c }), "aria-colindex": String(c + 2), ...(column.dir ? { "aria-sort": column.dir } : {}) });
      cell.dataset["column"] = String(c);
      cell.style.insetInlineStart = `${this.edges[c] ?? 0}px`;
      cell.style.width = `${this.width(c)}px`;
      if (this.range.active.row < 0 && this.range.active.column === c) cell.classList.add("g-active");
      const name = make("span", "g-name");
      name.textContent = column.name + (column.dir === "ascending" ? " ▲" : column.dir === "descending" ? " ▼" : "");
      name.title = column.name;
      const type = make("small", "");
      type.textContent = column.type;
      const edge = make("span", "g-edge");
      edge.setAttribute("aria-hidden", "true");
      cell.append(name, type);
      if (this.o.more) {
        const more = make("span", "g-more");
        more.textContent = this.o.more.label;
        more.title = `${this.o.more.label} of ${column.name}`;
        cell.append(more);
      }
      cell.append(edge);
      row.append(cell);
    }
    this.head.replaceChildren(row);
  }

  private drawRow(row: HTMLElement, r: number, from: number, to: number) {
    const box = boxOf(this.range);
    const active = this.range.active.row === r ? this.range.active.column : -1;
    const selected = r >= box.top && r <= box.bottom ? `${box.left}-${box.right}` : "";
    const there = this.pages.text(r, from) !== undefined || this.o.columns.length === 0;
    const drawn = `${r} ${from}-${to} ${selected} ${active} ${there}`;
    if (row.dataset["drawn"] === drawn) return;
    row.dataset["drawn"] = drawn;
    row.setAttribute("aria-rowindex", String(r + 2));
    row.classList.toggle("g-odd", r % 2 === 1);
    const cells = to - from + 1;
    while (row.children.length > cells) row.lastChild?.remove();
    while (row.children.length < cells) row.append(make("div", "g-cell"));
    const number = row.children[0] as HTMLElement;
    number.className = "g-cell g-number";
    attributes(number, { role: "rowheader", "aria-colindex": "1" });
    number.removeAttribute("id");
    number.style.width = `${this.edges[0] ?? 0}px`;
    number.style.insetInlineStart = "";
    number.textContent = (r + 1).toLocaleString();
    for (let c = from; c < to; c++) {
      const cell = row.children[c - from + 1] as HTMLElement;
      const text = this.pages.text(r, c);
      cell.className = "g-cell";
      if (this.o.columns[c]?.numeric) cell.classList.add("g-numeric");
      if (text === null) cell.classList.add("g-null");
      if (text === undefined) cell.classList.add("g-wait");
      const chosen = holds(box, r, c);
      if (chosen && (box.top !== box.bottom || box.left !== box.right)) cell.classList.add("g-chosen");
      if (active === c) cell.classList.add("g-active");
      attributes(cell, { role: "gridcell", id: this.cellId({ row: r, column: c }), "aria-colindex": String(c + 2), "aria-selected": String(chosen) });
      cell.dataset["column"] = String(c);
      cell.dataset["row"] = String(r);
      cell.style.insetInlineStart = `${this.edges[c] ?? 0}px`;
      cell.style.width = `${this.width(c)}px`;
      const shownText = text === undefined ? "" : text === null ? "NULL" : text.length > 500 ? `${text.slice(0, 500)}…` : text;
      if (cell.textContent !== shownText) cell.textContent = shownText;
    }
  }

  private cellId(c: Cell) {
    return `${this.id}-${c.row + 1}-${c.column}`;
  }

  private press(e: KeyboardEvent) {
    const ctrl = e.ctrlKey || e.metaKey;
    const { active } = this.range;
    if (e.altKey && active.row < 0 && (e.key === "ArrowLeft" || e.key === "ArrowRight")) {
      this.resize(active.column, this.width(active.column) + (e.key === "ArrowLeft" ? -16 : 16));
      e.preventDefault();
      return;
    }
    if (e.altKey) return;
    if (e.key === "Enter" && active.row < 0) {
      if (e.shiftKey) this.o.more?.open(active.column);
      else this.o.onSort(active.column);
      e.preventDefault();
      return;
    }
    if (e.key === "Enter") {
      this.whole(active);
      e.preventDefault();
      return;
    }
    if (ctrl && e.key.toLowerCase() === "a") {
      this.range = { anchor: { row: 0, column: 0 }, active: { row: this.o.rows - 1, column: this.o.columns.length - 1 } };
      e.preventDefault();
      this.draw();
      return;
    }
    if (e.key === "Escape" && (this.range.anchor.row !== active.row || this.range.anchor.column !== active.column)) {
      this.select(single(active));
      return;
    }
    const page = Math.max(1, Math.floor(this.geometry.view / ROW) - 1);
    const next = moved(this.range, { key: e.key, ctrl, shift: e.shiftKey }, this.o.rows, this.o.columns.length, page);
    if (!next) return;
    e.preventDefault();
    this.select(next);
  }

  private select(range: Range) {
    this.range = range;
    const { row, column } = range.active;
    if (row >= 0) this.moveTo(topFor(this.geometry, this.top, row));
    const left = (this.edges[column] ?? 0) - (this.edges[0] ?? 0);
    const right = this.edges[column + 1] ?? 0;
    if (left < this.scroll.scrollLeft) this.scroll.scrollLeft = left;
    else if (right > this.scroll.scrollLeft + this.scroll.clientWidth) this.scroll.scrollLeft = right - this.scroll.clientWidth;
    this.draw();
  }

  private at(target: EventTarget | null): Cell | null {
    const cell = target instanceof Element ? target.closest<HTMLElement>(".g-cell[data-column]") : null;
    if (!cell) return null;
    return { row: cell.classList.contains("g-title") ? -1 : Number(cell.dataset["row"]), column: Number(cell.dataset["column"]) };
  }

  private point(e: PointerEvent) {
    const cell = this.at(e.target);
    if (!cell || e.button !== 0) return;
    const target = e.target as HTMLElement;
    if (target.classList.contains("g-edge")) return this.drag(e, cell.column);
    if (target.classList.contains("g-more")) return this.o.more?.open(cell.column);
    if (cell.row < 0) {
      this.range = single(cell);
      return this.o.onSort(cell.column);
    }
    this.select(e.shiftKey ? { anchor: this.range.anchor, active: cell } : single(cell));
    if (e.pointerType === "touch") return; // that scrolls
    const ending = new AbortController();
    const { signal } = ending;
    addEventListener("pointerup", () => ending.abort(), { signal });
    addEventListener(
      "pointermove",
      (move) => {
        const to = this.at(document.elementFromPoint(move.clientX, move.clientY));
        if (to && to.row >= 0) this.select({ anchor: this.range.anchor, active: to });
      },
      { signal },
    );
  }

  private drag(e: PointerEvent, column: number) {
    e.preventDefault();
    const start = this.width(column) - e.clientX;
    const ending = new AbortController();
    const { signal } = ending;
    addEventListener("pointerup", () => ending.abort(), { signal });
    addEventListener("pointermove", (move) => this.resize(column, start + move.clientX), { signal });
  }

  private resize(column: number, width: number) {
    const of = this.o.columns.map((_, i) => this.width(i));
    of[column] = clamp(width, 32, 1200);
    this.set.add(column);
    this.widths(of);
    this.draw();
  }

  private open(e: MouseEvent) {
    const cell = this.at(e.target);
    if (!cell || cell.row < 0) return;
    if ((e.target as HTMLElement).classList.contains("g-edge")) return;
    this.whole(cell);
  }

  /** whole shows all of a value. */
  private whole(cell: Cell) {
    const text = this.pages.text(cell.row, cell.column);
    const column = this.o.columns[cell.column];
    if (text === undefined || !column) return;
    const dialog = document.createElement("dialog");
    dialog.className = "g-whole";
    const title = make("h2", "");
    title.textContent = `${column.name}, row ${(cell.row + 1).toLocaleString()}`;
    const value = make("pre", text === null ? "g-null" : "");
    value.tabIndex = 0;
    value.textContent = text ?? "NULL";
    const close = document.createElement("button");
    close.className = "button";
    close.textContent = "Close";
    close.onclick = () => dialog.close();
    dialog.append(title, value, close);
    dialog.addEventListener("close", () => {
      dialog.remove();
      this.scroll.focus();
    });
    dialog.addEventListener("click", (e) => e.target === dialog && dialog.close());
    document.body.append(dialog);
    dialog.showModal();
  }

  private copyEvent(e: ClipboardEvent) {
    e.preventDefault();
    const box = boxOf(this.range);
    const many = (box.bottom - box.top + 1) * (box.right - box.left + 1);
    if (box.top < 0) return;
    if (many > COPIED) return this.o.say(`At most ${COPIED.toLocaleString()} values are copied at once; ${many.toLocaleString()} are selected. A download has all.`);
    const text = () => {
      const rows: (string | null)[][] = [];
      for (let r = box.top; r <= box.bottom; r++) {
        const row: (string | null)[] = [];
        for (let c = box.left; c <= box.right; c++) row.push(this.pages.text(r, c) ?? null);
        rows.push(row);
      }
      return tabbed(rows);
    };
    let here = true;
    for (let r = box.top; r <= box.bottom && here; r++) here = this.pages.text(r, box.left) !== undefined;
    if (here) {
      e.clipboardData?.setData("text/plain", text());
      return this.o.say(many === 1 ? "Copied" : `Copied ${many.toLocaleString()} values`);
    }
    this.o.say("Fetching what is to be copied…");
    this.pages.all(box.top, box.bottom + 1, this.ending.signal).then(
      () => navigator.clipboard.writeText(text()).then(() => this.o.say(`Copied ${many.toLocaleString()} values`)),
      (error: unknown) => this.o.say(this.o.messageOf(error)),
    );
  }

  private fail(error: unknown) {
    this.status.replaceChildren(`${this.o.messageOf(error)} `);
    const again = document.createElement("button");
    again.className = "button";
    again.textContent = "Try again";
    again.onclick = () => {
      this.pages.retry();
      this.draw();
    };
    this.status.append(again);
  }
}

const single = (cell: Cell): Range => ({ anchor: cell, active: cell });

function make(tag: string, className: string): HTMLElement {
  const e = document.createElement(tag);
  e.className = className;
  return e;
}

function unseen(text: string): HTMLElement {
  const e = make("span", "unseen");
  e.textContent = text;
  return e;
}

function attributes(e: HTMLElement, all: Record<string, string>) {
  for (const [name, value] of Object.entries(all)) if (e.getAttribute(name) !== value) e.setAttribute(name, value);
}

