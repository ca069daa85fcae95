import { useQueryClient } from "@tanstack/react-query";
import { messageOf, type Resource } from "../../api/client";
import * as resources from "../../api/resources";
import { count } from "../../ui/format";
import { complain, tell } from "../../ui/toast";
import { titleOf } from "./kinds";

/** AT_ONCE is how many requests of one action are under way. */
const AT_ONCE = 6;

/** called is what a list of resources is called. */
const called = (list: readonly Resource[]) => (list.length === 1 && list[0] ? `“${titleOf(list[0])}”` : count(list.length, "document", "documents"));

/** useActions are what one can do with resources; each tells how it went, and how to take it back where that can be. */
export function useActions() {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: resources.keys.all });

  /** each does something with every one of a list and gives those with which it went well. */
  async function each(list: readonly Resource[], what: string, act: (r: Resource) => Promise<unknown>): Promise<Resource[]> {
    const done: Resource[] = [];
    const failures: string[] = [];
    const rest = [...list];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let r = rest.shift(); r; r = rest.shift()) {
          try {
            await act(r);
            done.push(r);
          } catch (error) {
            failures.push(`“${titleOf(r)}”: ${messageOf(error)}`);
          }
        }
      }),
    );
    await refresh();
    if (failures.length > 0) complain(`${what}: ${failures[0]}${failures.length > 1 ? ` (and ${failures.length - 1} more)` : ""}`);
    return done;
  }

  async function trash(list: readonly Resource[]) {
    const done = await each(list, "Not moved to the trash", (r) => resources.trash(r.id));
    if (done.length > 0) tell(`Moved ${called(done)} to the trash`, { label: "Undo", do: () => void restore(done) });
  }

  async function restore(list: readonly Resource[]) {
    const done = await each(list, "Not restored", (r) => resources.restore(r.id));
    if (done.length > 0) tell(`Restored ${called(done)}`);
  }

  async function purge(list: readonly Resource[]) {
    const done = await each(list, "Not deleted", (r) => resources.purge(r.id));
    if (done.length > 0) tell(`Deleted ${called(done)} for good`);
  }

  async function move(list: readonly Resource[], to: Pick<Resource, "id" | "name">) {
    const there = list.filter((r) => r.parentId !== to.id && r.id !== to.id);
    const done = await each(there, "Not moved", (r) => resources.move(r.id, to.id));
    if (done.length === 0) return;
    const back = done.filter((r) => r.parentId);
    tell(`Moved ${called(done)} to “${titleOf(to)}”`, { label: "Undo", do: () => void each(back, "Not moved back", (r) => resources.move(r.id, r.parentId ?? "")) });
  }

  async function copy(list: readonly Resource[], to: Pick<Resource, "id" | "name">, nameFor: (r: Resource) => string) {
    const made: Resource[] = [];
    const done = await each(list, "Not copied", async (r) => made.push((await resources.copy(r.id, to.id, nameFor(r))) as unknown as Resource));
    if (done.length > 0) tell(`Copied ${called(done)} to “${titleOf(to)}”`, { label: "Undo", do: () => void trash(made) });
  }

  async function star(list: readonly Resource[], on: boolean) {
    await each(list, on ? "Not starred" : "The star stays", (r) => resources.star(r.id, on));
  }

  async function rename(r: Resource, name: string) {
    const renamed = await resources.rename(r, name); // its dialog says what went wrong
    await refresh();
    tell(`Renamed to “${name}”`, { label: "Undo", do: () => void each([renamed], "Not renamed", (now) => resources.rename(now, r.name)) });
  }

  return { trash, restore, purge, move, copy, star, rename, refresh };
}

export type Actions = ReturnType<typeof useActions>;
