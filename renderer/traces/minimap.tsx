/** The whole trace on a strip: time from left to right, rows from top to bottom, and which part of it the table shows. */
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { type PointerEvent, type ReactElement, type RefObject, useEffect, useImperativeHandle, useRef } from 'react';
import type { ShownRow, TimeScale } from './waterfall.ts';

const HEIGHT = 56;

/** Moves the frame around the part in view, without rendering anything. */
export interface MinimapView {
  show(first: number, last: number): void;
}

interface MinimapProps {
  rows: readonly ShownRow[];
  scale: TimeScale;
  onPath: ReadonlySet<number>;
  /** Gets to know which rows are in view, many times a second while the table scrolls. */
  view: RefObject<MinimapView | null>;
  onGo(index: number): void;
}

/** Press or drag to go there. The keyboard has the table itself, so the strip is left out of its way. */
export function Minimap({ rows, scale, onPath, view, onGo }: MinimapProps): ReactElement {
  const frame = useRef<HTMLSpanElement>(null);
  const seen = useRef<readonly [number, number]>([0, 0]);
  const count = rows.length;
  useImperativeHandle(view, () => {
    const show = (first: number, last: number): void => {
      seen.current = [first, last];
      if (!frame.current) return;
      frame.current.style.top = share(first, count);
      frame.current.style.height = share(Math.max(1, last - first + 1), count);
    };
    show(...seen.current);
    return { show };
  }, [count]);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { ref: measure, width } = useElementSize<HTMLCanvasElement>();
  const ref = useMergedRef(canvas, measure);
  // The colours are read when it is drawn: another scheme draws it anew.
  const scheme = useComputedColorScheme();
  useEffect(() => {
    if (canvas.current && width > 0) draw(canvas.current, width, { rows, scale, onPath, scheme });
  }, [rows, scale, onPath, width, scheme]);
  const go = (event: PointerEvent<HTMLDivElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    onGo(Math.min(rows.length - 1, Math.max(0, Math.floor(((event.clientY - box.top) / box.height) * rows.length))));
  };
  return (
    <div
      className="minimap"
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) go(event);
      }}
    >
      <canvas ref={ref} className="minimap-canvas" height={HEIGHT} />
      <span ref={frame} className="minimap-view" />
    </div>
  );
}

function share(index: number, count: number): string {
  return `${((index / Math.max(1, count)) * 100).toFixed(3)}%`;
}

function draw(canvas: HTMLCanvasElement, width: number, { rows, scale, onPath, scheme }: Pick<MinimapProps, 'rows' | 'scale' | 'onPath'> & { scheme: 'light' | 'dark' }): void {
  const ratio = window.devicePixelRatio;
  canvas.dataset.scheme = scheme;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(HEIGHT * ratio);
  const context = canvas.getContext('2d');
  if (!context) return;
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const colours = { waiting: colour('--bar-waiting'), backoff: colour('--bar-waiting'), relay: colour('--bar-waiting'), running: colour('--bar-running'), done: colour('--bar-ok'), failed: colour('--bar-failed') };
  const moment = colour('--text-quiet');
  const accent = colour('--critical');
  context.scale(ratio, ratio);
  const rowHeight = HEIGHT / Math.max(rows.length, HEIGHT / 4);
  const height = Math.max(0.75, Math.min(3, rowHeight * 0.7));
  // Faint first, what matters last: where many rows share a pixel, trouble must not be painted over.
  const layers = [['relay', 'waiting', 'backoff'], ['done', 'running'], ['failed']] as const;
  for (const layer of layers) {
    // Waiting fills most of a crowded map: it stays in the background.
    context.globalAlpha = layer[0] === 'relay' && rows.length > 2 * HEIGHT ? 0.3 : 1;
    for (const [index, { node }] of rows.entries()) {
      const top = index * rowHeight;
      for (const bar of node.bars) {
        if (!(layer as readonly string[]).includes(bar.kind)) continue;
        const left = scale.at(bar.from) * width;
        context.fillStyle = colours[bar.kind];
        context.fillRect(left, top, Math.max(1, scale.at(bar.to) * width - left), bar.kind === 'failed' ? Math.max(1.5, height) : height);
      }
      if (layer[0] === 'done' && node.at !== null) {
        context.fillStyle = moment;
        context.fillRect(scale.at(node.at) * width, top, 1, height);
      }
    }
  }
  context.globalAlpha = 1;
  context.fillStyle = accent;
  for (const [index, { node }] of rows.entries()) {
    if (!onPath.has(node.index)) continue;
    const left = scale.at(node.begins) * width;
    context.fillRect(left, index * rowHeight + height, Math.max(1.5, scale.at(node.ends) * width - left), 1.25);
  }
}
