import { QueryClientProvider } from "@tanstack/react-query";
import { startTransition, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { base } from "./api/client";
import { App } from "./app/App";
import { follow } from "./app/live";
import { prefetch } from "./app/prefetch";
import { queryClient } from "./app/queries";
import { Routing } from "./app/routing";
import { setSprite } from "./ui/Icon";
import "./app/style";

setSprite(document.documentElement.dataset["icons"] ?? "");

/** begin takes over from what the server drew, once there is something better to show. */
async function begin() {
  const place = document.getElementById("app");
  if (!place) return;
  await new Promise((next) => setTimeout(next)); // a task of its own, so that a slow machine answers in between
  await prefetch(location.pathname.slice(base.length - 1));
  // In a transition, so that a slow machine answers the keyboard while the page is put together.
  startTransition(() =>
    createRoot(place).render(
      <StrictMode>
        <QueryClientProvider client={queryClient}>
          <Routing>
            <App />
          </Routing>
        </QueryClientProvider>
      </StrictMode>,
    ),
  );
  follow(queryClient);
}

void begin();
