import { useEffect, useState, type ReactNode } from "react";
import { Button } from "./Button";
import { Icon } from "./Icon";

/** Empty says in a sentence why there is nothing, and offers what to do about it. */
export function Empty({ icon, children, action }: { icon: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <Icon name={icon} className="big" />
      <p>{children}</p>
      {action}
    </div>
  );
}

/** Failed says what went wrong, and lets one try again. */
export function Failed({ message, retry }: { message: string; retry?: () => void }) {
  return (
    <div className="failed" role="alert">
      <Icon name="circle-alert" />
      <span>{message}</span>
      {retry && (
        <Button kind="plain" onPress={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Loading shows grey lines where what is loaded will be, once it takes longer than one notices. */
export function Loading({ lines = 6 }: { lines?: number }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300);
    return () => clearTimeout(timer);
  }, []);
  if (!late) return null;
  return (
    <div className="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} />
      ))}
    </div>
  );
}
