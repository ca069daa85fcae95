/** MAX_HEIGHT is the height in pixels of the tallest element that browsers lay out as it should be. */
export const MAX_HEIGHT = 10_000_000;

/** Geometry tells where rows are: of more rows than an element can be tall, the scroll bar moves faster than they do. */
export interface Geometry {
  rows: number;
  rowHeight: number;
  /** view is the height of what is seen of the rows. */
  view: number;
}

/** fullHeight is how tall all rows are, height what is laid out for them. */
export const fullHeight = (g: Geometry) => g.rows * g.rowHeight;
export const height = (g: Geometry) => Math.min(fullHeight(g), MAX_HEIGHT);

/** isScaled tells whether the scroll bar moves faster than the rows. */
export const isScaled = (g: Geometry) => fullHeight(g) > MAX_HEIGHT;

/** maxTop is how far the rows can move up. */
export const maxTop = (g: Geometry) => Math.max(0, fullHeight(g) - g.view);

/** topAt is how far the rows have moved up where the scroll bar is at a place; scrollAt is the inverse. */
export function topAt(g: Geometry, scroll: number): number {
  const most = height(g) - g.view;
  return most <= 0 ? 0 : clamp((scroll / most) * maxTop(g), 0, maxTop(g));
}

export function scrollAt(g: Geometry, top: number): number {
  const most = maxTop(g);
  return most === 0 ? 0 : (clamp(top, 0, most) / most) * (height(g) - g.view);
}

/** shown is the first row that is seen, and the one after the last. */
export function shown(g: Geometry, top: number): [first: number, end: number] {
  const first = Math.floor(top / g.rowHeight);
  return [clamp(first, 0, g.rows), clamp(Math.ceil((top + g.view) / g.rowHeight), 0, g.rows)];
}

/** topFor moves the rows as little as it takes for one of them to be seen whole. */
export function topFor(g: Geometry, top: number, row: number): number {
  const y = row * g.rowHeight;
  if (y < top) return y;
  if (y + g.rowHeight > top + g.view) return clamp(y + g.rowHeight - g.view, 0, maxTop(g));
  return top;
}

export const clamp = (n: number, least: number, most: number) => Math.max(least, Math.min(most, n));

/** between are the columns that are seen, from their left edges (one more than there are columns): the first, and the one after the last. */
export function between(edges: readonly number[], left: number, right: number): [first: number, end: number] {
  const columns = edges.length - 1;
  let first = 0;
  while (first < columns && (edges[first + 1] ?? 0) <= left) first++;
  let end = first;
  while (end < columns && (edges[end] ?? 0) < right) end++;
  return [first, end];
}
