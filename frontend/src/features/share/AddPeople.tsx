import { useState } from "react";
import { Button as AriaButton, Checkbox } from "react-aria-components";
import type { Resource } from "../../api/client";
import { addressOf } from "../../api/people";
import { Button } from "../../ui/Button";
import { Choose, Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { tell } from "../../ui/toast";
import { runs, until, type Grant } from "./grants";
import { MemberInput, type Somebody } from "./MemberInput";
import { useEnvironment } from "./useEnvironment";
import { useRoles } from "./useSharing";

/** AddPeople gives people and groups a role, for good or up to a day. */
export function AddPeople({ resource, grants, change }: { resource: Pick<Resource, "id" | "type">; grants: Grant[]; change: (next: (before: Grant[]) => Grant[]) => Promise<boolean> }) {
  const [chosen, setChosen] = useState<Somebody[]>([]);
  const [role, setRole] = useState("viewer");
  const [day, setDay] = useState("");
  const [busy, setBusy] = useState(false);
  const [lend, setLend] = useState(true);
  const choices = useRoles();
  const environment = useEnvironment(resource);
  const without = runs(role) ? environment.without(chosen.map((c) => c.member)) : [];
  async function add() {
    setBusy(true);
    const condition = day ? until(day) : undefined;
    const added = chosen.map((c): Grant => ({ member: c.member, role, ...(condition ? { condition } : {}) }));
    const fresh = added.filter((a) => !grants.some((g) => g.member === a.member && g.role === a.role && g.condition?.expression === a.condition?.expression));
    const done = fresh.length === 0 || (await change((before) => [...before, ...fresh]));
    if (done && lend && environment.shareable && without.length > 0) await environment.letUse(added.filter((a) => without.includes(a.member)));
    setBusy(false);
    if (!done) return;
    tell(chosen.length === 1 ? `${chosen[0]?.name} has access` : `${chosen.length} have access`);
    setChosen([]);
    setDay("");
  }
  return (
    <div className="add-people">
      <MemberInput
        label="Add people or groups"
        placeholder={chosen.length > 0 ? "" : "Add people or groups"}
        autoFocus
        onChoose={(who) => setChosen((before) => (before.some((b) => b.member === who.member) ? before : [...before, who]))}
        onBackspace={() => setChosen((before) => before.slice(0, -1))}
        before={chosen.map((who) => (
          <span key={who.member} className="chip">
            {who.member.startsWith("user:") ? who.name : addressOf(who.member)}
            <AriaButton aria-label={`Take out ${who.name}`} onPress={() => setChosen((before) => before.filter((b) => b.member !== who.member))}>
              <Icon name="x" />
            </AriaButton>
          </span>
        ))}
      />
      <Choose label="Role" hideLabel value={role} choices={choices} onChange={setRole} />
      <Button kind="primary" isDisabled={chosen.length === 0} isPending={busy} onPress={() => void add()}>
        Add
      </Button>
      {chosen.length > 0 && <Field label="Until (optional)" type="date" value={day} onChange={setDay} min={new Date().toISOString().slice(0, 10)} />}
      {without.length > 0 &&
        (environment.shareable ? (
          <Checkbox className="checkbox note" isSelected={lend} onChange={setLend}>
            <span className="box">{lend && <Icon name="check" />}</span>
            <span>
              Let them use its environment “{environment.name}”, too. {!lend && "Without it they cannot run it."}
            </span>
          </Checkbox>
        ) : (
          <p className="note quiet">It runs in the environment “{environment.name}”. Whether they may use that is for its owner to say.</p>
        ))}
    </div>
  );
}
