import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "react-aria-components";
import { useLocation, useSearch } from "wouter";
import { messageOf, type ResourceType } from "../../api/client";
import { searched } from "../../api/resources";
import { addressOf } from "../../app/page";
import { useTitle } from "../../app/useTitle";
import { Button } from "../../ui/Button";
import { Choose, Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { Empty, Failed, Loading } from "../../ui/States";
import { Time } from "../../ui/Time";
import { useLater } from "../../ui/useLater";
import { kinds, opens, titleOf } from "../content/kinds";
import { useNames } from "../../api/useNames";
import { Marked } from "./Marked";

const types = [{ id: "", label: "Type: all" }, ...(["notebook", "sql", "file", "folder", "environment", "dataSource"] as const).map((id) => ({ id, label: kinds[id].name }))];

const ages = [
  { id: "", label: "Changed: any time" },
  { id: "1", label: "In the last day" },
  { id: "7", label: "In the last week" },
  { id: "30", label: "In the last month" },
  { id: "365", label: "In the last year" },
];

const owners = [
  { id: "", label: "Owner: anyone" },
  { id: "me", label: "You" },
];

/** SearchPage lists what has all words, by how well it fits; what is asked for is in the address. */
export function SearchPage({ me }: { me: string }) {
  const query = new URLSearchParams(useSearch());
  const [, navigate] = useLocation();
  const q = query.get("q") ?? "";
  const [text, setText] = useState(q);
  const asked = useLater(text.trim(), 200);
  const [size, setSize] = useState(50);
  const age = query.get("age") ?? "";
  const filter = useMemo(
    () => ({
      type: (query.get("type") as ResourceType | null) ?? undefined,
      owner: query.get("owner") === "me" ? me : undefined,
      updatedAfter: age ? new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - Number(age) * 86_400_000).toISOString() : undefined,
    }),
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [query.toString(), me],
  );
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value);
    else next.delete(name);
    navigate(`/search?${next}`, { replace: true });
  };
  const found = useQuery({ ...searched(asked, filter, size), enabled: asked !== "", placeholderData: (was) => was });
  const hits = asked === "" ? [] : (found.data?.items ?? []);
  const nameOf = useNames(hits.map((h) => h.resource.owner));
  useTitle(q ? `Search: ${q}` : "Search");
  return (
    <>
      <div className="page-head">
        <h1>Search</h1>
      </div>
      <div className="filters">
        <Field
          label="Words"
          hideLabel
          type="search"
          placeholder="Words that must all be there"
          value={text}
          autoFocus
          onChange={(value) => {
            setText(value);
            set("q", value.trim());
          }}
        />
        <Choose label="Type" hideLabel quiet value={query.get("type") ?? ""} choices={types} onChange={(id) => set("type", id)} />
        <Choose label="Owner" hideLabel quiet value={query.get("owner") ?? ""} choices={owners} onChange={(id) => set("owner", id)} />
        <Choose label="Changed" hideLabel quiet value={age} choices={ages} onChange={(id) => set("age", id)} />
      </div>
      {found.error && <Failed message={messageOf(found.error)} retry={() => void found.refetch()} />}
      {asked === "" ? (
        <Empty icon="search">Search looks into names, tags, descriptions, sources and outputs of all that you can read.</Empty>
      ) : found.isPending ? (
        <Loading />
      ) : hits.length === 0 ? (
        <Empty icon="search">Nothing that you can read has all these words.</Empty>
      ) : (
        <>
          <ol className="hits" aria-label="Found">
            {hits.map((h) => (
              <li key={h.resource.id}>
                <p className="hit">
                  <Icon name={kinds[h.resource.type].icon} />
                  {opens(h.resource) ? (
                    <Link href={addressOf(h.resource.id)} routerOptions={{ within: h.resource.type === "folder" }}>
                      {titleOf(h.resource)}
                    </Link>
                  ) : (
                    <span>{titleOf(h.resource)}</span>
                  )}
                  <small>
                    {nameOf(h.resource.owner)} · <Time at={h.resource.updatedAt} />
                    {h.approximate ? " · similar words" : ""}
                  </small>
                </p>
                {h.snippets
                  ?.filter((s) => s.field !== "name")
                  .slice(0, 2)
                  .map((s, i) => (
                    <p key={i} className="snippet">
                      <Marked snippet={s} />
                    </p>
                  ))}
              </li>
            ))}
          </ol>
          {found.data?.nextPageToken && size < 1000 && <Button onPress={() => setSize(Math.min(1000, size * 4))}>More</Button>}
        </>
      )}
    </>
  );
}
