import { longTime, shortTime } from "./format";

/** Time is a moment, short; all of it when pointed at. */
export function Time({ at }: { at: string }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={longTime(date)}>
      {shortTime(date, new Date())}
    </time>
  );
}
