import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

/** Schemas are the API's types by name. */
export type Schemas = components["schemas"];
export type Resource = Schemas["Resource"];
export type ResourceType = Resource["type"];

export { ROOT } from "./root";

/** base is the path below which the server answers, with a slash at either end. */
export const base = document.documentElement.dataset["base"] ?? "/";

/** api calls the server; each call gives data or error. unwrap makes exceptions of errors. */
export const api = createClient<paths>({ baseUrl: location.origin + base.slice(0, -1), querySerializer: { array: { style: "form", explode: false } } });

/** ApiError is a problem document (RFC 9457) as the server answers with, or what kept it from answering (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly requestId?: string,
  ) {
    super(message);
  }
}

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

/** refusal is the error of an answer. */
export function refusal(status: number, body: unknown): ApiError {
  if (status === 401) location.assign(`${base}signin?next=${encodeURIComponent(location.pathname + location.search)}`);
  const problem = (typeof body === "object" && body !== null ? body : {}) as Partial<Schemas["Problem"]>;
  const fields = (problem.errors ?? []).map((e) => e.message).join("; ");
  return new ApiError(status, sentence(problem.detail || fields || problem.title || `The server answered with ${status}`), problem.requestId);
}

/** sentence begins with a capital letter. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** messageOf is what to tell about something that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
