import type { Resource, ResourceType } from "../../api/client";
import { ROOT } from "../../api/root";

/** kinds are what people call the types of resources, and the pictures of them. */
export const kinds: Record<ResourceType, { name: string; icon: string }> = {
  folder: { name: "Folder", icon: "folder" },
  notebook: { name: "Notebook", icon: "notebook-text" },
  sql: { name: "SQL script", icon: "file-code" },
  file: { name: "File", icon: "file" },
  environment: { name: "Environment", icon: "layers" },
  dataSource: { name: "Data source", icon: "database" },
};

/** titleOf is what a resource is called: a notebook without the ending that all have. */
export function titleOf(r: Pick<Resource, "id" | "name">): string {
  return r.id === ROOT ? "All documents" : r.name.replace(/\.ipynb$/, "");
}

/** opens tells whether there is a page of it. */
export const opens = (r: Resource) => r.type === "folder" || r.type === "notebook" || r.type === "sql" || r.type === "file";
