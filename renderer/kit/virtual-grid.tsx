/* oxlint-disable jsx-a11y/prefer-tag-over-role, jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- rows are placed absolutely, which table elements don't allow; keys come through list-focus.ts; the table's role is chosen by its props */
/** A table of any length: only the rows in view exist, and it is still a table to a screen reader and to the keyboard. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type KeyboardEvent, memo, type ReactElement, type ReactNode, type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { t } from '../../shared/i18n/translate.ts';
import { registerList } from './list-focus.ts';

export interface GridColumn<Row> {
  readonly id: string;
  /** A message, or elements. */
  readonly header: ReactNode;
  /** A CSS grid track: "90px", "minmax(160px, 1fr)". */
  readonly width: string;
  readonly align?: 'right';
  /** Left out when the table is narrow (a panel is open beside it). */
  readonly wideOnly?: boolean;
  cell(row: Row, index: number): ReactNode;
}

interface VirtualGridProps<Row> {
  label: string;
  columns: readonly GridColumn<Row>[];
  count: number;
  rowAt(index: number): Row | undefined;
  keyOf(row: Row): string;
  onOpen(row: Row): void;
  /** Key of the row whose details are open. */
  selected?: string | undefined;
  /** Rows in all, if there are more than are loaded. */
  total?: number | undefined;
  rowHeight?: number;
  /** Rows kept ready above and below what is in view. */
  overscan?: number;
  /** Elements of rows that leave are used again for those that come: for tens of thousands of rows whose cells keep nothing to themselves. */
  recycle?: boolean;
  rowClass?(row: Row): string | undefined;
  /** Keys of the rows that are picked for an action; a column of boxes shows them, `x` toggles the active one. */
  picked?: ReadonlySet<string> | undefined;
  onPick?(row: Row): void;
  /** The rows are a tree in reading order: depth from 1, and whether a row with children is open. */
  treeOf?(row: Row): { level: number; expanded: boolean | undefined };
  /** Open or close the branch of a row of a tree: the arrow keys to the right and to the left. */
  onExpand?(row: Row, open: boolean): void;
  /** First and last row in view, for whoever draws the whole. */
  onRange?(first: number, last: number): void;
  /** Change it to bring that row into view; `stamp` tells two wishes for the same row apart. */
  reveal?: { readonly index: number; readonly stamp: number } | undefined;
  /** The last row came into view. */
  onEnd?(): void;
  onAtTop?(atTop: boolean): void;
  /** Change it to go back to the first row. */
  toTop?: number;
  empty?: ReactNode;
  footer?: ReactNode;
  header?: boolean;
}

const SCROLL_KEYS: Record<string, (box: HTMLElement) => number> = {
  PageDown: (box) => box.scrollTop + box.clientHeight,
  PageUp: (box) => box.scrollTop - box.clientHeight,
  Home: () => 0,
  End: (box) => box.scrollHeight,
};

/** Below this width, px, columns that are `wideOnly` give way. */
const NARROW = 860;

function boxColumn<Row>(picked: ReadonlySet<string>, keyOf: (row: Row) => string, onPick: (row: Row) => void): GridColumn<Row> {
  return {
    id: 'picked', header: <span className="unseen">{t('Picked')}</span>, width: '18px',
    cell: (row) => (
      <input
        type="checkbox"
        className="grid-box"
        tabIndex={-1}
        aria-label={t('Pick (x)')}
        checked={picked.has(keyOf(row))}
        onChange={() => onPick(row)}
        onClick={(event) => event.stopPropagation()}
      />
    ),
  };
}

const rowId = (key: string): string => `row-${key}`;

interface GridRowProps {
  row: unknown;
  columns: readonly GridColumn<unknown>[];
  rowKey: string;
  index: number;
  /** px from the top of the first row. */
  start: number;
  height: number;
  level: number | undefined;
  expanded: boolean | undefined;
  look: string | undefined;
  selected: boolean;
  active: boolean;
  onPress(key: string, row: unknown): void;
}

