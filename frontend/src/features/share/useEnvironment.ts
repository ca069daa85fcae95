import { useQuery, useQueryClient } from "@tanstack/react-query";
import { messageOf, type Resource } from "../../api/client";
import { environmentOf, policy, setPolicy, users } from "../../api/sharing";
import { complain } from "../../ui/toast";
import { bindingsOf, grantsOf, mayAlready, type Grant } from "./grants";

/** useEnvironment is the environment that a shared document runs in: who of some people cannot use it yet, and the way to let them. */
export function useEnvironment(resource: Pick<Resource, "id" | "type">) {
  const queries = useQueryClient();
  const runs = resource.type === "notebook" || resource.type === "sql";
  const found = useQuery({ ...environmentOf(resource.id), enabled: runs }).data;
  const using = useQuery({ ...users(found?.id ?? ""), enabled: Boolean(found?.id && found.shareable) }).data;
  async function letUse(grants: Grant[]) {
    if (!found?.id) return;
    try {
      const before = await queries.fetchQuery(policy(found.id));
      const added = grants.map((g): Grant => ({ ...g, role: "user" }));
      await setPolicy(found.id, { bindings: bindingsOf([...grantsOf(before.bindings), ...added]), ...(before.etag ? { etag: before.etag } : {}) });
      await queries.invalidateQueries({ queryKey: users(found.id).queryKey });
    } catch (error) {
      complain(`They have access to the document, but not to its environment: ${messageOf(error)}`);
    }
  }
  return {
    name: found?.name ?? "",
    shareable: found?.shareable ?? false,
    /** without are those of members whom nothing that names them, or everybody, lets use it. */
    without: (members: string[]) => (found?.id ? members.filter((m) => !mayAlready(m, grantsOf((using ?? []).map((u) => u.binding)))) : []),
    letUse,
  };
}
