import type { ReactNode } from "react";
import { Button } from "../../ui/Button";
import { tell } from "../../ui/toast";

/** Once shows an address that is told this once; what it is stands before it. */
export function Once({ address, children }: { address: string; children: ReactNode }) {
  return (
    <div className="banner good" role="status">
      <p>{children}</p>
      <div className="line">
        <input aria-label="The link" readOnly value={address} onFocus={(e) => e.currentTarget.select()} />
        <Button icon="copy" onPress={() => void navigator.clipboard.writeText(address).then(() => tell("Link copied"), () => undefined)}>
          Copy
        </Button>
      </div>
    </div>
  );
}
