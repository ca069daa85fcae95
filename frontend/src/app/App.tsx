import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Route, Switch, useLocation } from "wouter";
import { self } from "../api/people";
import { Dialogs } from "../features/content/Dialogs";
import { open } from "../features/content/dialogs";
import { FolderPage } from "../features/content/FolderPage";
import { PlacePage } from "../features/content/PlacePage";
import { Home } from "../features/home/Home";
import { SearchPage } from "../features/search/SearchPage";
import { Toasts } from "../ui/toast";
import { folderAt, page } from "./page";
import { Shell } from "./Shell";

/** App is the page that the address names, and what lies over it. */
export function App() {
  const [path] = useLocation();
  const here = folderAt(path);
  const folder = here || page.home;
  const me = useQuery(self).data?.member ?? "";
  useKeys();
  useFocusOnMove(path);
  return (
    <>
      <Shell folder={folder}>
        <Switch>
          <Route path="/" component={Home} />
          <Route path="/starred">
            <PlacePage place="starred" />
          </Route>
          <Route path="/recent">
            <PlacePage place="recent" />
          </Route>
          <Route path="/shared">
            <PlacePage place="shared" />
          </Route>
          <Route path="/trash">
            <PlacePage place="trash" />
          </Route>
          <Route path="/search">
            <SearchPage me={me} />
          </Route>
          <Route path="/n/:id">
            <FolderPage key={here} id={here} />
          </Route>
        </Switch>
      </Shell>
      <Dialogs />
      <Toasts />
    </>
  );
}

/** useKeys: ? shows the shortcuts, F6 goes to the next part of the page. */
function useKeys() {
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      const typing = e.target instanceof HTMLElement && (e.target.isContentEditable || /^(input|textarea|select)$/i.test(e.target.tagName));
      if (e.key === "?" && !typing && !document.querySelector("[role=dialog]")) open({ kind: "keys" });
      if (e.key !== "F6") return;
      e.preventDefault();
      const parts = [...document.querySelectorAll<HTMLElement>(".rail, .top, .explorer, main, .status")];
      const now = parts.findIndex((part) => part.contains(document.activeElement));
      for (let step = 1; step <= parts.length; step++) {
        const part = parts[(now + (e.shiftKey ? -step : step) + 2 * parts.length) % parts.length];
        const target = part?.querySelector<HTMLElement>("a[href], button:not([disabled]), input:not([hidden]), [tabindex='0']");
        if (target) return target.focus();
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

/** useFocusOnMove has what was in focus on the page before, and is gone, leave the focus to the new one. */
function useFocusOnMove(path: string) {
  useEffect(() => {
    if (document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
  }, [path]);
}
