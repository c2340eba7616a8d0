/** The frame of a page: its answer in one line of words, its tools, its content, and a side panel beside it. */
import { IconX } from '@tabler/icons-react';
import { createContext, type KeyboardEvent, type PointerEvent, type ReactElement, type ReactNode, useContext, useEffect, useRef, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';

interface PageProps {
  title: string;
  /** One line of words that answers this page's question. */
  answer: ReactNode;
  tools?: ReactNode;
  children: ReactNode;
  panel?: ReactNode;
  /** The content scrolls by itself (a list), so the page doesn't. */
  fixed?: boolean;
}

/** A page. The heading is the page's name; the answer stands beside it. */
export function Page({ title, answer, tools, children, panel, fixed = false }: PageProps): ReactElement {
  useEffect(() => {
    document.title = `${title} · Spine Console`;
  }, [title]);
  return (
    <div className="page">
      <header className="page-head">
        <div className="page-answer">
          <h1>{title}</h1>
          <p>{answer}</p>
        </div>
        {tools === undefined ? null : <div className="page-tools">{tools}</div>}
      </header>
      <div className="page-body">
        <div className={fixed ? 'page-content page-content-fixed' : 'page-content'}>{children}</div>
        {panel}
      </div>
    </div>
  );
}

const WIDTH_KEY = 'spine.panel-width';
const MIN_WIDTH = 320;
const MAX_WIDTH = 900;

function rememberedWidth(): number {
  try {
    const width = Number(localStorage.getItem(WIDTH_KEY));
    return width >= MIN_WIDTH && width <= MAX_WIDTH ? width : 440;
  } catch {
    return 440;
  }
}

interface SidePanelProps {
  title: ReactNode;
  label: string;
  onClose(): void;
  actions?: ReactNode;
  children: ReactNode;
}

/** Details beside a list. Escape closes it (see keyboard.ts), the edge drags. */
export function SidePanel({ title, label, onClose, actions, children }: SidePanelProps): ReactElement {
  const [width, setWidth] = useState(rememberedWidth);
  const drag = useRef<{ x: number; width: number } | null>(null);
  const resize = (next: number): void => {
    const bounded = Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, Math.min(next, window.innerWidth - 520)));
    setWidth(bounded);
    try {
      localStorage.setItem(WIDTH_KEY, String(bounded));
    } catch {
      // Not remembered, then.
    }
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    drag.current = { x: event.clientX, width };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    if (drag.current) resize(drag.current.width + drag.current.x - event.clientX);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.key === 'ArrowLeft') resize(width + 24);
    if (event.key === 'ArrowRight') resize(width - 24);
  };
  return (
    <aside className="side-panel" style={{ width }} aria-label={label}>
      <div
        className="side-panel-edge"
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an hr has no children and no keys
        role="separator"
        aria-orientation="vertical"
        aria-label={t('Width of the panel')}
        aria-valuenow={width}
        aria-valuemin={MIN_WIDTH}
        aria-valuemax={MAX_WIDTH}
        tabIndex={0}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={() => (drag.current = null)}
        onKeyDown={onKeyDown}
      />
      <header className="side-panel-head">
        <h2>{title}</h2>
        {actions}
        <button type="button" className="icon-button" aria-label={t('Close panel (Esc)')} title={t('Close (Esc)')} data-close-panel onClick={onClose}>
          <IconX size={16} />
        </button>
      </header>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <section className="side-panel-body" tabIndex={0} aria-label={t('{panel}, content', { panel: label })}>
        <SectionLevel value={3}>{children}</SectionLevel>
      </section>
    </aside>
  );
}

/** Level of the headings of sections: below the page's, or below the panel's. */
const SectionLevel = createContext<2 | 3>(2);

/** A titled part of a panel or page. */
export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }): ReactElement {
  const level = useContext(SectionLevel);
  return (
    <section className="section">
      <div className="section-head">
        {level === 2 ? <h2>{title}</h2> : <h3>{title}</h3>}
        {aside}
      </div>
      {children}
    </section>
  );
}

/** Names and values, one pair a line. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ReactNode])[] }): ReactElement {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
