import { describe, expect, test } from "vitest";
import { bindingsOf, endOf, generalOf, grantsOf, invitable, mayAlready, memberOf, replaced, until, withGeneral, without, type Grant } from "./grants";

const ana: Grant = { member: "user:ana@x.org", role: "viewer" };
const jo: Grant = { member: "user:jo@x.org", role: "viewer", condition: until("2026-12-31") };

describe("bindings", () => {
  const bindings = [
    { role: "viewer", members: ["user:ana@x.org", "allUsers"] },
    { role: "viewer", members: ["user:jo@x.org"], condition: { expression: 'resource.type == "sql"', title: "scripts" } },
    { role: "editor", members: ["group:risk@x.org"] },
  ];
  test("taken apart and put together they are the same", () => expect(bindingsOf(grantsOf(bindings))).toEqual(bindings));
  test("one of two grants of a member goes", () => {
    const grants = [ana, { ...ana, role: "editor" }];
    expect(without(grants, ana)).toEqual([{ ...ana, role: "editor" }]);
  });
  test("a changed role keeps its condition", () => expect(replaced([ana, jo], jo, "editor")).toEqual([ana, { ...jo, role: "editor" }]));
  test("members of a role are not named twice", () => expect(bindingsOf([ana, ana])).toEqual([{ role: "viewer", members: [ana.member] }]));
});

describe("general access", () => {
  test("replaces what there was, and leaves named people and other roles", () => {
    const all = { member: "allUsers", role: "viewer" };
    const runs = { member: "allAuthenticatedUsers", role: "runner" };
    expect(generalOf([ana, runs])).toBe("");
    expect(generalOf(withGeneral([ana, runs], "allUsers"))).toBe("allUsers");
    expect(withGeneral([ana, all, runs], "")).toEqual([ana, runs]);
  });
});

test("a day's end is read again", () => {
  expect(endOf(jo)?.toISOString()).toBe(new Date("2026-12-31T23:59:59").toISOString());
  expect(jo.condition?.title).toBe("until 31 December 2026");
  expect(endOf(ana)).toBeUndefined();
  expect(endOf({ ...ana, condition: { expression: "request.time < timestamp('x')" } })).toBeUndefined();
});

test.each([
  ["ana@x.org", "user:ana@x.org"],
  [" ana@x.org ", "user:ana@x.org"],
  ["group:risk@x.org", "group:risk@x.org"],
  ["domain:x.org", "domain:x.org"],
  ["ana", ""],
  ["ana@x@y", ""],
  ["allUsers", ""],
  ["", ""],
])("memberOf(%j) is %j", (typed, want) => expect(memberOf(typed)).toBe(want));

test.each([
  ["user:kim@partner.org", ["partner.org"], true],
  ["user:kim@Partner.org", ["partner.org"], true],
  ["user:kim@partner.org", ["*"], true],
  ["user:kim@sub.partner.org", ["partner.org"], false],
  ["user:kim@partner.org", [], false],
  ["user:kim", ["*"], false],
  ["group:risk@partner.org", ["*"], false],
])("invitable(%j, %j) is %j", (member, domains, want) => expect(invitable(member, domains)).toBe(want));

test.each([
  ["user:jo@x.org", "user:jo@x.org", true],
  ["user:jo@x.org", "domain:x.org", true],
  ["user:jo@x.org", "allAuthenticatedUsers", true],
  ["user:jo@x.org", "domain:y.org", false],
  ["user:jo@x.org", "group:risk@x.org", false],
  ["group:risk@x.org", "group:risk@x.org", true],
])("mayAlready(%j) by %j is %j", (member, granted, want) => {
  expect(mayAlready(member, [{ member: granted, role: "user" }])).toBe(want);
  expect(mayAlready(member, [{ member: granted, role: "user", condition: { expression: "false" } }])).toBe(false);
});
