import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf, type Schemas } from "../../api/client";
import { decide, requests, sharingKey } from "../../api/sharing";
import { Button } from "../../ui/Button";
import { Face } from "../../ui/Face";
import { Choose } from "../../ui/Field";
import { complain, tell } from "../../ui/toast";
import { useNames } from "../../api/useNames";
import { useRoles } from "./useSharing";

/** Requests are those who ask for access. */
export function Requests({ id }: { id: string }) {
  const open = useQuery(requests(id)).data ?? [];
  if (open.length === 0) return null;
  return (
    <ul className="requests" aria-label="Requests for access">
      {open.map((r) => (
        <Request key={r.id} id={id} request={r} />
      ))}
    </ul>
  );
}

function Request({ id, request }: { id: string; request: Schemas["AccessRequest"] }) {
  const queries = useQueryClient();
  const roles = useRoles();
  const [role, setRole] = useState(request.role);
  const name = useNames([request.requester])(request.requester);
  async function answer(approve: boolean) {
    try {
      await decide(request.id, approve, approve && role !== request.role ? role : undefined);
      tell(approve ? `${name} has access` : `Declined; ${name} is not told more`);
    } catch (error) {
      complain(messageOf(error));
    }
    await queries.invalidateQueries({ queryKey: sharingKey(id) });
  }
  return (
    <li>
      <Face name={name} />
      <span className="who">
        <span className="text">{name} asks for access</span>
        {request.message && <small>“{request.message}”</small>}
      </span>
      <Choose label={`Role for ${name}`} hideLabel quiet value={role} choices={roles} onChange={setRole} />
      <Button onPress={() => void answer(false)}>Decline</Button>
      <Button onPress={() => void answer(true)}>Approve</Button>
    </li>
  );
}
