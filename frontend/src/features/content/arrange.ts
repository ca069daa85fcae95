import type { Resource, ResourceType } from "../../api/client";
import { byName } from "../../ui/format";
import { kinds, titleOf } from "./kinds";

/** Column is what a list can be sorted by. */
export type Column = "name" | "owner" | "type" | "changed" | "size";

export interface Arrangement {
  by: Column;
  descending: boolean;
  /** words must all be in a name, or tag. */
  words: string;
  type: ResourceType | "";
  owner: string;
}

/** arrange filters and sorts a list; folders come first, except where the time counts. Of equals the name decides. */
export function arrange(items: readonly Resource[], how: Arrangement): Resource[] {
  const words = how.words.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = items.filter(
    (r) =>
      (!how.type || r.type === how.type) &&
      (!how.owner || r.owner === how.owner) &&
      words.every((w) => r.name.toLowerCase().includes(w) || (r.tags ?? []).some((t) => t.toLowerCase().includes(w))),
  );
  const compare: Record<Column, (a: Resource, b: Resource) => number> = {
    name: () => 0,
    owner: (a, b) => byName(a.owner, b.owner),
    type: (a, b) => byName(kinds[a.type].name, kinds[b.type].name),
    changed: (a, b) => a.updatedAt.localeCompare(b.updatedAt),
    size: (a, b) => (a.size ?? -1) - (b.size ?? -1),
  };
  const sign = how.descending ? -1 : 1;
  return kept.sort((a, b) => {
    if (how.by !== "changed" && (a.type === "folder") !== (b.type === "folder")) return a.type === "folder" ? -1 : 1;
    const first = compare[how.by](a, b);
    if (first !== 0) return sign * first;
    const second = byName(titleOf(a), titleOf(b));
    return how.by === "name" ? sign * second : second;
  });
}

/** freeName is a name that none of the taken ones is: "Untitled.sql", "Untitled 2.sql". */
export function freeName(name: string, taken: readonly string[]): string {
  const used = new Set(taken.map((t) => t.toLowerCase()));
  if (!used.has(name.toLowerCase())) return name;
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let n = 2; ; n++) {
    const next = `${stem} ${n}${ending}`;
    if (!used.has(next.toLowerCase())) return next;
  }
}
