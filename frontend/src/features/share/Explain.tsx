import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf, type Resource, type Schemas, ROOT } from "../../api/client";
import { addressOf, known } from "../../api/people";
import { ancestors, permissions } from "../../api/resources";
import { explain } from "../../api/sharing";
import { Icon } from "../../ui/Icon";
import { Failed, Loading } from "../../ui/States";
import { PUBLIC } from "./grants";
import { MemberInput, type Somebody } from "./MemberInput";
import { useRoleName } from "./useSharing";

const abilities: [string, string][] = [
  ["documents.read", "View"],
  ["documents.execute", "Run"],
  ["documents.update", "Edit"],
  ["resources.delete", "Move to the trash"],
  ["resources.setIamPolicy", "Share"],
];

/** telling are the reasons that tell something: the grants, or, where there are none, those that name the member. */
function telling(answer: Schemas["Explanation"], member: string): Schemas["Reason"][] {
  const all = answer.reasons ?? [];
  if (answer.allowed) return all.filter((r) => r.outcome === "grants");
  const named = [member, ...PUBLIC];
  return all.filter((r) => r.outcome !== "the subject is not a member" && (r.via?.length || r.binding.members.some((m) => named.includes(m))));
}

/** short are outcomes as one says them to people. */
const short: Record<string, string> = { grants: "", "the role does not hold the permission": "which does not go that far" };

/** Explain tells what somebody may do with a resource, and by which grants. */
export function Explain({ resource }: { resource: Pick<Resource, "id" | "name" | "type"> }) {
  const [who, setWho] = useState<Somebody | null>(null);
  const may = useQuery(permissions(resource.id, ["resources.getIamPolicy"]));
  if (may.data && !may.data.includes("resources.getIamPolicy")) return <p className="quiet">Only those who may share this can ask for others.</p>;
  return (
    <>
      <MemberInput label="Who" placeholder="Somebody’s name or address" autoFocus onChoose={setWho} />
      {who && /^(user|serviceAccount):/.test(who.member) ? <Answers id={resource.id} who={who} /> : who ? <p className="quiet">{who.name} is not one person. Choose somebody in it.</p> : <p className="quiet">Choose somebody to see what they can do here, and which grants say so.</p>}
    </>
  );
}

function Answers({ id, who }: { id: string; who: Somebody }) {
  const roleName = useRoleName();
  const trail = useQuery(ancestors(id)).data ?? [];
  const answers = useQueries({ queries: abilities.map(([permission]) => explain(id, who.member, permission)) });
  const listed = useQuery(known([who.member]));
  const unknown = listed.data !== undefined && !listed.data.has(who.member);
  const failed = answers.find((a) => a.error);
  if (failed) return <Failed message={messageOf(failed.error)} />;
  if (answers.some((a) => !a.data)) return <Loading lines={3} />;
  const place = (r: Schemas["Reason"]) => (r.inherited ? `inherited from ${r.resourceId === ROOT ? "All documents" : (trail.find((t) => t.id === r.resourceId)?.name ?? "a folder above")}` : "direct");
  const why = (r: Schemas["Reason"]) => {
    const role = roleName(r.binding.role);
    const via = (r.via ?? []).filter((v) => v !== who.member).map(addressOf);
    return [`${role}, ${place(r)}`, via.length > 0 ? `through ${via.join(" → ")}` : "", r.binding.condition ? (r.binding.condition.title ?? r.binding.condition.expression) : "", short[r.outcome] ?? r.outcome, r.detail ?? ""]
      .filter(Boolean)
      .join("; ");
  };
  return (
    <>
    {unknown && <p className="banner">{who.name} has never signed in here. Until they do, what names them opens nothing.</p>}
    <table className="explained">
      <caption>{who.name}</caption>
      <thead>
        <tr>
          <th scope="col">Can</th>
          <th scope="col">
            <span className="unseen">Answer</span>
          </th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {abilities.map(([permission, label], i) => {
          const answer = answers[i]?.data;
          if (!answer) return null;
          const reasons = telling(answer, who.member);
          return (
            <tr key={permission}>
              <th scope="row">{label}</th>
              <td className={answer.allowed ? "good" : "quiet"}>
                <Icon name={answer.allowed ? "check" : "x"} /> {answer.allowed ? "yes" : "no"}
              </td>
              <td>{reasons.length > 0 ? reasons.map((r, n) => <div key={n}>{why(r)}</div>) : "No grant reaches them"}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
    </>
  );
}
