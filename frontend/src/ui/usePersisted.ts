import { useCallback, useState } from "react";

/** usePersisted is a state that this browser remembers. Where storage is full or refused it lasts as long as the page. */
export function usePersisted<T>(key: string, initial: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    try {
      const kept = localStorage.getItem(`ui.${key}`);
      return kept === null ? initial : (JSON.parse(kept) as T);
    } catch {
      return initial;
    }
  });
  const set = useCallback(
    (next: T) => {
      setValue(next);
      try {
        localStorage.setItem(`ui.${key}`, JSON.stringify(next));
      } catch {
        /* it lasts as long as the page */
      }
    },
    [key],
  );
  return [value, set];
}
