import { createContext, memo, useContext, useLayoutEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from "react";
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
import { RowButton } from "../../ui/Button";
import { size } from "../../ui/format";
import { MenuAt, type Action } from "../../ui/Menu";
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

/** Around is what cells show that may change while their rows do not: it is read where it is shown, since rows are many. */
interface Around {
  props: DocumentTableProps;
  nameOf: (member: string) => string;
  /** menu is whose actions are open. */
  menu: string;
  openMenu: (r: Resource, button: HTMLElement) => void;
}

const AroundRows = createContext<Around | null>(null);

function useAround(): Around {
  const around = useContext(AroundRows);
  if (!around) throw new Error("a cell outside of its table");
  return around;
}

/** DocumentTable is a list of resources, of any length: keys, selection and dragging as in a file manager. */
export function DocumentTable(props: DocumentTableProps) {
  const { items, narrow, sort } = props;
  const owners = useMemo(() => (narrow ? [] : items.slice(0, 5000).map((r) => r.owner)), [items, narrow]);
  const nameOf = useNames(owners);
  const [menu, setMenu] = useState("");
  const button = useRef<Element>(null);
  const acted = menu ? items.find((r) => r.id === menu) : undefined;
  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });
  const around: Around = {
    props,
    nameOf,
    menu,
    openMenu(r, from) {
      button.current = from;
      from.focus(); // where the focus comes back to; not every browser gives it to what is clicked
      setMenu(r.id);
    },
  };
  return (
    <AroundRows value={around}>
      <Rows label={props.label} items={items} narrow={narrow} column={sort.column} direction={sort.direction} selected={props.selected} moves={props.onMove !== undefined} latest={latest} />
      {acted && <MenuAt at={button} label={`Actions on ${titleOf(acted)}`} actions={props.actionsOf(acted)} onClose={() => setMenu("")} />}
    </AroundRows>
  );
}

interface RowsProps extends Pick<DocumentTableProps, "label" | "items" | "narrow" | "selected">, SortDescriptor {
  moves: boolean;
  /** latest is what to call. */
  latest: RefObject<DocumentTableProps>;
}

/** few is how many rows are drawn all at once, since that takes less than to find out which are in view; drawn so, up to most stay so. */
const few = 60;
const most = 200;

/** Rows is the table itself. Drawing it takes long where there are many rows, so it is drawn anew only for what it is given. */
const Rows = memo(function Rows({ label, items, narrow, column, direction, selected, moves, latest }: RowsProps) {
  const tiny = useNarrow(560);
  const [whole, setWhole] = useState(items.length <= few);
  if (whole && items.length > most) setWhole(false);
  const shown = columns.filter((c) => c.id === "name" || (c.id === "changed" && !tiny) || !narrow);
  const byId = useMemo(() => new Map(items.map((r) => [r.id, r])), [items]);
  const { dragAndDropHooks } = useDragAndDrop({
    isDisabled: !moves,
    getItems: (dragged) => [...dragged].map((id) => ({ [dragType]: String(id), "text/plain": byId.get(String(id))?.name ?? "" })),
    acceptedDragTypes: [dragType],
    getDropOperation: (target, types) =>
      target.type === "item" && target.dropPosition === "on" && types.has(dragType) && byId.get(String(target.key))?.type === "folder" ? "move" : "cancel",
    async onItemDrop(e) {
      const to = byId.get(String(e.target.key));
      const ids = await Promise.all(e.items.map((item) => (item.kind === "text" ? item.getText(dragType) : "")));
      if (to) latest.current.onMove?.(ids.filter((id) => id && id !== to.id), to);
    },
  });
  const table = (
    <Table
      aria-label={label}
      className={whole ? "table whole" : "table"}
      selectionMode="multiple"
      selectionBehavior="toggle"
      selectedKeys={selected}
      onSelectionChange={(keys) => latest.current.onSelect(keys)}
      sortDescriptor={{ column, direction }}
      onSortChange={(sort) => latest.current.onSort(sort)}
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
      <TableBody items={items} dependencies={[narrow, tiny]} renderEmptyState={() => <Nothing />}>
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
                <Content column={c.id} of={r} />
              </Cell>
            ))}
            <Cell className="tools">
              <Tools of={r} />
            </Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
  return whole ? (
    table
  ) : (
    <Virtualizer layout={TableLayout} layoutOptions={{ rowHeight: 36, headingHeight: 36 }}>
      {table}
    </Virtualizer>
  );
});

const Nothing = () => useAround().props.empty;

function Tools({ of: r }: { of: Resource }) {
  const { props, menu, openMenu } = useAround();
  const starred = props.starred?.has(r.id) ?? false;
  return (
    <>
      {props.onStar && <RowButton icon="star" label={starred ? `Take the star off ${titleOf(r)}` : `Star ${titleOf(r)}`} aria-pressed={starred} onPress={() => props.onStar?.(r)} />}
      <RowButton icon="ellipsis" label={`Actions on ${titleOf(r)}`} aria-haspopup="menu" aria-expanded={menu === r.id} onPress={(button) => openMenu(r, button)} />
    </>
  );
}

function Check({ label }: { label: string }) {
  return (
    <Checkbox slot="selection" className="checkbox" aria-label={`Select ${label}`}>
      {({ isSelected, isIndeterminate }) => <span className="box">{isSelected ? <Icon name="check" /> : isIndeterminate ? "–" : null}</span>}
    </Checkbox>
  );
}

function Content({ column, of: r }: { column: SortColumn; of: Resource }): ReactNode {
  const { nameOf, props } = useAround();
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
