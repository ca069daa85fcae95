import { base } from "./base";
import type { components } from "./schema";

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

/** refusal is the error of an answer. */
export function refusal(status: number, body: unknown): ApiError {
  if (status === 401) location.assign(`${base}signin?next=${encodeURIComponent(location.pathname + location.search)}`);
  const problem = (typeof body === "object" && body !== null ? body : {}) as Partial<components["schemas"]["Problem"]>;
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
