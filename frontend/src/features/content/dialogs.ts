import { useSyncExternalStore } from "react";
import type { Resource } from "../../api/client";

/** Open is the dialog that lies over the page. */
export type Open =
  | { kind: "rename"; resource: Resource }
  | { kind: "move"; resources: Resource[]; copy: boolean }
  | { kind: "new"; type: "folder" | "notebook" | "sql"; parent: string }
  | { kind: "purge"; resources: Resource[] }
  | { kind: "share"; resource: Pick<Resource, "id" | "name" | "type"> }
  | { kind: "keys" };

let now: Open | null = null;
const watchers = new Set<() => void>();

/** open shows a dialog; null closes the one that is there. */
export function open(dialog: Open | null) {
  now = dialog;
  for (const tell of watchers) tell();
}

/** useOpen is the dialog that is open. */
export function useOpen(): Open | null {
  return useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => now,
  );
}
