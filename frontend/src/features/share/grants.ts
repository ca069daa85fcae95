import type { Schemas } from "../../api/client";

type Binding = Schemas["Binding"];
type Condition = Schemas["Condition"];

/** Grant is one member's role, as people think of a policy. */
export interface Grant {
  member: string;
  role: string;
  condition?: Condition | undefined;
}

/** PUBLIC are the members that stand for more than named people. */
export const PUBLIC = ["allAuthenticatedUsers", "allUsers"] as const;

/** grantsOf takes bindings apart. */
export function grantsOf(bindings: readonly Binding[]): Grant[] {
  return bindings.flatMap((b) => b.members.map((member) => ({ member, role: b.role, ...(b.condition ? { condition: b.condition } : {}) })));
}

/** bindingsOf puts grants together: one binding for each role and condition. */
export function bindingsOf(grants: readonly Grant[]): Binding[] {
  const out = new Map<string, Binding>();
  for (const g of grants) {
    const key = JSON.stringify([g.role, g.condition ?? null]);
    const binding = out.get(key);
    if (!binding) out.set(key, { role: g.role, members: [g.member], ...(g.condition ? { condition: g.condition } : {}) });
    else if (!binding.members.includes(g.member)) binding.members.push(g.member);
  }
  return [...out.values()];
}

const same = (a: Grant, b: Grant) => a.member === b.member && a.role === b.role && a.condition?.expression === b.condition?.expression;

/** without are the grants but one. */
export const without = (grants: readonly Grant[], gone: Grant): Grant[] => grants.filter((g) => !same(g, gone));

/** replaced has one grant give another role. */
export const replaced = (grants: readonly Grant[], old: Grant, role: string): Grant[] => grants.map((g) => (same(g, old) ? { ...g, role } : g));

/** withGeneral has everybody (who signed in) view, or nobody but those who are named: "". Conditions stay. */
export function withGeneral(grants: readonly Grant[], who: string): Grant[] {
  const named = grants.filter((g) => !isGeneral(g));
  return who ? [...named, { member: who, role: "viewer" }] : named;
}

/** isGeneral tells whether a grant is the one that a page's general access is. */
export const isGeneral = (g: Grant) => (PUBLIC as readonly string[]).includes(g.member) && g.role === "viewer" && !g.condition;

/** generalOf is who may view beside named people. */
export function generalOf(grants: readonly Grant[]): string {
  const found = grants.filter(isGeneral).map((g) => g.member);
  return found.includes("allUsers") ? "allUsers" : (found[0] ?? "");
}

/** until is the condition of a grant that ends with a day, in the browser's zone. */
export function until(day: string): Condition {
  const end = new Date(`${day}T23:59:59`);
  const title = end.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
  return { title: `until ${title}`, expression: `request.time < timestamp("${end.toISOString().replace(/\.\d+Z$/, "Z")}")` };
}

/** endOf is when a grant ends; undefined where it does not, or by another condition than time. */
export function endOf(g: Grant): Date | undefined {
  const found = /^request\.time < timestamp\(["']([^"']+)["']\)$/.exec(g.condition?.expression ?? "");
  const end = found?.[1] ? new Date(found[1]) : undefined;
  return end && !Number.isNaN(end.getTime()) ? end : undefined;
}

/** memberOf is the member that somebody types: an address is a user's. Empty where it is neither. */
export function memberOf(text: string): string {
  const typed = text.trim();
  if (/^(user|group|serviceAccount|domain):\S+$/.test(typed)) return typed;
  if (/^[^\s@:]+@[^\s@:]+$/.test(typed)) return `user:${typed}`;
  return "";
}

/** invitable tells whether a user's domain is among those whose people can be invited; "*" is all. */
export function invitable(member: string, domains: readonly string[]): boolean {
  const domain = /^user:[^@]+@([^@]+)$/.exec(member)?.[1]?.toLowerCase();
  return domain !== undefined && (domains.includes("*") || domains.includes(domain));
}

/** mayAlready tells whether one of the grants that have no condition names somebody, their domain or everybody. */
export function mayAlready(member: string, grants: readonly Grant[]): boolean {
  const domain = /^user:[^@]+@(.+)$/.exec(member)?.[1];
  const names = [member, ...PUBLIC, ...(domain ? [`domain:${domain}`] : [])] as string[];
  return grants.some((g) => !g.condition && names.includes(g.member));
}

/** runs tells whether a role lets run documents: all that are offered but the weakest two. */
export const runs = (role: string) => role !== "viewer" && role !== "commenter";
