import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { few } from "../../api/resources";

/** MAX_STARRED is how many stars are known to lists. */
const MAX_STARRED = 1000;

/** useStarred are the ids of what one starred. */
export function useStarred(): ReadonlySet<string> {
  const list = useQuery(few({ in: "starred" }, MAX_STARRED));
  return useMemo(() => new Set((list.data ?? []).map((r) => r.id)), [list.data]);
}
