import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf, type Resource } from "../../api/client";
import { permissions } from "../../api/resources";
import { ask } from "../../api/sharing";
import { Button } from "../../ui/Button";
import { Choose, Field } from "../../ui/Field";
import { useNames } from "../../api/useNames";
import { useRoles } from "./useSharing";

const abilities: [string, string][] = [
  ["documents.read", "view"],
  ["documents.execute", "run"],
  ["documents.update", "edit"],
];

/** AskAccess is for who may not share: what they may do, and a way to ask for more. */
export function AskAccess({ resource }: { resource: Resource }) {
  const may = useQuery(permissions(resource.id, abilities.map(([p]) => p))).data ?? [];
  const owner = useNames([resource.owner])(resource.owner);
  const roles = useRoles();
  const [role, setRole] = useState("editor");
  const [message, setMessage] = useState("");
  const [note, setNote] = useState("");
  const can = abilities.filter(([p]) => may.includes(p)).map(([, verb]) => verb);
  async function send() {
    try {
      await ask(resource.id, role, message);
      setNote(`Asked. ${owner} and others who may share this will see it.`);
    } catch (error) {
      setNote(messageOf(error));
    }
  }
  return (
    <>
      <p>
        You can {can.length > 0 ? `${can.slice(0, -1).join(", ")}${can.length > 1 ? " and " : ""}${can.at(-1)}` : "see"} this. It is {owner === "You" ? "yours" : `${owner}’s`}; who has access is for them to say.
      </p>
      {note ? (
        <p className="banner good" role="status">
          {note}
        </p>
      ) : (
        <div className="line">
          <Choose label="Ask to be" value={role} choices={roles} onChange={setRole} />
          <Field label="Message (optional)" value={message} onChange={setMessage} />
          <Button onPress={() => void send()}>Ask</Button>
        </div>
      )}
    </>
  );
}
