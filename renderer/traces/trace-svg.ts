/** The waterfall as a picture that stands by itself: SVG with its colours written in. Pure. */
import { nameOf } from '../../shared/compare-traces.ts';
import { t } from '../../shared/i18n/translate.ts';
import { formatDuration } from '../kit/format.ts';
import { jobStateWord } from '../kit/status.tsx';
import { barWords } from './bar-words.ts';
import { type ShownRow, ticks, type TimeScale } from './waterfall.ts';

export interface PictureColours {
  readonly surface: string;
  readonly text: string;
  readonly quiet: string;
  readonly border: string;
  readonly waiting: string;
  readonly running: string;
  readonly failed: string;
  readonly retrying: string;
  readonly critical: string;
}

export interface Picture {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

const WIDTH = 1_400;
const ROW = 24;
const HEAD = 64;
const NAMES = 520;
const LANES = WIDTH - NAMES - 24;
/** A longer picture is of no use to anybody; the rest is said in words. */
export const MOST_PICTURED = 1_000;

/** @param title stands on top. */
export function tracePicture(rows: readonly ShownRow[], scale: TimeScale, onPath: ReadonlySet<number>, title: string, colours: PictureColours): Picture {
  const shown = rows.slice(0, MOST_PICTURED);
  const height = HEAD + shown.length * ROW + (rows.length > shown.length ? ROW : 0) + 16;
  const x = (moment: number): number => NAMES + scale.at(moment) * LANES;
  const parts: string[] = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="ui-monospace, monospace" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="${colours.surface}"/>`,
    `<text x="16" y="24" fill="${colours.text}" font-size="14" font-weight="600">${escaped(title)}</text>`,
  ];
  for (const { offset, left } of ticks(scale)) {
    const at = (NAMES + left * LANES).toFixed(1);
    parts.push(`<line x1="${at}" x2="${at}" y1="${HEAD - 18}" y2="${height - 12}" stroke="${colours.border}"/>`, `<text x="${at}" y="${HEAD - 24}" fill="${colours.quiet}">${offset === 0 ? '0' : formatDuration(offset)}</text>`);
  }
  for (const stretch of scale.stretches) {
    if (!stretch.folded) continue;
    const [left, width] = [NAMES + stretch.left * LANES, (stretch.right - stretch.left) * LANES];
    parts.push(
      `<rect x="${left.toFixed(1)}" y="${HEAD - 14}" width="${width.toFixed(1)}" height="${height - HEAD}" fill="${colours.border}" opacity="0.45"/>`,
      `<text x="${(left + width / 2).toFixed(1)}" y="${HEAD - 24}" fill="${colours.quiet}" text-anchor="middle">╱╱ ${formatDuration(stretch.to - stretch.from)} ╱╱</text>`,
    );
  }
  for (const [index, { node }] of shown.entries()) {
    const middle = HEAD + index * ROW + ROW / 2;
    const left = 16 + Math.min(node.depth, 16) * 16;
    const isJob = node.node.kind === 'job';
    parts.push(
      isJob ? `<rect x="${left}" y="${middle - 5}" width="9" height="9" rx="2" fill="none" stroke="${colours.text}" stroke-width="1.5"/>` : `<circle cx="${left + 5}" cy="${middle}" r="4" fill="${colours.text}"/>`,
      `<text x="${left + 17}" y="${middle + 4}" fill="${node.trouble === 'broken' ? colours.failed : colours.text}">${escaped(nameOf(node.node))}${node.node.kind === 'job' ? `<tspan fill="${colours.quiet}"> ${jobStateWord(node.node.job.state)}</tspan>` : ''}</text>`,
    );
    if (onPath.has(node.index)) parts.push(`<rect x="${x(node.begins).toFixed(1)}" y="${middle + 7}" width="${Math.max(2, x(node.ends) - x(node.begins)).toFixed(1)}" height="2" fill="${colours.critical}"/>`);
    for (const bar of node.bars) {
      const [from, width] = [x(bar.from), Math.max(1.5, x(bar.to) - x(bar.from))];
      const fill = bar.kind === 'failed' ? colours.failed : bar.kind === 'running' || bar.kind === 'done' ? colours.running : bar.kind === 'backoff' ? colours.retrying : colours.waiting;
      const thin = bar.kind === 'backoff' || bar.kind === 'relay';
      parts.push(`<rect x="${from.toFixed(1)}" y="${thin ? middle - 1 : middle - 5}" width="${width.toFixed(1)}" height="${thin ? 2 : 10}" fill="${fill}"><title>${escaped(barWords(bar))}, ${formatDuration(bar.to - bar.from)}</title></rect>`);
    }
    if (node.at !== null) parts.push(`<rect x="${(x(node.at) - 1).toFixed(1)}" y="${middle - 8}" width="3" height="16" rx="1.5" fill="${colours.text}"/>`);
  }
  if (rows.length > shown.length) parts.push(`<text x="16" y="${height - 20}" fill="${colours.quiet}">${t('and {n, number} more', { n: rows.length - shown.length })}</text>`);
  parts.push('</svg>');
  return { svg: parts.join('\n'), width: WIDTH, height };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
