import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { messageOf, type Resource } from "../../api/client";
import { addressOf } from "../../api/people";
import { keys } from "../../api/resources";
import { sharingKey, transfer } from "../../api/sharing";
import { Button } from "../../ui/Button";
import { Face } from "../../ui/Face";
import { Icon } from "../../ui/Icon";
import { Menu, type Action } from "../../ui/Menu";
import { complain, tell } from "../../ui/toast";
import { Time } from "../../ui/Time";
import { useNames } from "../../api/useNames";
import { Once } from "./Once";
import { useInvitation } from "./useInvitation";
import { endOf, isGeneral, replaced, runs, without, type Grant } from "./grants";
import { useEnvironment } from "./useEnvironment";
import { useRoleName, useRoles } from "./useSharing";

function Line({ member, name, detail, children }: { member: string; name: string; detail: ReactNode; children: ReactNode }) {
  return (
    <li>
      {member.startsWith("user:") ? (
        <Face name={name === "You" ? addressOf(member) : name} />
      ) : (
        <span className="face none">
          <Icon name={member.startsWith("serviceAccount:") ? "server" : "users-round"} />
        </span>
      )}
      <span className="who">
        <span className="text" title={member}>
          {name}
        </span>
        <small>{detail}</small>
      </span>
      {children}
    </li>
  );
}

/** Owner is whose a resource is. */
export function Owner({ resource }: { resource: Resource }) {
  const nameOf = useNames([resource.owner]);
  return (
    <Line member={resource.owner} name={nameOf(resource.owner)} detail={addressOf(resource.owner)}>
      <span className="role">Owner</span>
    </Line>
  );
}

const awaited = { absent: "has no account here yet", invited: "invited, has not come yet" };

/** Own are the grants of the resource itself; change is absent for who may only look. */
export function Own({ resource, grants, change }: { resource: Resource; grants: Grant[]; change: ((next: (before: Grant[]) => Grant[]) => Promise<boolean>) | undefined }) {
  const queries = useQueryClient();
  const roles = useRoles();
  const named = grants.filter((g) => !isGeneral(g));
  const nameOf = useNames(named.map((g) => g.member));
  const invitation = useInvitation(resource.id, named.map((g) => g.member));
  const environment = useEnvironment(resource);
  const [giving, setGiving] = useState("");
  const roleName = useRoleName();
  const actions = (g: Grant): (Action | null)[] => [
    ...roles.map((r) => ({ id: r.id, label: r.label, ...(r.detail ? { detail: r.detail } : {}), ...(r.id === g.role ? { icon: "check" } : {}), do: () => void changeRole(g, r.id) })),
    null,
    ...(invitation.stateOf(g.member) === "invited" ? [{ id: "-invite", label: "Make a new invitation", do: () => void invitation.make(g.member) }] : []),
    ...(g.member.startsWith("user:") && g.member !== resource.owner ? [{ id: "-transfer", label: "Make them the owner…", do: () => setGiving(g.member) }] : []),
    { id: "-remove", label: "Take the access away", danger: true, do: () => void remove(g) },
  ];
  async function changeRole(g: Grant, role: string) {
    if (!(await change?.((all) => replaced(all, g, role)))) return;
    if (!runs(role) || environment.without([g.member]).length === 0) return;
    const lacking = `${nameOf(g.member)} cannot use its environment “${environment.name}” yet`;
    if (environment.shareable) tell(lacking, { label: "Let them", do: () => void environment.letUse([{ ...g, role }]) });
    else tell(`${lacking}. Whether they may is for its owner to say`);
  }
  async function remove(g: Grant) {
    if (await change?.((all) => without(all, g))) tell(`${nameOf(g.member)} no longer has access by this`, { label: "Undo", do: () => void change?.((all) => [...without(all, g), g]) });
  }
  async function give(member: string) {
    try {
      await transfer(resource.id, member);
      tell(`${nameOf(member)} is the owner now`);
      setGiving("");
      await queries.invalidateQueries({ queryKey: keys.all });
      await queries.invalidateQueries({ queryKey: sharingKey(resource.id) });
    } catch (error) {
      complain(messageOf(error));
    }
  }
  return (
    <>
      {named.map((g) => {
        const end = endOf(g);
        const over = end !== undefined && end < new Date();
        const detail = end ? `${over ? "ended" : "until"} ${end.toLocaleDateString(undefined, { dateStyle: "medium" })}` : g.condition ? `while ${g.condition.title || g.condition.expression}` : "direct";
        const state = invitation.stateOf(g.member);
        const { made } = invitation;
        return (
          <Line key={JSON.stringify(g)} member={g.member} name={nameOf(g.member)} detail={over ? <span className="bad">{detail}</span> : state ? `${detail}, ${awaited[state]}` : detail}>
            {change && state === "absent" && <Button onPress={() => void invitation.make(g.member)}>Invite</Button>}
            {giving === g.member ? (
              <span className="confirm" role="group" aria-label="Make them the owner">
                <Button onPress={() => setGiving("")}>Cancel</Button>
                <Button kind="danger" onPress={() => void give(g.member)}>
                  Make the owner
                </Button>
              </span>
            ) : change ? (
              <Menu
                label={`Role of ${nameOf(g.member)}`}
                trigger={
                  <Button kind="quiet" aria-label={`Role of ${nameOf(g.member)}: ${roleName(g.role)}`}>
                    {roleName(g.role)} <Icon name="chevron-down" />
                  </Button>
                }
                actions={actions(g)}
              />
            ) : (
              <span className="role">{roleName(g.role)}</span>
            )}
            {made?.member === g.member && (
              <Once address={made.address}>
                Send this to {addressOf(g.member)}. It lets them in once, <Time at={made.expires} /> at the latest, and is shown only now.
              </Once>
            )}
          </Line>
        );
      })}
    </>
  );
}

/** Inherited are grants of folders above, which are changed there. */
export function Inherited({ owner, grants, folderName }: { owner: string; grants: (Grant & { from: string })[]; folderName: (id: string) => string }) {
  const roleName = useRoleName();
  const shown = grants.filter((g) => !isGeneral(g) && !(g.member === owner && g.role === "owner")); // who is named already
  const nameOf = useNames(shown.map((g) => g.member));
  return (
    <>
      {shown.map((g, i) => (
        <Line key={i} member={g.member} name={nameOf(g.member)} detail={`inherited from ${folderName(g.from)}${g.condition ? `, ${g.condition.title || g.condition.expression}` : ""}`}>
          <span className="role">{roleName(g.role)}</span>
        </Line>
      ))}
    </>
  );
}
