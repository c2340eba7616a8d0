/** A trace to take along: as data for other tools, or as a picture for a ticket. */
import { Button, Menu } from '@mantine/core';
import { IconBraces, IconDownload, IconPhoto, IconSchema, IconVectorTriangle } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { traceToMermaid } from '../../shared/trace-to-mermaid.ts';
import { traceToOtlp } from '../../shared/trace-to-otlp.ts';
import { client } from '../app/connection/client.ts';
import { useSiteStatus } from '../app/connection/connection-store.ts';
import { formatDuration } from '../kit/format.ts';
import { saveFile } from '../kit/save-file.ts';
import { tellDone, tellError } from '../kit/toasts.tsx';
import type { TraceModel } from './trace-model.ts';
import { type PictureColours, tracePicture } from './trace-svg.ts';
import type { ShownRow, TimeScale } from './waterfall.ts';

/** The picture shows the rows as they are on screen: filtered, closed and folded. */
export function ExportMenu({ model, rows, scale, title }: { model: TraceModel; rows: readonly ShownRow[]; scale: TimeScale; title: string }): ReactElement {
  const site = useSiteStatus();
  const { correlationId } = model.packed;
  const name = `trace-${correlationId.slice(0, 8)}`;
  const attempt = (what: string, work: () => Promise<void> | void): void =>
    void (async () => {
      try {
        await work();
        tellDone(t('Exported as {format}', { format: what }));
      } catch (error) {
        tellError(t('The trace could not be exported as {format}', { format: what }), error);
      }
    })();
  const picture = () => tracePicture(rows, scale, model.onPath, title, coloursOnScreen());
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={14} />}>
          {t('Export')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconBraces size={14} />} onClick={() => attempt('JSON', async () => saveFile(`${name}.json`, [JSON.stringify(await client.traces.get({ correlationId }), null, 2)], 'application/json'))}>
          {t('JSON: all events, jobs, attempts')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconBraces size={14} />}
          onClick={() => attempt('OTLP', () => saveFile(`${name}.otlp.json`, [JSON.stringify(traceToOtlp(model.timed, correlationId, { site: site?.site ?? 'unknown', version: site?.version ?? '0' }), null, 2)], 'application/json'))}
        >
          {t('OTLP JSON: spans for a tracing tool')}
        </Menu.Item>
        <Menu.Item leftSection={<IconSchema size={14} />} onClick={() => attempt('Mermaid', () => saveFile(`${name}.mmd`, [traceToMermaid(model.timed, formatDuration)], 'text/plain'))}>
          {t('Mermaid flowchart')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconVectorTriangle size={14} />} onClick={() => attempt('SVG', () => saveFile(`${name}.svg`, [picture().svg], 'image/svg+xml'))}>
          {t('SVG: as it is on screen')}
        </Menu.Item>
        <Menu.Item leftSection={<IconPhoto size={14} />} onClick={() => attempt('PNG', async () => saveFile(`${name}.png`, [await toPng(picture())], 'image/png'))}>
          {t('PNG: as it is on screen')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function coloursOnScreen(): PictureColours {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    surface: colour('--surface'), text: colour('--text'), quiet: colour('--text-quiet'), border: colour('--border'), waiting: colour('--bar-waiting'), running: colour('--bar-running'),
    failed: colour('--bar-failed'), retrying: colour('--tone-retrying'), critical: colour('--critical'),
  };
}

/** Twice the size, for sharp letters; less if a canvas can't be that high. */
async function toPng({ svg, width, height }: { svg: string; width: number; height: number }): Promise<Blob> {
  const image = new Image(width, height);
  // A data: address, since the page's policy allows no other source of pictures.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const factor = Math.min(2, 16_000 / height);
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * factor);
  canvas.height = Math.round(height * factor);
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(t('The picture is too large for this browser. Close some branches, or export it as SVG.')))), 'image/png');
  });
}
