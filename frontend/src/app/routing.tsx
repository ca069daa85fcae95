import type { ReactNode } from "react";
import { RouterProvider } from "react-aria-components";
import { Router, useLocation } from "wouter";
import { base } from "../api/client";
import { isOurs } from "./page";

declare module "react-aria-components" {
  interface RouterConfig {
    /** within: what the link leads to is shown by this program, although its address alone does not tell. */
    routerOptions: { within?: boolean };
  }
}

/** Routing has links lead within this program where it shows what they lead to, and to the server's pages else. */
export function Routing({ children }: { children: ReactNode }) {
  return (
    <Router base={base.slice(0, -1)}>
      <Links>{children}</Links>
    </Router>
  );
}

function Links({ children }: { children: ReactNode }) {
  const [, navigate] = useLocation();
  return (
    <RouterProvider
      navigate={(address, options) => {
        const url = new URL(address, location.href);
        const path = url.origin === location.origin && url.pathname.startsWith(base) ? url.pathname.slice(base.length - 1) : "";
        if (path && (options?.within || isOurs(path))) navigate(path + url.search);
        else location.assign(address);
      }}
    >
      {children}
    </RouterProvider>
  );
}
