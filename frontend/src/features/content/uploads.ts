import { useSyncExternalStore } from "react";
import type { QueryClient } from "@tanstack/react-query";
import { messageOf } from "../../api/client";
import * as resources from "../../api/resources";
import type { Dropped } from "../../ui/DropFiles";
import { freeName } from "./arrange";

/** Upload is a file that is on its way, or was. */
export interface Upload {
  id: number;
  name: string;
  done: number;
  state: "waiting" | "sending" | "done" | "failed" | "ended";
  problem?: string;
  /** document is what became of it. */
  document?: string;
  cancel: () => void;
}

let list: Upload[] = [];
let next = 1;
const watchers = new Set<() => void>();

function set(change: (before: Upload[]) => Upload[]) {
  list = change(list);
  for (const tell of watchers) tell();
}

/** useUploads are the uploads that were begun since the list was last cleared. */
export function useUploads(): Upload[] {
  return useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => list,
  );
}

/** clear forgets those that have ended. */
export const clear = () => set((before) => before.filter((u) => u.state === "waiting" || u.state === "sending"));

/** AT_ONCE is how many files are sent at a time. */
const AT_ONCE = 3;

/** upload sends files into a folder, with the folders they are in; a name that is taken there gets a number. */
export async function upload(queries: QueryClient, parent: string, files: readonly Dropped[]) {
  const folders = new Map<string, Promise<string>>([["", Promise.resolve(parent)]]);
  const folder = (path: string[]): Promise<string> => {
    const key = path.join("/");
    let found = folders.get(key);
    if (!found) {
      found = folder(path.slice(0, -1)).then(async (above) => (await within(above, path.at(-1) ?? "")).id);
      folders.set(key, found);
    }
    return found;
  };
  const jobs = files.map(({ file, folders: path }) => {
    const id = next++;
    const ending = new AbortController();
    const change = (to: Partial<Upload>) => set((all) => all.map((u) => (u.id === id ? { ...u, ...to } : u)));
    set((all) => [...all, { id, name: [...path, file.name].join("/"), done: 0, state: "waiting", cancel: () => ending.abort() }]);
    return async () => {
      if (ending.signal.aborted) return change({ state: "ended" });
      change({ state: "sending" });
      try {
        const into = await folder(path);
        const made = await named(into, file, (done) => change({ done }), ending.signal);
        change({ state: "done", done: 1, document: made.id });
      } catch (error) {
        change(ending.signal.aborted ? { state: "ended" } : { state: "failed", problem: messageOf(error) });
      }
      await queries.invalidateQueries({ queryKey: resources.keys.all });
    };
  });
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let job = jobs.shift(); job; job = jobs.shift()) await job();
    }),
  );
}

/** within is the folder of a name in another one, which is made where it is not there. */
async function within(parent: string, name: string): Promise<{ id: string }> {
  try {
    return await resources.create(parent, name, "folder");
  } catch (error) {
    if (!isTaken(error)) throw error;
    const found = (await resources.listAllFolders(parent)).find((f) => f.name === name);
    if (!found) throw error;
    return found;
  }
}

async function named(parent: string, file: File, progress: (done: number) => void, signal: AbortSignal) {
  const taken: string[] = [];
  for (;;) {
    const name = freeName(file.name, taken);
    try {
      return await resources.upload(parent, name === file.name ? file : new File([file], name, { type: file.type }), progress, signal);
    } catch (error) {
      if (!isTaken(error) || taken.length > 99) throw error;
      taken.push(name);
    }
  }
}

function isTaken(error: unknown): boolean {
  return typeof error === "object" && error !== null && "status" in error && error.status === 409;
}
