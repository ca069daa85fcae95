/** PAGE is how many rows are fetched at a time. */
export const PAGE = 256;

/** KEPT is how many pages are kept. */
const KEPT = 64;

/** AT_ONCE is how many pages are on their way at a time. */
const AT_ONCE = 2;

/** Rows is a page: the text of each value, null is NULL. */
export interface Rows {
  count: number;
  text: (row: number, column: number) => string | null;
}

/** Pages fetches pages when they are about to be seen, keeps those seen last, and gives up those that nobody waits for any more. */
export class Pages {
  private readonly kept = new Map<number, Rows>();
  private readonly coming = new Map<number, AbortController>();
  private wanted: number[] = [];
  private failed: unknown = null;

  constructor(
    private readonly fetch: (page: number, signal: AbortSignal) => Promise<Rows>,
    private readonly onChange: (failure: unknown) => void,
  ) {}

  /** text is a value; undefined: it is not here yet. */
  text(row: number, column: number): string | null | undefined {
    const rows = this.kept.get(Math.floor(row / PAGE));
    const within = row % PAGE;
    return rows && within < rows.count ? rows.text(within, column) : undefined;
  }

  /** want has the pages of rows fetched, those in view first, then one beyond in the direction of reading. */
  want(first: number, end: number, rows: number, down: boolean) {
    const from = Math.floor(first / PAGE);
    const to = Math.floor(Math.max(first, end - 1) / PAGE);
    const last = Math.max(0, Math.ceil(rows / PAGE) - 1);
    const wanted: number[] = [];
    for (let p = from; p <= to; p++) wanted.push(p);
    const beyond = down ? to + 1 : from - 1;
    if (beyond >= 0 && beyond <= last) wanted.push(beyond);
    this.wanted = wanted;
    for (const [page, ending] of this.coming) if (!wanted.includes(page)) ending.abort();
    this.pump();
  }

  /** all waits for the pages of rows, whether they are in view or not. */
  async all(first: number, end: number, signal: AbortSignal): Promise<void> {
    for (let page = Math.floor(first / PAGE); page * PAGE < end; page++) if (!this.kept.has(page)) this.keep(page, await this.fetch(page, signal));
  }

  /** retry fetches again what failed. */
  retry() {
    this.failed = null;
    this.pump();
  }

  private keep(page: number, rows: Rows) {
    this.kept.delete(page);
    this.kept.set(page, rows);
    for (const old of this.kept.keys()) {
      if (this.kept.size <= KEPT) break;
      if (!this.wanted.includes(old)) this.kept.delete(old);
    }
  }

  private pump() {
    if (this.failed) return;
    for (const page of this.wanted) {
      const have = this.kept.get(page);
      if (have) {
        this.keep(page, have); // it was seen last
        continue;
      }
      if (this.coming.has(page)) continue;
      if (this.coming.size >= AT_ONCE) break;
      const ending = new AbortController();
      this.coming.set(page, ending);
      this.fetch(page, ending.signal).then(
        (rows) => this.arrived(page, rows, null),
        (error: unknown) => this.arrived(page, null, ending.signal.aborted ? null : error),
      );
    }
  }

  private arrived(page: number, rows: Rows | null, failure: unknown) {
    this.coming.delete(page);
    if (rows) this.keep(page, rows);
    if (failure) this.failed = failure;
    if (rows || failure) this.onChange(failure);
    this.pump();
  }
}
