import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { base, type Schemas } from "../api/client";

let connected = true;
const watchers = new Set<() => void>();

function setConnected(now: boolean) {
  if (now === connected) return;
  connected = now;
  for (const tell of watchers) tell();
}

/** useConnected tells whether the server answers. */
export function useConnected(): boolean {
  return useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => connected,
  );
}

/** follow has lists refreshed when something changes that one may see, as long as the page is in view. */
export function follow(queries: QueryClient) {
  let events: EventSource | undefined;
  let lost: ReturnType<typeof setTimeout> | undefined;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const refresh = () => {
    waiting ??= setTimeout(() => {
      waiting = undefined;
      void queries.invalidateQueries({ queryKey: ["resources"] });
    }, 250); // several changes are often one to people
  };
  const watch = () => {
    if (document.visibilityState === "hidden") {
      events?.close();
      events = undefined;
      return;
    }
    if (events) return;
    events = new EventSource(`${base}v1/changes`);
    events.onopen = () => {
      clearTimeout(lost);
      setConnected(true);
    };
    events.addEventListener("changes", (e) => {
      if ((JSON.parse((e as MessageEvent<string>).data) as Schemas["Changes"]).changes.length > 0) refresh();
    });
    events.onerror = () => {
      // The server ends each stream after a while, and the browser comes again with the place where it was.
      clearTimeout(lost);
      lost = setTimeout(() => setConnected(false), 4000);
      if (events?.readyState === EventSource.CLOSED) {
        events = undefined;
        setTimeout(watch, 5000);
      }
    };
  };
  document.addEventListener("visibilitychange", () => {
    watch();
    if (document.visibilityState === "visible") refresh();
  });
  watch();
}
