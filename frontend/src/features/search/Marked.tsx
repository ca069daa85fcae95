import type { Schemas } from "../../api/client";
import { pieces } from "./pieces";

/** Marked is a snippet with what was found in it marked. */
export function Marked({ snippet }: { snippet: Schemas["Snippet"] }) {
  return (
    <>
      {pieces(snippet.text, snippet.marks ?? []).map((p, i) => (p.marked ? <mark key={i}>{p.text}</mark> : <span key={i}>{p.text}</span>))}
    </>
  );
}
