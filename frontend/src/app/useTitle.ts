import { useEffect } from "react";

/** useTitle names the page. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = title ? `${title} · Sextant` : "Sextant";
  }, [title]);
}
