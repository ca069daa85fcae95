import { queryOptions } from "@tanstack/react-query";
import { api, unwrap, type Schemas } from "./client";

/** self is who is signed in. */
export const self = queryOptions({ queryKey: ["self"], staleTime: Infinity, queryFn: () => unwrap(api.GET("/v1/me")) });

/** roles are the roles that there are. */
export const roles = queryOptions({ queryKey: ["roles"], staleTime: 5 * 60_000, queryFn: async () => (await unwrap(api.GET("/v1/roles"))).items });

/** directory finds people and groups by the beginnings of words. */
export const directory = (q: string) =>
  queryOptions({ queryKey: ["directory", q], staleTime: 60_000, queryFn: async () => (await unwrap(api.GET("/v1/directory", { params: { query: { q, limit: 10 } } }))).items });

/** known tells which people and groups there are, and what they are called; who is not there is left out. */
export const known = (members: string[]) =>
  queryOptions({
    queryKey: ["names", members],
    staleTime: 5 * 60_000,
    queryFn: async () => {
      const out = new Map<string, Schemas["Entry"]>();
      for (let i = 0; i < members.length; i += 200) {
        const page = await unwrap(api.GET("/v1/directory/names", { params: { query: { member: members.slice(i, i + 200) } } }));
        for (const entry of page.items) out.set(entry.member, entry);
      }
      return out;
    },
  });

/** addressOf is a member without the kind that everybody expects. */
export function addressOf(member: string): string {
  if (member === "allUsers") return "Everybody";
  if (member === "allAuthenticatedUsers") return "Everybody who signed in";
  return member.replace(/^user:/, "");
}
