import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, messageOf } from "../../api/client";
import { roles } from "../../api/people";
import { policy, setPolicy, sharingKey } from "../../api/sharing";
import type { Choice } from "../../ui/Field";
import { complain } from "../../ui/toast";
import { bindingsOf, grantsOf, type Grant } from "./grants";

/** offered are the roles that people are given on documents, weakest first. */
const offered = ["viewer", "commenter", "runner", "editor", "owner"];

/** choiceOf is a role with its title taken apart: "Viewer: read documents". */
function choiceOf(r: { name: string; title: string }): Choice {
  const [label, ...rest] = r.title.split(": ");
  return { id: r.name, label: label || r.name, detail: rest.join(": ") || undefined };
}

/** useRoleName gives what a role is called. */
export function useRoleName(): (role: string) => string {
  const all = useQuery(roles).data ?? [];
  return (role) => {
    const found = all.find((r) => r.name === role);
    return found ? choiceOf(found).label : role;
  };
}

/** useRoles are the roles to choose from: those of documents, then custom ones. */
export function useRoles(): Choice[] {
  const all = useQuery(roles).data ?? [];
  const builtin = offered.flatMap((name) => all.filter((r) => r.name === name).map(choiceOf));
  return [...builtin, ...all.filter((r) => r.name.startsWith("custom/")).map(choiceOf)];
}

/** useSharing is a resource's policy as grants, and a change to it: made at once, guarded by its etag. */
export function useSharing(id: string) {
  const queries = useQueryClient();
  const own = useQuery(policy(id));
  const grants = grantsOf(own.data?.bindings ?? []);
  async function change(next: (before: Grant[]) => Grant[]): Promise<boolean> {
    if (!own.data) return false;
    try {
      const stored = await setPolicy(id, { bindings: bindingsOf(next(grants)), ...(own.data.etag ? { etag: own.data.etag } : {}) });
      queries.setQueryData(policy(id).queryKey, stored);
      return true;
    } catch (error) {
      const stale = error instanceof ApiError && error.status === 412;
      complain(stale ? "Somebody else has just changed who has access. Here is how it is now; please try again." : messageOf(error));
      return false;
    } finally {
      await queries.invalidateQueries({ queryKey: sharingKey(id) });
    }
  }
  return { own, grants, change };
}
