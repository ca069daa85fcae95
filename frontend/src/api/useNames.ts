import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Schemas } from "./client";
import { addressOf, known, self } from "./people";

type Known = Map<string, Schemas["Entry"]>;

/** useKnown gives who of members is there; undefined as long as that is asked. */
export function useKnown(members: readonly string[]): Known | undefined {
  const asked = useMemo(() => [...new Set(members)].sort(), [members]);
  return useQuery({ ...known(asked), enabled: asked.length > 0, placeholderData: (before: Known | undefined) => before }).data;
}

/** useNames gives what to call members: "You", a name, or else an address. */
export function useNames(members: readonly string[]): (member: string) => string {
  const found = useKnown(members);
  const me = useQuery(self);
  return (member) => (member === me.data?.member ? "You" : found?.get(member)?.name || addressOf(member));
}
