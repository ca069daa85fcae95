import { useSyncExternalStore } from "react";

/** useNarrow tells whether the window is at most so many pixels wide. */
export function useNarrow(pixels: number): boolean {
  return useSyncExternalStore(
    (tell) => {
      const query = matchMedia(`(max-width: ${pixels}px)`);
      query.addEventListener("change", tell);
      return () => query.removeEventListener("change", tell);
    },
    () => matchMedia(`(max-width: ${pixels}px)`).matches,
  );
}
