/** Piece is a stretch of text, and whether it is what was found. */
export interface Piece {
  text: string;
  marked: boolean;
}

/** pieces cuts a text at marks, which are offsets in its UTF-8 bytes, from and to, in order. */
export function pieces(text: string, marks: readonly (readonly number[] | null)[]): Piece[] {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  const out: Piece[] = [];
  let at = 0;
  for (const mark of marks) {
    const [from, to] = mark ?? [];
    if (from === undefined || to === undefined || from < at || to > bytes.length || from >= to) continue;
    if (from > at) out.push({ text: decoder.decode(bytes.subarray(at, from)), marked: false });
    out.push({ text: decoder.decode(bytes.subarray(from, to)), marked: true });
    at = to;
  }
  if (at < bytes.length) out.push({ text: decoder.decode(bytes.subarray(at)), marked: false });
  return out;
}
