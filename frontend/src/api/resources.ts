import { queryOptions } from "@tanstack/react-query";
import { api, base, refusal, unwrap, type Resource, type ResourceType } from "./client";

/** MAX_LISTED is how many entries of one folder are listed; more are found by searching. */
export const MAX_LISTED = 20_000;

/** Place is what a list of resources is a list of. */
export type Place = { in: "folder"; id: string } | { in: "starred" } | { in: "recent" } | { in: "shared" } | { in: "trash" };

/** Listing is one stretch of a list. */
export interface Listing {
  items: Resource[];
  next?: string | undefined;
}

/** listPage is one stretch of a place's list, which begins at a page token. */
export async function listPage(place: Place, pageToken: string | undefined, pageSize: number, type?: ResourceType): Promise<Listing> {
  const query = { pageSize, ...(pageToken ? { pageToken } : {}) };
  const page = await unwrap(
    place.in === "folder"
      ? api.GET("/v1/resources/{id}/children", { params: { path: { id: place.id }, query: { ...query, ...(type ? { type: [type] } : {}) } } })
      : place.in === "trash"
        ? api.GET("/v1/trash", { params: { query } })
        : place.in === "shared"
          ? api.GET("/v1/shared", { params: { query } })
          : api.GET("/v1/marks/{mark}", { params: { path: { mark: place.in === "starred" ? "star" : "recent" }, query } }),
  );
  return { items: page.items, next: page.nextPageToken };
}

/** keys are the queries' names, by which they are refreshed. */
export const keys = {
  all: ["resources"] as const,
  list: (place: Place, type?: ResourceType) => ["resources", "list", place, type ?? ""] as const,
  one: (id: string) => ["resources", "one", id] as const,
};

/** listAllFolders are the folders in a folder. */
export async function listAllFolders(id: string): Promise<Resource[]> {
  const out: Resource[] = [];
  let next: string | undefined;
  do {
    const page: Listing = await listPage({ in: "folder", id }, next, 1000, "folder");
    out.push(...page.items);
    next = page.next;
  } while (next && out.length < MAX_LISTED);
  return out;
}

/** subfolders are the folders in a folder, as a query. */
export const subfolders = (id: string) => queryOptions({ queryKey: keys.list({ in: "folder", id }, "folder"), queryFn: () => listAllFolders(id) });

/** few are the first of a place's list. */
export const few = (place: Place, n: number) =>
  queryOptions({ queryKey: [...keys.list(place), n], queryFn: async () => (await listPage(place, undefined, n)).items });

/** one is a resource. */
export const one = (id: string) =>
  queryOptions({ queryKey: keys.one(id), queryFn: () => unwrap(api.GET("/v1/resources/{id}", { params: { path: { id } } })) });

/** ancestors are the folders that a resource is in, from the root. */
export const ancestors = (id: string) =>
  queryOptions({
    queryKey: [...keys.one(id), "ancestors"],
    queryFn: async () => (await unwrap(api.GET("/v1/resources/{id}/ancestors", { params: { path: { id } } }))).items,
  });

/** permissions are those of the given that one has on a resource. */
export const permissions = (id: string, asked: string[]) =>
  queryOptions({
    queryKey: [...keys.one(id), "permissions", asked],
    queryFn: async () => {
      const body = { permissions: asked };
      return (await unwrap(api.POST("/v1/resources/{id}/test-iam-permissions", { params: { path: { id } }, body }))).permissions ?? [];
    },
  });

/** searched is what is found by words and filters. */
export const searched = (q: string, filter: { type?: ResourceType | undefined; owner?: string | undefined; folder?: string | undefined; updatedAfter?: string | undefined }, pageSize: number) =>
  queryOptions({
    queryKey: ["resources", "search", q, filter, pageSize],
    queryFn: async ({ signal }) => {
      const query = { q, pageSize, ...(filter.type ? { type: [filter.type] } : {}), ...(filter.owner ? { owner: filter.owner } : {}), ...(filter.folder ? { folder: filter.folder } : {}), ...(filter.updatedAfter ? { updatedAfter: filter.updatedAfter } : {}) };
      return unwrap(api.GET("/v1/search", { params: { query }, signal }));
    },
  });

const byId = (id: string) => ({ path: { id } });

export const create = (parent: string, name: string, type: ResourceType, content?: string) =>
  unwrap(api.POST("/v1/resources", { params: {}, body: { parent, name, type, ...(content === undefined ? {} : { content }) } }));

export const rename = (r: Resource, name: string) =>
  unwrap(api.PATCH("/v1/resources/{id}", { params: { ...byId(r.id), header: { "If-Match": `"${r.etag}"` } }, body: { name } }));

export const move = (id: string, parent: string) => unwrap(api.POST("/v1/resources/{id}/move", { params: byId(id), body: { parent } }));

export const copy = (id: string, parent: string, name: string) => unwrap(api.POST("/v1/resources/{id}/copy", { params: byId(id), body: { parent, name } }));

export const trash = (id: string) => unwrap(api.DELETE("/v1/resources/{id}", { params: byId(id) }));

export const restore = (id: string) => unwrap(api.POST("/v1/trash/{id}/restore", { params: byId(id), body: {} }));

export const purge = (id: string) => unwrap(api.DELETE("/v1/trash/{id}", { params: byId(id) }));

export const star = (id: string, on: boolean) => {
  const params = { path: { id, mark: "star" as const } };
  return unwrap(on ? api.PUT("/v1/resources/{id}/marks/{mark}", { params }) : api.DELETE("/v1/resources/{id}/marks/{mark}", { params }));
};

/** upload makes a document of a file, and tells how far it is, from 0 to 1. It is sent as it is, not read into memory. */
export function upload(parent: string, file: File, progress: (done: number) => void, signal: AbortSignal): Promise<Resource> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch does not tell how much was sent
    request.open("POST", `${base}v1/resources/${encodeURIComponent(parent)}/documents?name=${encodeURIComponent(file.name)}`);
    request.responseType = "json";
    request.upload.onprogress = (e) => e.lengthComputable && progress(e.loaded / e.total);
    request.onload = () => (request.status < 300 ? resolve(request.response as Resource) : reject(refusal(request.status, request.response)));
    request.onerror = () => reject(refusal(0, { detail: "the server cannot be reached" }));
    request.onabort = () => reject(refusal(0, { detail: "the upload was ended" }));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}
