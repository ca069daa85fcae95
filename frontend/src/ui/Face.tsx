/** Face stands for somebody: two letters of the name in a colour that is theirs. */
export function Face({ name }: { name: string }) {
  return (
    <span className={`face tint-${tint(name)}`} aria-hidden="true">
      {initials(name)}
    </span>
  );
}

/** initials are the first letters of the first two words of a name or address. */
export function initials(name: string): string {
  const words = (name.split("@")[0] ?? "").split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return words
    .slice(0, 2)
    .map((word) => [...word][0]?.toUpperCase() ?? "")
    .join("");
}

/** tint is one of the eight colours. */
export function tint(name: string): number {
  let sum = 0;
  for (const c of name) sum = (sum * 31 + (c.codePointAt(0) ?? 0)) % 997;
  return (sum % 8) + 1;
}
