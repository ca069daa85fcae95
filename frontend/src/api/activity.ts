import { queryOptions } from "@tanstack/react-query";
import { api, unwrap, type Schemas } from "./client";

const whileWatched = { refetchInterval: 10_000, refetchIntervalInBackground: false };

/** sessions are one's running kernels; none where the server runs no kernels. */
export const sessions = queryOptions({
  queryKey: ["sessions"],
  ...whileWatched,
  queryFn: async (): Promise<Schemas["Session"][]> => orNone(api.GET("/v1/sessions", { params: {} })),
});

/** runningJobs are one's jobs that have not ended. */
export const runningJobs = queryOptions({
  queryKey: ["jobs", "running"],
  ...whileWatched,
  queryFn: async (): Promise<Schemas["Job"][]> => orNone(api.GET("/v1/jobs", { params: { query: { state: ["queued", "starting", "running"] } } })),
});

export const cancelJob = (id: string) => unwrap(api.POST("/v1/jobs/{id}/cancel", { params: { path: { id } } }));

export const endSession = (id: string) => unwrap(api.DELETE("/v1/sessions/{id}", { params: { path: { id } } }));

/** orNone gives nothing where the server has no such route. */
async function orNone<T>(call: Promise<{ data?: { items: T[] }; error?: unknown; response: Response }>): Promise<T[]> {
  const answer = await call;
  if (answer.response.status === 404) return [];
  return (await unwrap(Promise.resolve(answer))).items;
}
