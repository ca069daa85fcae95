import { Choose } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { generalOf, isGeneral, withGeneral, type Grant } from "./grants";

const choices = [
  { id: "", label: "Only people with access can open the link" },
  { id: "allAuthenticatedUsers", label: "Everybody who signed in can view" },
  { id: "allUsers", label: "Everybody can view, without signing in" },
];

/** General is who may view beside the people that are named. */
export function General({ grants, change, inherited, folderName }: {
  grants: Grant[];
  change: ((next: (before: Grant[]) => Grant[]) => Promise<boolean>) | undefined;
  inherited: (Grant & { from: string })[];
  folderName: (id: string) => string;
}) {
  const who = generalOf(grants);
  const above = inherited.find(isGeneral);
  const label = choices.find((c) => c.id === who)?.label ?? "";
  return (
    <div className="general">
      <Icon name={who ? "users-round" : "lock"} />
      {change ? <Choose label="General access" hideLabel quiet value={who} choices={choices} onChange={(id) => void change((all) => withGeneral(all, id))} /> : <span>{label}</span>}
      {above && <small>{`${above.member === "allUsers" ? "Everybody" : "Everybody who signed in"} can view, inherited from ${folderName(above.from)}`}</small>}
    </div>
  );
}
