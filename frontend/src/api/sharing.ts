import { queryOptions } from "@tanstack/react-query";
import { api, unwrap, type Schemas } from "./client";

export type Policy = Schemas["Policy"];

const path = (id: string) => ({ path: { id } });

/** sharingKey names all that is known of a resource's sharing, which is asked anew whenever it is shown. */
export const sharingKey = (id: string) => ["sharing", id] as const;

/** policy is a resource's own policy. */
export const policy = (id: string) => queryOptions({ staleTime: 0, queryKey: [...sharingKey(id), "policy"], retry: false, queryFn: () => unwrap(api.GET("/v1/resources/{id}/iam-policy", { params: path(id) })) });

/** granted are the bindings that let somebody see a resource, its own and those from above. */
export const granted = (id: string) =>
  queryOptions({ staleTime: 0, queryKey: [...sharingKey(id), "granted"], queryFn: async () => (await unwrap(api.GET("/v1/resources/{id}/who-can", { params: { ...path(id), query: { permission: "resources.get" } } }))).items });

/** requests are those for access that nobody has decided. */
export const requests = (id: string) =>
  queryOptions({ staleTime: 0, queryKey: [...sharingKey(id), "requests"], queryFn: async () => (await unwrap(api.GET("/v1/resources/{id}/access-requests", { params: { ...path(id), query: { open: true } } }))).items });

/** links are a document's share links. */
export const links = (id: string) => queryOptions({ staleTime: 0, queryKey: [...sharingKey(id), "links"], queryFn: async () => (await unwrap(api.GET("/v1/resources/{id}/share-links", { params: path(id) }))).items });

/** explain tells whether somebody may do something, and why. */
export const explain = (id: string, principal: string, permission: string) =>
  queryOptions({ staleTime: 0, queryKey: [...sharingKey(id), "explain", principal, permission], retry: false, queryFn: () => unwrap(api.GET("/v1/resources/{id}/explain", { params: { ...path(id), query: { principal, permission } } })) });

/** environmentOf is the environment that a document names, as far as one may see it. */
export const environmentOf = (id: string) => queryOptions({ staleTime: 0, queryKey: [...sharingKey(id), "environment"], queryFn: () => unwrap(api.GET("/v1/resources/{id}/environment", { params: path(id) })) });

/** users are the bindings that let somebody use an environment. */
export const users = (environment: string) =>
  queryOptions({ staleTime: 0, queryKey: [...sharingKey(environment), "users"], retry: false, queryFn: async () => (await unwrap(api.GET("/v1/resources/{id}/who-can", { params: { ...path(environment), query: { permission: "environments.use" } } }))).items });

export const setPolicy = (id: string, body: Policy) => unwrap(api.PUT("/v1/resources/{id}/iam-policy", { params: path(id), body }));

export const transfer = (id: string, to: string) => unwrap(api.POST("/v1/resources/{id}/transfer-ownership", { params: path(id), body: { to } }));

export const decide = (request: string, approve: boolean, role?: string) =>
  unwrap(api.POST("/v1/access-requests/{request}/decision", { params: { path: { request } }, body: { approve, ...(role ? { role } : {}) } }));

export const ask = (id: string, role: string, message: string) => unwrap(api.POST("/v1/resources/{id}/access-requests", { params: path(id), body: { role, ...(message ? { message } : {}) } }));

export const invite = (id: string, address: string) => unwrap(api.POST("/v1/resources/{id}/invitations", { params: path(id), body: { address } }));

export const makeLink = (id: string, body: Schemas["NewShareLink"]) => unwrap(api.POST("/v1/resources/{id}/share-links", { params: path(id), body }));

export const revokeLink = (link: string) => unwrap(api.DELETE("/v1/share-links/{link}", { params: { path: { link } } }));
