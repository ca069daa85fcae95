import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { addressOf, known, self } from "./people";

/** useNames gives what to call members: "You", a name, or else an address. */
export function useNames(members: readonly string[]): (member: string) => string {
  const asked = useMemo(() => [...new Set(members)].sort(), [members]);
  const found = useQuery({ ...known(asked), enabled: asked.length > 0, placeholderData: (before: Map<string, string> | undefined) => before });
  const me = useQuery(self);
  return (member) => (member === me.data?.member ? "You" : (found.data?.get(member) || addressOf(member)));
}
