// What the front end relies on of the types; it is compiled, never run.
import type { components, operations, paths } from "./schema.d.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_?: T): void => undefined;

type Resource = components["schemas"]["Resource"];
holds<Equal<Resource["id"], string>>();
holds<Equal<Resource["problem"], string | undefined>>();
holds<Equal<Resource["type"], "folder" | "notebook" | "sql" | "file" | "environment" | "dataSource">>();

// A page of resources, a conflict with what it offers, and a header that guards a save.
type Children = paths["/v1/resources/{id}/children"]["get"]["responses"][200]["content"]["application/json"];
holds<Equal<NonNullable<Children["items"]>[number], Resource>>();
type Problem = operations["saveContent"]["responses"]["default"]["content"]["application/problem+json"];
holds<Equal<NonNullable<Problem["conflict"]>["merge"], string>>();
holds<Equal<NonNullable<operations["saveContent"]["parameters"]["header"]>["If-Match"], string | undefined>>();
