import { useMemo, type ReactNode } from "react";
import {
  Cell,
  Checkbox,
  Column,
  Row,
  Table,
  TableBody,
  TableHeader,
  TableLayout,
  useDragAndDrop,
  Virtualizer,
  type Selection,
  type SortDescriptor,
} from "react-aria-components";
import type { Resource } from "../../api/client";
import { addressOf } from "../../app/page";
import { Icon } from "../../ui/Icon";
import { IconButton } from "../../ui/Button";
import { size } from "../../ui/format";
import { Menu, type Action } from "../../ui/Menu";
import { Time } from "../../ui/Time";
import { useNarrow } from "../../ui/useNarrow";
import type { Column as SortColumn } from "./arrange";
import { dragType } from "./drag";
import { kinds, opens, titleOf } from "./kinds";
import { useNames } from "../../api/useNames";

const columns: { id: SortColumn; name: string; width?: number; min?: number; share?: string }[] = [
  { id: "name", name: "Name", share: "1fr", min: 180 },
  { id: "owner", name: "Owner", width: 160 },
  { id: "changed", name: "Changed", width: 140 },
  { id: "size", name: "Size", width: 84 },
];

export interface DocumentTableProps {
  label: string;
  items: Resource[];
  narrow: boolean;
  sort: SortDescriptor;
  onSort: (sort: SortDescriptor) => void;
  selected: Selection;
  onSelect: (selected: Selection) => void;
  actionsOf: (r: Resource) => (Action | null)[];
  onStar?: (r: Resource) => void;
  starred?: ReadonlySet<string>;
  /** onMove takes what was dragged onto a folder; absent: nothing is dragged. */
  onMove?: (ids: string[], to: Resource) => void;
  /** timeOf is the time that the list shows; absent: of the last change. */
  timeOf?: (r: Resource) => string;
  empty: ReactNode;
}

/** DocumentTable is a list of resources, of any length: keys, selection and dragging as in a file manager. */
export function DocumentTable(props: DocumentTableProps) {
  const { items, narrow } = props;
  const tiny = useNarrow(560);
  const shown = columns.filter((c) => c.id === "name" || (c.id === "changed" && !tiny) || !narrow);
  const owners = useMemo(() => items.slice(0, 5000).map((r) => r.owner), [items]);
  const nameOf = useNames(owners);
  const byId = useMemo(() => new Map(items.map((r) => [r.id, r])), [items]);
  const { dragAndDropHooks } = useDragAndDrop({
    isDisabled: !props.onMove,
    getItems: (dragged) => [...dragged].map((id) => ({ [dragType]: String(id), "text/plain": byId.get(String(id))?.name ?? "" })),
    acceptedDragTypes: [dragType],
    getDropOperation: (target, types) =>
      target.type === "item" && target.dropPosition === "on" && types.has(dragType) && byId.get(String(target.key))?.type === "folder" ? "move" : "cancel",
    async onItemDrop(e) {
      const to = byId.get(String(e.target.key));
      const ids = await Promise.all(e.items.map((item) => (item.kind === "text" ? item.getText(dragType) : "")));
      if (to) props.onMove?.(ids.filter((id) => id && id !== to.id), to);
    },
  });
  return (
    <Virtualizer layout={TableLayout} layoutOptions={{ rowHeight: 36, headingHeight: 36 }}>
      <Table
        aria-label={props.label}
        className="table"
        selectionMode="multiple"
        selectionBehavior="toggle"
        selectedKeys={props.selected}
        onSelectionChange={props.onSelect}
        sortDescriptor={props.sort}
        onSortChange={props.onSort}
        dragAndDropHooks={dragAndDropHooks}
      >
        <TableHeader>
          <Column width={40} minWidth={40} className="check">
            <Check label="all" />
          </Column>
          {shown.map((c) => (
            <Column key={c.id} id={c.id} allowsSorting isRowHeader={c.id === "name"} {...(c.width ? { width: c.width } : { width: "1fr" as const, minWidth: c.min ?? 120 })} className={c.id}>
              {({ sortDirection }) => (
                <span className="head">
                  {c.name}
                  {sortDirection && <Icon name={sortDirection === "ascending" ? "arrow-up" : "arrow-down"} />}
                </span>
              )}
            </Column>
          ))}
          <Column width={76} minWidth={76} className="tools">
            <span className="unseen">Actions</span>
          </Column>
        </TableHeader>
        <TableBody items={items} dependencies={[narrow, tiny, nameOf, props.selected, props.starred]} renderEmptyState={() => props.empty}>
          {(r) => (
            <Row
              id={r.id}
              textValue={titleOf(r)}
              className="row"
              {...(opens(r) ? { href: addressOf(r.id), routerOptions: { within: r.type === "folder" } } : {})}
            >
              <Cell className="check">
                <Check label={titleOf(r)} />
              </Cell>
              {shown.map((c) => (
                <Cell key={c.id} className={c.id}>
                  {content(c.id, r, nameOf, props)}
                </Cell>
              ))}
              <Cell className="tools">
                {props.onStar && (
                  <IconButton
                    icon="star"
                    label={props.starred?.has(r.id) ? `Take the star off ${titleOf(r)}` : `Star ${titleOf(r)}`}
                    aria-pressed={props.starred?.has(r.id) ?? false}
                    onPress={() => props.onStar?.(r)}
                  />
                )}
                <Menu label={`Actions on ${titleOf(r)}`} trigger={<IconButton icon="ellipsis" label={`Actions on ${titleOf(r)}`} />} actions={props.actionsOf(r)} />
              </Cell>
            </Row>
          )}
        </TableBody>
      </Table>
    </Virtualizer>
  );
}

function Check({ label }: { label: string }) {
  return (
    <Checkbox slot="selection" className="checkbox" aria-label={`Select ${label}`}>
      {({ isSelected, isIndeterminate }) => <span className="box">{isSelected ? <Icon name="check" /> : isIndeterminate ? "–" : null}</span>}
    </Checkbox>
  );
}

function content(column: SortColumn, r: Resource, nameOf: (member: string) => string, props: DocumentTableProps): ReactNode {
  switch (column) {
    case "name":
      return (
        <span className="name">
          <Icon name={kinds[r.type].icon} />
          <span className="unseen">{kinds[r.type].name}: </span>
          <span className="text" title={r.name}>
            {titleOf(r)}
          </span>
          {r.problem && (
            <span className="chip warn" title={r.problem}>
              cannot be read
            </span>
          )}
          {r.tags?.map((tag) => (
            <span key={tag} className="chip">
              {tag}
            </span>
          ))}
        </span>
      );
    case "owner":
      return nameOf(r.owner);
    case "type":
      return kinds[r.type].name;
    case "changed":
      return <Time at={props.timeOf?.(r) ?? r.updatedAt} />;
    case "size":
      return r.size === undefined ? null : size(r.size);
  }
}
