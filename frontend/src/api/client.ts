import createClient from "openapi-fetch";
import { base } from "./base";
import { ApiError, refusal } from "./refusal";
import type { components, paths } from "./schema";

/** Schemas are the API's types by name. */
export type Schemas = components["schemas"];
export type Resource = Schemas["Resource"];
export type ResourceType = Resource["type"];

export { ROOT } from "./root";

export { base } from "./base";
export { ApiError, messageOf, refusal } from "./refusal";

/** api calls the server; each call gives data or error. unwrap makes exceptions of errors. */
export const api = createClient<paths>({ baseUrl: location.origin + base.slice(0, -1), querySerializer: { array: { style: "form", explode: false } } });

/** unwrap waits for a call and gives its data; an error is thrown as an ApiError. Who is no longer signed in is led to do that. */
export async function unwrap<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let answer;
  try {
    answer = await call;
  } catch {
    throw new ApiError(0, "The server cannot be reached. What you see may be old.");
  }
  if (answer.response.ok) return answer.data as T;
  throw refusal(answer.response.status, answer.error);
}
