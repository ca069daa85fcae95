import { Button, TreeItemContent } from "react-aria-components";
import { Icon } from "./Icon";

/** TreeRow is what an item of a tree shows: how deep it is, whether it can be unfolded, a picture and a name. */
export function TreeRow({ icon, name }: { icon: string; name: string }) {
  return (
    <TreeItemContent>
      {({ hasChildItems, level }) => (
        <span className="tree-row" style={{ paddingInlineStart: `${(level - 1) * 16 + 4}px` }}>
          {hasChildItems ? (
            <Button slot="chevron" className="chevron">
              <Icon name="chevron-right" />
            </Button>
          ) : (
            <span className="chevron" />
          )}
          <Icon name={icon} />
          <span className="text">{name}</span>
        </span>
      )}
    </TreeItemContent>
  );
}
