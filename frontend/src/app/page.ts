import { base, ROOT } from "../api/client";

const data = document.documentElement.dataset;

/** page is what the server says of itself in the page. */
export const page = {
  /** lab is where JupyterLab is; empty: there is none. */
  lab: data["lab"] ?? "",
  /** home is the folder of whoever is signed in; empty: they have none. */
  home: data["home"] ?? "",
  /** root tells whether one may see the root of the tree. */
  root: data["root"] === "true",
  /** runs tells whether documents can be executed. */
  runs: data["runs"] === "true",
};

/** addressOf is the page of a document or folder. */
export const addressOf = (id: string) => `${base}n/${id === ROOT ? "root" : encodeURIComponent(id)}`;

/** folderAt is the folder whose page is at a path below base; empty: there is none. */
export function folderAt(path: string): string {
  const found = /^\/n\/([^/]+)$/.exec(path)?.[1];
  return found === undefined ? "" : found === "root" ? ROOT : decodeURIComponent(found);
}

/** top is the folder that one's documents are below: the root, or, for who may not see that, their own. Empty: there is none. */
export const top = page.root ? { id: ROOT, name: "All documents" } : { id: page.home, name: "My documents" };

/** ours are the addresses, below base, that this program shows; all others are the server's. Documents and folders have
 * the same ones: which it is shows when it is opened. */
export function isOurs(path: string): boolean {
  return /^\/(?:|starred|recent|shared|trash|search|n\/root)$/.test(path);
}
