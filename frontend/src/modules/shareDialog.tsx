import { QueryClientProvider } from "@tanstack/react-query";
import { createRoot, type Root } from "react-dom/client";
import type { Resource } from "../api/client";
import { queryClient } from "../app/queries";
import { Routing } from "../app/routing";
import { ShareDialog } from "../features/share/ShareDialog";
import { setSprite } from "../ui/Icon";
import { Toasts } from "../ui/toast";
import "../app/style";

setSprite(document.documentElement.dataset["icons"] ?? "");

/** share opens the dialog of sharing over a page that the server drew; afterwards the focus is where it was. */
export function share(resource: Pick<Resource, "id" | "name" | "type">, opener: HTMLElement) {
  const place = document.createElement("div");
  document.body.append(place);
  const root: Root = createRoot(place);
  const close = () => {
    root.unmount();
    place.remove();
    opener.focus();
  };
  root.render(
    <QueryClientProvider client={queryClient}>
      <Routing>
        <ShareDialog resource={resource} onClose={close} />
        <Toasts />
      </Routing>
    </QueryClientProvider>,
  );
}
