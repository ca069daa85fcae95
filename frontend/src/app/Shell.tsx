import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, type CSSProperties, type ReactNode } from "react";
import { Link as AriaLink, Tooltip, TooltipTrigger } from "react-aria-components";
import { useLocation } from "wouter";
import { runningJobs, sessions } from "../api/activity";
import { base } from "../api/client";
import { addressOf, self } from "../api/people";
import { Explorer } from "../features/content/Explorer";
import { NewMenu } from "../features/content/NewMenu";
import { Uploads } from "../features/content/Uploads";
import { open } from "../features/content/dialogs";
import { Search } from "../features/search/Search";
import { Button, IconButton } from "../ui/Button";
import { Face } from "../ui/Face";
import { count, size } from "../ui/format";
import { Icon } from "../ui/Icon";
import { Menu } from "../ui/Menu";
import { useNarrow } from "../ui/useNarrow";
import { usePersisted } from "../ui/usePersisted";
import { useConnected } from "./live";
import { addressOf as pageOf, page, top } from "./page";

/** Shell is what stands around every page: rail, explorer, top bar and status bar. folder is where new things go. */
export function Shell({ folder, children }: { folder: string; children: ReactNode }) {
  const narrow = useNarrow(900);
  const [drawer, setDrawer] = useState(false);
  const [path] = useLocation();
  useEffect(() => setDrawer(false), [path]);
  const [width, setWidth] = usePersisted("explorer", 256);
  return (
    <div className="shell" style={{ "--explorer": `${width}px` } as CSSProperties}>
      <a className="skip" href="#main">
        Skip to the documents
      </a>
      {!narrow && <Rail path={path} />}
      <header className="top">
        {narrow && <IconButton icon="menu" label="Folders" onPress={() => setDrawer(!drawer)} aria-expanded={drawer} />}
        <Search />
        <NewMenu folder={folder} />
        {narrow && <Account />}
      </header>
      {(!narrow || drawer) && (
        <aside className={narrow ? "explorer drawer" : "explorer"}>
          {narrow && <Rail path={path} />}
          <Explorer />
          {!narrow && <Resizer width={width} onWidth={setWidth} />}
        </aside>
      )}
      {narrow && drawer && <div className="scrim" onClick={() => setDrawer(false)} />}
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <Status />
      <Uploads />
    </div>
  );
}

/** Resizer is the edge of the explorer: dragged, or moved by the arrow keys. */
function Resizer({ width, onWidth }: { width: number; onWidth: (width: number) => void }) {
  const start = useRef<{ x: number; width: number } | null>(null);
  const bound = (w: number) => Math.min(480, Math.max(180, Math.round(w)));
  return (
    <div
      className="resizer"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the folders"
      aria-valuenow={width}
      aria-valuemin={180}
      aria-valuemax={480}
      tabIndex={0}
      onPointerDown={(e) => {
        start.current = { x: e.clientX, width };
        e.currentTarget.setPointerCapture(e.pointerId);
      }}
      onPointerMove={(e) => start.current && onWidth(bound(start.current.width + e.clientX - start.current.x))}
      onPointerUp={() => (start.current = null)}
      onKeyDown={(e) => {
        const step = { ArrowLeft: -16, ArrowRight: 16 }[e.key];
        if (step) onWidth(bound(width + step));
      }}
    />
  );
}

function Rail({ path }: { path: string }) {
  return (
    <nav className="rail" aria-label="Sextant">
      <RailLink href={base} icon="compass" label="Sextant: start page" brand />
      <RailLink href={base} icon="house" label="Home" current={path === "/"} />
      {top.id && <RailLink href={pageOf(top.id)} within icon="folder" label="Documents" current={path !== "/" && path !== "/search"} />}
      {page.runs && <RailLink href={`${base}jobs`} icon="history" label="Jobs" />}
      {page.lab && <RailLink href={page.lab} icon="notebook-text" label="JupyterLab" />}
      <span className="grow" />
      <Account />
    </nav>
  );
}

function RailLink({ href, icon, label, current, within, brand }: { href: string; icon: string; label: string; current?: boolean; within?: boolean; brand?: boolean }) {
  return (
    <TooltipTrigger delay={300}>
      <AriaLink href={href} routerOptions={{ within: within ?? false }} aria-label={label} className={brand ? "rail-link brand" : "rail-link"} {...(current ? { "aria-current": "page" as const } : {})}>
        <Icon name={icon} />
      </AriaLink>
      <Tooltip className="ui tooltip" placement="right">
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}

function Account() {
  const me = useQuery(self).data;
  const name = me ? me.displayName || addressOf(me.member) : "";
  return (
    <Menu
      label="You"
      title={me ? `${name}${me.displayName ? ` · ${addressOf(me.member)}` : ""}` : "You"}
      trigger={
        <Button kind="quiet" aria-label={`You: ${name}`}>
          <Face name={name} />
        </Button>
      }
      actions={[
        { id: "keys", label: "Keyboard shortcuts", keys: "?", icon: "info", do: () => open({ kind: "keys" }) },
        { id: "out", label: "Sign out", icon: "log-out", do: signOut },
      ]}
    />
  );
}

/** signOut leaves by the server's form, which ends the session there too. */
function signOut() {
  const form = document.createElement("form");
  form.method = "post";
  form.action = `${base}signout`;
  document.body.append(form);
  form.submit();
}

/** Status is the line at the bottom: whether the server answers, and what of one's own runs. */
function Status() {
  const connected = useConnected();
  const running = useQuery(sessions).data ?? [];
  const jobs = useQuery(runningJobs).data ?? [];
  return (
    <footer className="status" aria-label="State">
      <span role="status" className={connected ? "good" : "bad"}>
        <span aria-hidden="true">●</span> {connected ? "connected" : "not connected: what you see may be old"}
      </span>
      {running.map((s) => (
        <span key={s.id}>
          {s.title}: {s.state}, {size(s.memoryBytes)}
        </span>
      ))}
      {jobs.length > 0 && <AriaLink href={`${base}jobs`}>{count(jobs.length, "job", "jobs")} running</AriaLink>}
    </footer>
  );
}
