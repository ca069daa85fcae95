import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button as AriaButton, Disclosure, DisclosurePanel, Heading } from "react-aria-components";
import { base, messageOf } from "../../api/client";
import { links, makeLink, revokeLink, sharingKey } from "../../api/sharing";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { complain, tell } from "../../ui/toast";
import { Time } from "../../ui/Time";
import { useNames } from "../../api/useNames";
import { Once } from "./Once";

/** Links open a document without signing in, until they are ended. */
export function Links({ id }: { id: string }) {
  const queries = useQueryClient();
  const now = Date.now();
  const all = (useQuery(links(id)).data ?? []).filter((l) => !l.revokedAt && (!l.expires || Date.parse(l.expires) > now));
  const nameOf = useNames(all.map((l) => l.createdBy));
  const [title, setTitle] = useState("");
  const [day, setDay] = useState("");
  const [password, setPassword] = useState("");
  const [made, setMade] = useState("");
  const refresh = () => queries.invalidateQueries({ queryKey: sharingKey(id) });
  async function make() {
    try {
      const link = await makeLink(id, { ...(title ? { title } : {}), ...(day ? { expires: new Date(`${day}T23:59:59`).toISOString() } : {}), ...(password ? { password } : {}) });
      setMade(new URL(base + link.path.replace(/^\//, ""), location.href).href);
      setTitle("");
      setDay("");
      setPassword("");
    } catch (error) {
      complain(messageOf(error));
    }
    await refresh();
  }
  async function end(link: string) {
    try {
      await revokeLink(link);
      tell("The link opens nothing any more");
    } catch (error) {
      complain(messageOf(error));
    }
    await refresh();
  }
  return (
    <Disclosure className="links">
      <Heading level={3}>
        <AriaButton slot="trigger" className="button quiet">
          <Icon name="chevron-right" className="fold" />
          Links that need no sign-in{all.length > 0 ? ` (${all.length})` : ""}
        </AriaButton>
      </Heading>
      <DisclosurePanel>
        {made && <Once address={made}>This address is shown once:</Once>}
        <ul className="people" aria-label="Links">
          {all.map((l) => (
            <li key={l.id}>
              <Icon name={l.password ? "lock" : l.shows ? "database" : "link"} />
              <span className="who">
                <span className="text">{l.title || "Link"}</span>
                <small>
                  made by {nameOf(l.createdBy)} <Time at={l.createdAt} />
                  {l.expires && (
                    <>
                      , until <Time at={l.expires} />
                    </>
                  )}
                  {l.password && ", with a password"}
                  {l.shows && <>, to <a href={`${base}r/${encodeURIComponent(l.shows.result)}`}>{l.shows.where?.length ? "some rows" : "the rows"} of a result</a></>}
                </small>
              </span>
              <Button kind="quiet" onPress={() => void end(l.id)}>
                End
              </Button>
            </li>
          ))}
        </ul>
        <div className="line">
          <Field label="What it is for" value={title} onChange={setTitle} />
          <Field label="Until" type="date" value={day} onChange={setDay} min={new Date().toISOString().slice(0, 10)} />
          <Field label="Password" type="password" value={password} onChange={setPassword} />
          <Button onPress={() => void make()}>Make a link</Button>
        </div>
      </DisclosurePanel>
    </Disclosure>
  );
}
