import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/client";

/** queryClient keeps what the server answered. What is refused is not asked again; what did not arrive is, twice. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: false, // the feed of changes tells when something is new
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
});