/** One row. While a table scrolls, most rows stay what they were: they are not rendered again. */
const GridRow = memo(function GridRow({ row, columns, rowKey, index, start, height, level, expanded, look, selected, active, onPress }: GridRowProps): ReactElement {
  const classes = ['grid-row', look, selected ? 'is-selected' : undefined, active ? 'is-active' : undefined];
  return (
    <div
      id={rowId(rowKey)}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={selected}
      aria-level={level}
      aria-expanded={expanded}
      className={classes.filter(Boolean).join(' ')}
      style={{ height, transform: `translateY(${start}px)` }}
      onClick={() => onPress(rowKey, row)}
    >
      {columns.map((column) => (
        <div key={column.id} role="gridcell" className={column.align === 'right' ? 'right' : undefined}>
          {column.cell(row, index)}
        </div>
      ))}
    </div>
  );
});

/** What stands in a table and is no row of it. A link or button in it must be in a cell, or a screen reader doesn't find it. */
function Aside({ className, children }: { className?: string; children: ReactNode }): ReactElement {
  return (
    <div role="rowgroup">
      <div role="row">
        <div role="gridcell" className={className}>{children}</div>
      </div>
    </div>
  );
}

/** Is there room for the columns that a table needs most only? Known before the first frame is drawn, and before each with another width, so that no column comes and goes. */
function useNarrow(box: RefObject<HTMLElement | null>): boolean {
  const [narrow, setNarrow] = useState(false);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const isNarrow = (): boolean => element.clientWidth > 0 && element.clientWidth < NARROW;
    // oxlint-disable-next-line react/set-state-in-effect -- only what is laid out has a width; rendered once more before anything is drawn
    setNarrow(isNarrow());
    let before = isNarrow();
    const observer = new ResizeObserver(() => {
      if (isNarrow() === before) return;
      before = !before;
      flushSync(() => setNarrow(before));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return narrow;
}

/** See the props. Rows are addressed by key, so the active row stays the same row while others arrive. */
export function VirtualGrid<Row>(props: VirtualGridProps<Row>): ReactElement {
  const { count, rowAt, keyOf, onOpen, onPick, picked, selected, rowHeight = 30, onEnd, onAtTop } = props;
  const box = useRef<HTMLDivElement>(null);
  const narrow = useNarrow(box);
  const given = props.columns;
  const fitting = useMemo(() => (narrow ? given.filter(({ wideOnly }) => wideOnly !== true) : given), [given, narrow]);
  const columns = picked === undefined || onPick === undefined ? fitting : [boxColumn(picked, keyOf, onPick), ...fitting];
  const scroller = useRef<HTMLDivElement>(null);
  const [activeKey, setActiveKey] = useState<string | null>(null);
  // oxlint-disable-next-line react/incompatible-library -- we don't compile; nothing memoises what it returns
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: props.overscan ?? 12,
    // No key of the rows' own: a new function at every render would have it measure tens of thousands of rows anew.
  });
  const items = virtualizer.getVirtualItems();
  const lastIndex = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (count > 0 && lastIndex >= count - 1) onEnd?.();
  }, [lastIndex, count, onEnd]);
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [props.toTop]);

  // As many elements as rows are ever rendered at a time, and a few to spare: any two of those have places of their own.
  const slots = Math.ceil((virtualizer.scrollRect?.height ?? 0) / rowHeight) + 2 * (props.overscan ?? 12) + 4;
  const { onRange, reveal } = props;
  const firstSeen = virtualizer.range?.startIndex ?? 0;
  const lastSeen = virtualizer.range?.endIndex ?? 0;
  useEffect(() => onRange?.(firstSeen, lastSeen), [onRange, firstSeen, lastSeen]);
  useEffect(() => {
    if (reveal !== undefined && reveal.index >= 0) virtualizer.scrollToIndex(reveal.index, { align: 'auto' });
  }, [reveal, virtualizer]);

  // The keyboard reads the newest values without registering anew at every render.
  const now = useRef({ count, rowAt, keyOf, onOpen, onPick, onExpand: props.onExpand, activeKey, selected });
  useLayoutEffect(() => {
    now.current = { count, rowAt, keyOf, onOpen, onPick, onExpand: props.onExpand, activeKey, selected };
  });
  useEffect(() => {
    const indexOfActive = (): number => {
      const { count: n, rowAt: at, keyOf: key, activeKey: wanted, selected: open } = now.current;
      for (let index = 0; index < n; index++) {
        const row = at(index);
        if (row !== undefined && key(row) === (open ?? wanted)) return index;
      }
      return -1;
    };
    return registerList({
      move(by) {
        const { count: n, rowAt: at, keyOf: key, onOpen: open, selected: isOpen } = now.current;
        if (n === 0) return;
        const index = Math.min(n - 1, Math.max(0, indexOfActive() + by));
        const row = at(index);
        if (row === undefined) return;
        setActiveKey(key(row));
        // Enter belongs to the row from now on, no more to the button that was pressed last.
        scroller.current?.parentElement?.focus({ preventScroll: true });
        virtualizer.scrollToIndex(index);
        if (isOpen !== undefined) open(row);
      },
      open() {
        const row = now.current.rowAt(indexOfActive());
        if (row !== undefined) now.current.onOpen(row);
      },
      pick() {
        const row = now.current.rowAt(indexOfActive());
        if (row !== undefined) now.current.onPick?.(row);
      },
      expand(open) {
        const row = now.current.rowAt(indexOfActive());
        if (row !== undefined) now.current.onExpand?.(row, open);
      },
    });
  }, [virtualizer]);

  // The table has the focus, its rows scroll: these keys would otherwise do nothing.
  const onKeyDown = (event: KeyboardEvent): void => {
    const box = scroller.current;
    const to = box ? SCROLL_KEYS[event.key]?.(box) : undefined;
    if (!box || to === undefined || event.target !== event.currentTarget) return;
    event.preventDefault();
    box.scrollTo({ top: to });
  };

  const press = useCallback((key: string, row: unknown) => {
    // A person who is selecting text to copy it did not mean to open the row.
    if (window.getSelection()?.isCollapsed === false) return;
    setActiveKey(key);
    now.current.onOpen(row as Row);
  }, []);
  const template = columns.map((column) => column.width).join(' ');
  const activeInView = activeKey !== null && items.some(({ index }) => {
    const row = rowAt(index);
    return row !== undefined && keyOf(row) === activeKey;
  });
  return (
    <div
      ref={box}
      className="grid"
      role={props.treeOf ? 'treegrid' : 'grid'}
      aria-label={props.label}
      aria-rowcount={props.total ?? count}
      aria-activedescendant={activeInView ? rowId(activeKey) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      style={{ '--grid-columns': template } as CSSProperties}
    >
      {props.header === false ? null : (
        <div role="rowgroup" className="grid-head">
          <div role="row" className="grid-row">
            {columns.map((column) => (
              <div key={column.id} role="columnheader" className={column.align === 'right' ? 'right' : undefined}>
                {typeof column.header === 'string' ? t(column.header) : column.header}
              </div>
            ))}
          </div>
        </div>
      )}
      <div
        ref={scroller}
        className="grid-scroll"
        // A group of rows must have rows; without, it is no part of the grid, which nothing focusable may pretend to be.
        role={count > 0 ? 'rowgroup' : 'presentation'}
        tabIndex={count > 0 ? -1 : undefined}
        onScroll={(event) => onAtTop?.(event.currentTarget.scrollTop < 4)}
      >
        <div role="presentation" className="grid-space" style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => {
            const row = rowAt(item.index);
            if (row === undefined) return null;
            const key = keyOf(row);
            const tree = props.treeOf?.(row);
            return (
              <GridRow
                key={props.recycle === true ? item.index % slots : key}
                row={row}
                columns={columns as readonly GridColumn<unknown>[]}
                rowKey={key}
                index={item.index}
                start={item.start}
                height={rowHeight}
                level={tree?.level}
                expanded={tree?.expanded}
                look={props.rowClass?.(row)}
                selected={key === selected}
                active={key === activeKey}
                onPress={press}
              />
            );
          })}
        </div>
        {count === 0 ? <Aside>{props.empty}</Aside> : null}
      </div>
      {props.footer === undefined ? null : <Aside className="grid-foot">{props.footer}</Aside>}
    </div>
  );
}
