import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, ProgressBar } from "react-aria-components";
import { cancelJob, endSession, runningJobs, sessions } from "../../api/activity";
import { base, messageOf, type Resource, type Schemas } from "../../api/client";
import { few, type Place } from "../../api/resources";
import { addressOf, page, top } from "../../app/page";
import { useTitle } from "../../app/useTitle";
import { Button } from "../../ui/Button";
import { count, size } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import { Failed, Loading } from "../../ui/States";
import { Time } from "../../ui/Time";
import { complain } from "../../ui/toast";
import { open } from "../content/dialogs";
import { kinds, opens, titleOf } from "../content/kinds";
import { useNames } from "../../api/useNames";
import { SHOWN } from "./shown";

/** Home is the start page: what one was at, what others share, what runs. */
export function Home() {
  useTitle("");
  return (
    <>
      <div className="page-head">
        <h1>Home</h1>
      </div>
      <div className="home">
        <div>
          <Section title="Recent" place={{ in: "recent" }} more="recent" empty={<Welcome />} />
          <Section title="Shared with me" place={{ in: "shared" }} more="shared" empty={<p className="quiet">What others share with you is listed here.</p>} />
        </div>
        <div>
          <Running />
          <Section title="Starred" place={{ in: "starred" }} more="starred" empty={<p className="quiet">The star beside a name keeps it here.</p>} />
          {top.id && <Section title={top.name} place={{ in: "folder", id: top.id }} more={page.root ? "n/root" : `n/${top.id}`} within quiet empty={null} />}
        </div>
      </div>
    </>
  );
}

/** Section is a short list with a link to all of it; quiet ones are not there where they cannot be read or are empty. */
function Section({ title, place, more, within, empty, quiet }: { title: string; place: Place; more: string; within?: boolean; empty: ReactNode; quiet?: boolean }) {
  const list = useQuery({ ...few(place, SHOWN + 1), retry: false });
  const items = (list.data ?? []).filter(opens);
  if (quiet && items.length === 0) return null;
  return (
    <section className="card" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {items.length > SHOWN && (
          <Link href={base + more} routerOptions={{ within: within ?? false }}>
            All
          </Link>
        )}
      </header>
      {list.error ? <Failed message={messageOf(list.error)} retry={() => void list.refetch()} /> : list.isPending ? <Loading lines={3} /> : items.length === 0 ? empty : <ShortList items={items.slice(0, SHOWN)} />}
    </section>
  );
}

function ShortList({ items }: { items: Resource[] }) {
  const nameOf = useNames(items.map((r) => r.owner));
  return (
    <ul className="short">
      {items.map((r) => (
        <li key={r.id}>
          <Icon name={kinds[r.type].icon} />
          <Link href={addressOf(r.id)} routerOptions={{ within: r.type === "folder" }}>
            <span className="unseen">{kinds[r.type].name}: </span>
            {titleOf(r)}
          </Link>
          <span className="by">{nameOf(r.owner)}</span>
          <Time at={r.updatedAt} />
        </li>
      ))}
    </ul>
  );
}

function Welcome() {
  return (
    <div className="welcome">
      <p>What you open is listed here. To begin:</p>
      <div className="line">
        {page.home && (
          <Button icon="file-code" onPress={() => open({ kind: "new", type: "sql", parent: page.home })}>
            New SQL script
          </Button>
        )}
        <Link className="button" href={addressOf(top.id)} routerOptions={{ within: true }}>
          <Icon name="folder" />
          Look at the documents
        </Link>
      </div>
    </div>
  );
}

/** Running is what of one's own runs: sessions and jobs. */
function Running() {
  const running = useQuery(sessions).data ?? [];
  const jobs = useQuery(runningJobs).data ?? [];
  const queries = useQueryClient();
  async function end(what: Promise<unknown>) {
    try {
      await what;
    } catch (error) {
      complain(messageOf(error));
    }
    await queries.invalidateQueries({ queryKey: ["sessions"] });
    await queries.invalidateQueries({ queryKey: ["jobs"] });
  }
  if (!page.runs) return null;
  return (
    <section className="card" aria-label="Running now">
      <header>
        <h2>Running now</h2>
        <Link href={`${base}jobs`}>All jobs</Link>
      </header>
      {running.length + jobs.length === 0 ? (
        <p className="quiet">Nothing of yours is running.</p>
      ) : (
        <ul className="short running">
          {jobs.map((j) => (
            <li key={j.id}>
              <Icon name="play" />
              <Link href={`${base}jobs/${j.id}`}>{j.title || "Job"}</Link>
              <Progress job={j} />
              <Button kind="quiet" aria-label={`Cancel ${j.title || "the job"}`} onPress={() => void end(cancelJob(j.id))}>
                Cancel
              </Button>
            </li>
          ))}
          {running.map((s) => (
            <li key={s.id}>
              <Icon name="server" />
              <span className="text">
                {s.title} <span className={s.state === "busy" ? "chip" : "chip plain"}>{s.state}</span>
              </span>
              <span className="by">
                {count(s.documents.length, "document", "documents")}, {size(s.memoryBytes)}
              </span>
              <Button kind="quiet" aria-label={`End the session ${s.title}`} onPress={() => void end(endSession(s.id))}>
                End
              </Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Progress({ job }: { job: Schemas["Job"] }) {
  if (job.cells < 2) return <span className="by">{job.state}</span>;
  return (
    <ProgressBar aria-label="Cells done" value={job.done} maxValue={job.cells} className="progress" valueLabel={`${job.done} of ${job.cells}`}>
      {({ percentage }) => <span style={{ width: `${percentage ?? 0}%` }} />}
    </ProgressBar>
  );
}
