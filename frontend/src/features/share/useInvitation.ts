import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { base, messageOf } from "../../api/client";
import { addressOf, self } from "../../api/people";
import { invite } from "../../api/sharing";
import { useKnown } from "../../api/useNames";
import { complain } from "../../ui/toast";
import { invitable } from "./grants";

/** Invitation is a link that lets somebody in once. */
export interface Invitation {
  member: string;
  address: string;
  expires: string;
}

/** useInvitation tells who of members has not come yet and can be invited, and makes invitations to what is shared. */
export function useInvitation(id: string, members: readonly string[]) {
  const queries = useQueryClient();
  const known = useKnown(members);
  const domains = useQuery(self).data?.invites ?? [];
  const [made, setMade] = useState<Invitation>();
  /** stateOf is how somebody stands: "absent" who can be invited, "invited" who was, and has not come. */
  function stateOf(member: string): "absent" | "invited" | undefined {
    if (!known || !member.startsWith("user:")) return undefined;
    const entry = known.get(member);
    if (entry) return entry.invited ? "invited" : undefined;
    return invitable(member, domains) ? "absent" : undefined;
  }
  async function make(member: string) {
    try {
      const link = await invite(id, addressOf(member));
      setMade({ member, address: new URL(base + link.path.replace(/^\//, ""), location.href).href, expires: link.expires });
      await queries.invalidateQueries({ queryKey: ["names"] });
    } catch (error) {
      complain(messageOf(error));
    }
  }
  return { made, make, stateOf };
}
